package boxtest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
	"downbeat.local/midi"
	"downbeat.local/midi/miditest"
)

// keyStep is a keyboard of a common make.
var keyStep = miditest.USB{Place: "1-1.2", Vendor: "1c75", Product: "0288", Serial: "SN0042", Name: "KeyStep 32"}

// configOf is the config of a box on a test's machine.
func configOf(m *miditest.Machine) appliance.Config {
	return appliance.Config{MIDI: &midi.System{Devices: m.Devices, Sys: m.Sys, Proc: m.Proc}}
}

// keyboardBox is a box with one room, on a machine that keyboards are plugged
// into.
type keyboardBox struct {
	*box
	machine *miditest.Machine
}

// openForKeyboards opens a box for keyboards, and its room MUSIC-2024 with a
// teacher.
func openForKeyboards(t *testing.T) (b keyboardBox, teacher *client) {
	t.Helper()
	m := miditest.New(t)
	m.Describe("midiC1D0", keyStep)
	b = keyboardBox{openBox(t, configOf(m)), m}
	b.open("MUSIC-2024")
	return b, b.teacher("MUSIC-2024")
}

// plug plugs a keyboard in, and waits until it plays in the room.
func (b keyboardBox) plug() (*miditest.Keyboard, room.Keyboard) {
	b.t.Helper()
	k := b.machine.Plug("midiC1D0")
	return k, b.keyboardIn("MUSIC-2024")
}

// keyboards waits until the list that the teacher sees is as it should be, and
// returns it.
func (b *box) keyboards(what string, is func([]room.Keyboard) bool) []room.Keyboard {
	b.t.Helper()
	return b.ports(what, func(r web.KeyboardsReply) bool { return is(r.Keyboards) }).Keyboards
}

// ports waits until the MIDI ports that the teacher sees are as they should be, and
// returns them.
func (b *box) ports(what string, are func(web.KeyboardsReply) bool) web.KeyboardsReply {
	b.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		var reply web.KeyboardsReply
		if status := b.staffCall("GET", "/box/v1/keyboards", object{}, &reply); status != http.StatusOK {
			b.t.Fatalf("the ports: %d", status)
		}
		if are(reply) {
			return reply
		}
		select {
		case <-tick.C:
		case <-late:
			b.t.Fatalf("not %s: %+v", what, reply)
		}
	}
}

// keyboardIn waits until the only keyboard plays in a room, which may be none.
func (b *box) keyboardIn(code string) room.Keyboard {
	b.t.Helper()
	return b.keyboards("in room "+code, func(all []room.Keyboard) bool {
		return len(all) == 1 && all[0].Room == code && (code == "" || all[0].StudentID != "")
	})[0]
}

// assign sends a keyboard to a room.
func (b *box) assign(id, code string) int {
	b.t.Helper()
	return b.staffCall("POST", "/box/v1/keyboards", web.AssignRequest{ID: id, Room: &code}, nil)
}

// assignSoon sends a keyboard to a room as soon as it is open: it is listed when its
// file appears, a moment earlier.
func (b *box) assignSoon(id, code string) {
	b.t.Helper()
	b.keyboards("assigned", func([]room.Keyboard) bool { return b.assign(id, code) == http.StatusOK })
}

// press and lift are what a keyboard sends.
func press(key byte) []byte { return []byte{midi.NoteOn, key, 100} }
func lift(key byte) []byte  { return []byte{midi.NoteOff, key, 64} }

func TestAKeyboardPlaysInTheOnlyRoom(t *testing.T) {
	t.Parallel()
	b, plain := openForKeyboards(t)
	framed := b.frames("MUSIC-2024")
	k, seat := b.plug()
	if seat.Name != "KeyStep 32" || seat.Problem != "" {
		t.Errorf("the teacher sees %+v", seat)
	}
	k.Send(press(60)...)
	if on := plain.nextNote("student_note"); on.ID != seat.StudentID || on.Note != 60 || on.Velocity != 100 {
		t.Errorf("a plain client gets %+v", on)
	}
	if on := framed.event(); on.Note != 60 || on.Velocity != 100 {
		t.Errorf("a page gets %+v", on)
	}
	b.keyboards("playing", func(all []room.Keyboard) bool { return all[0].Playing })
	k.Send(lift(60)...)
	if off := plain.nextNote("student_note_off"); off.ID != seat.StudentID || off.Note != 60 {
		t.Errorf("a plain client gets %+v", off)
	}
	member := plain.member(seat.StudentID)
	if member.MIDI != "KeyStep 32" || member.Role != room.RoleStudent || !member.Online {
		t.Errorf("the room has %+v", member)
	}
}

// member is a member of the client's room.
func (c *client) member(id string) room.Member {
	c.t.Helper()
	for _, m := range c.resync().Members {
		if m.ID == id {
			return m
		}
	}
	c.t.Fatalf("the room has no member %s", id)
	return room.Member{}
}

func TestPresenceShowsAKeyboard(t *testing.T) {
	t.Parallel()
	b, teacher := openForKeyboards(t)
	k, seat := b.plug()
	id := seat.StudentID
	meta := teacher.present(id)
	if meta["midi"] != "KeyStep 32" || meta["role"] != "student" || meta["seat"] == nil || meta["muted"] != false {
		t.Errorf("presence shows %v", meta)
	}
	teacher.must("mute_student", object{"student_id": id, "muted": true})
	if meta := teacher.present(id); meta["muted"] != true || meta["midi"] != "KeyStep 32" {
		t.Errorf("presence shows %v", meta)
	}
	k.Unplug()
	teacher.await("the keyboard's leave", func(msg message) bool {
		var diff struct{ Joins, Leaves metas }
		if msg.event != "presence_diff" {
			return false
		}
		msg.into(&diff)
		for key, left := range diff.Leaves {
			if left.Metas[0]["student_id"] == id && diff.Joins[key].Metas == nil {
				return true
			}
		}
		return false
	})
}

// present waits for the next presence_diff about a member, and returns its meta.
func (c *client) present(id string) (meta object) {
	c.t.Helper()
	c.await("presence of "+id, func(msg message) bool {
		var diff struct{ Joins metas }
		if msg.event != "presence_diff" {
			return false
		}
		msg.into(&diff)
		for _, joined := range diff.Joins {
			if joined.Metas[0]["student_id"] == id {
				meta = joined.Metas[0]
			}
		}
		return meta != nil
	})
	return meta
}

// A client cannot pass for a keyboard.
func TestPresenceOfAClientThatSaysItIsAKeyboard(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	zoe.push(zoe.topic, "presence", object{"type": "presence", "event": "track", "payload": object{"midi": "KeyStep 32", "mood": "curious"}})
	for {
		meta := teacher.present(zoe.id)
		if meta["mood"] == nil {
			continue // of the join
		}
		if shown, ok := meta["midi"]; ok {
			t.Errorf("presence shows midi %v", shown)
		}
		return
	}
}

func TestAKeyboardIsUnpluggedMidNote(t *testing.T) {
	t.Parallel()
	b, teacher := openForKeyboards(t)
	var id string
	for round := range byte(3) {
		k, seat := b.plug()
		if round > 0 && seat.StudentID != id {
			t.Errorf("it comes back as %s, was %s", seat.StudentID, id)
		}
		id = seat.StudentID
		k.Send(press(60 + round)...)
		k.Send(press(70 + round)...)
		teacher.nextNote("student_note")
		teacher.nextNote("student_note")
		k.Unplug()
		ended := map[int]bool{}
		for range 2 {
			ended[int(teacher.nextNote("student_note_off").Note)] = true
		}
		if !ended[int(60+round)] || !ended[int(70+round)] {
			t.Errorf("ended %v", ended)
		}
		b.keyboards("empty", func(all []room.Keyboard) bool { return len(all) == 0 })
	}
}

// What a sound module does with the bytes of a keyboard, the room does.
func TestAKeyboardHasAPedal(t *testing.T) {
	t.Parallel()
	b, teacher := openForKeyboards(t)
	k, _ := b.plug()
	k.Send(midi.ControlChange, midi.SustainPedal, 127)
	k.Send(press(60)...)
	k.Send(lift(60)...)
	k.Send(press(64)...)
	teacher.nextNote("student_note")
	teacher.nextNote("student_note")
	teacher.alive()
	if n := teacher.count("student_note_off"); n != 0 {
		t.Errorf("%d notes ended under the pedal", n)
	}
	k.Send(midi.ControlChange, midi.SustainPedal, 0)
	if off := teacher.nextNote("student_note_off"); off.Note != 60 {
		t.Errorf("the pedal ends %+v", off)
	}
}

func TestAKeyboardChoosesItsInstrument(t *testing.T) {
	t.Parallel()
	b, teacher := openForKeyboards(t)
	k, seat := b.plug()
	k.Send(midi.ProgramChange, 12)
	if got := teacher.expect("instrument_assigned").fields(); got["instrument"] != "marimba" || got["student_id"] != seat.StudentID {
		t.Errorf("program 13 gives %v", got)
	}
	pads := b.machine.Plug("midiC2D0")
	b.keyboards("two in the room", func(all []room.Keyboard) bool { return len(all) == 2 && all[1].Room != "" && all[0].Room != "" })
	pads.Send(midi.NoteOn|midi.DrumChannel, 36, 100)
	if got := teacher.expect("instrument_assigned").fields(); got["instrument"] != "drums" || got["student_id"] == seat.StudentID {
		t.Errorf("pads give %v", got)
	}
}

func TestTheTeacherRulesAKeyboard(t *testing.T) {
	t.Parallel()
	b, teacher := openForKeyboards(t)
	k, seat := b.plug()
	k.Send(press(60)...)
	teacher.nextNote("student_note")
	teacher.must("mute_student", object{"student_id": seat.StudentID, "muted": true})
	if off := teacher.nextNote("student_note_off"); off.Note != 60 {
		t.Errorf("muting ends %+v", off)
	}
	k.Send(lift(60)...)
	k.Send(press(62)...) // not heard
	b.keyboards("playing", func(all []room.Keyboard) bool { return all[0].Playing })
	teacher.must("mute_student", object{"student_id": seat.StudentID, "muted": false})
	k.Send(press(64)...)
	if on := teacher.nextNote("student_note"); on.Note != 64 {
		t.Errorf("after it was muted comes %+v", on)
	}
	teacher.must("remove_student", object{"student_id": seat.StudentID})
	b.keyboardIn("")
	k.Unplug()
	b.keyboards("empty", func(all []room.Keyboard) bool { return len(all) == 0 })
	b.machine.Plug("midiC1D0")
	b.keyboardIn("") // it stays out
	b.assignSoon(seat.ID, "MUSIC-2024")
	if again := b.keyboardIn("MUSIC-2024"); again.StudentID == seat.StudentID {
		t.Error("it has the seat that it was removed from")
	}
}

// A keyboard has its seat again after a restart, with what the teacher gave it.
func TestAKeyboardKeepsItsSeat(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	m.Describe("midiC1D0", keyStep)
	first := openBox(t, configOf(m))
	first.open("MUSIC-2024")
	teacher := first.teacher("MUSIC-2024")
	k := m.Plug("midiC1D0")
	was := first.keyboardIn("MUSIC-2024")
	teacher.must("assign_instrument", object{"student_id": was.StudentID, "instrument": "marimba"})
	teacher.must("lock_room", object{"locked": true})
	first.open("CHOIR-1000")
	first.stop()
	k.Unplug()

	// After the restart it has another number, and is in another socket.
	moved := keyStep
	moved.Place = "1-2"
	m.Describe("midiC4D0", moved)
	m.Plug("midiC4D0")
	cfg := configOf(m)
	cfg.DataDir = first.dir
	second := openBox(t, cfg)
	is := second.keyboardIn("MUSIC-2024")
	if is.StudentID != was.StudentID {
		t.Errorf("it is %s, was %s", is.StudentID, was.StudentID)
	}
	if got := second.teacher("MUSIC-2024").member(is.StudentID).Instrument; got != "marimba" {
		t.Errorf("it plays the %s", got)
	}
}

func TestWithSeveralRoomsTheTeacherChooses(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	b.open("CHOIR-1000")
	music, choir := b.teacher("MUSIC-2024"), b.teacher("CHOIR-1000")
	k := m.Plug("midiC1D0")
	seat := b.keyboardIn("")
	k.Send(press(60)...) // heard nowhere
	b.assignSoon(seat.ID, "MUSIC-2024")
	k.Send(press(62)...)
	if on := music.nextNote("student_note"); on.Note != 62 {
		t.Errorf("the first note is %+v", on)
	}
	if status := b.assign(seat.ID, "CHOIR-1000"); status != http.StatusOK {
		t.Fatalf("assigning: %d", status)
	}
	if off := music.nextNote("student_note_off"); off.Note != 62 {
		t.Errorf("moving ends %+v", off)
	}
	for _, m := range music.resync().Members {
		if m.MIDI != "" {
			t.Errorf("it has left its seat in the first room behind: %+v", m)
		}
	}
	k.Send(lift(62)...)
	k.Send(press(64)...)
	if on := choir.nextNote("student_note"); on.Note != 64 {
		t.Errorf("after the move comes %+v", on)
	}
	if status := b.staffCall("DELETE", "/box/v1/rooms/CHOIR-1000", object{}, nil); status != http.StatusNoContent {
		t.Fatalf("closing: %d", status)
	}
	b.keyboardIn("MUSIC-2024") // the only room
	if status := b.assign(seat.ID, ""); status != http.StatusOK {
		t.Fatalf("sending it away: %d", status)
	}
	b.keyboardIn("")
	b.stop()
	cfg := configOf(m)
	cfg.DataDir = b.dir
	openBox(t, cfg).keyboardIn("") // it still is to play nowhere
}

// Two equal keyboards, even with equal serial numbers, stay told apart: by the
// sockets where they are, also when a restart numbers them anew.
func TestEqualKeyboards(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	left, right := keyStep, keyStep
	left.Place, right.Place = "1-1.1", "1-1.2"
	m.Describe("midiC1D0", left)
	m.Describe("midiC2D0", right)
	b := openBox(t, configOf(m))
	b.open("LEFT-1000")
	b.open("RIGHT-1000")
	plugged := []*miditest.Keyboard{m.Plug("midiC1D0"), m.Plug("midiC2D0")}
	both := func(all []room.Keyboard) bool { return len(all) == 2 }
	for _, k := range b.keyboards("two", both) {
		code := "LEFT-1000"
		if k.ID == "1c75:0288:SN0042@usb:1-1.2/0.0" {
			code = "RIGHT-1000"
		}
		b.assignSoon(k.ID, code)
	}
	b.stop()
	for _, k := range plugged {
		k.Unplug()
	}
	m.Describe("midiC7D0", left)
	m.Describe("midiC5D0", right)
	m.Plug("midiC7D0")
	m.Plug("midiC5D0")
	cfg := configOf(m)
	cfg.DataDir = b.dir
	again := openBox(t, cfg)
	again.keyboards("where they were", func(all []room.Keyboard) bool {
		return len(all) == 2 && all[0].Room == "LEFT-1000" && all[1].Room == "RIGHT-1000"
	})
}

func TestTenKeyboardsPlayAtOnce(t *testing.T) {
	t.Parallel()
	b, teacher := openForKeyboards(t)
	var all []*miditest.Keyboard
	for i := range 10 {
		all = append(all, b.machine.Plug(fmt.Sprintf("midiC%dD0", i)))
	}
	b.keyboards("ten in the room", func(list []room.Keyboard) bool {
		playing := 0
		for _, k := range list {
			if k.Room == "MUSIC-2024" {
				playing++
			}
		}
		return playing == len(all)
	})
	for i, k := range all {
		k.Send(press(byte(40 + i))...)
	}
	members := map[string]bool{}
	for range all {
		members[teacher.nextNote("student_note").ID] = true
	}
	if len(members) != len(all) {
		t.Errorf("%d keyboards played as %d members", len(all), len(members))
	}
	for _, k := range all {
		k.Unplug()
	}
	for range all {
		teacher.nextNote("student_note_off")
	}
}

func TestAssigningKeyboardsIsTheTeachers(t *testing.T) {
	t.Parallel()
	b, _ := openForKeyboards(t)
	_, seat := b.plug()
	id := seat.ID
	b.want(http.StatusUnauthorized, "GET", "/box/v1/keyboards", object{}, nil)
	b.want(http.StatusUnauthorized, "POST", "/box/v1/keyboards", object{"id": id, "room": ""}, nil)
	for name, c := range map[string]struct {
		id, code string
		want     int
	}{
		"no such keyboard": {"usb:9-9/0.0", "MUSIC-2024", http.StatusNotFound},
		"no such room":     {id, "CHOIR-1000", http.StatusNotFound},
		"where it is":      {id, "MUSIC-2024", http.StatusOK},
	} {
		if got := b.assign(c.id, c.code); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	without := openBox(t, appliance.Config{})
	var none web.KeyboardsReply
	if status := without.staffCall("GET", "/box/v1/keyboards", object{}, &none); status != http.StatusOK || none.Keyboards == nil || len(none.Keyboards) > 0 {
		t.Errorf("a box without MIDI answers %d, %+v", status, none)
	}
	if got := without.assign(id, ""); got != http.StatusNotFound {
		t.Errorf("assigning on a box without MIDI: %d", got)
	}
}

// A full room is said, and the keyboard plays as soon as a seat is free.
func TestAKeyboardFindsNoSeat(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	cfg := configOf(m)
	cfg.Limits = map[string]int{"members": 1}
	b := openBox(t, cfg)
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	m.Plug("midiC1D0")
	all := b.keyboards("refused", func(all []room.Keyboard) bool { return len(all) == 1 && all[0].Problem != "" })
	if got := b.assign(all[0].ID, "MUSIC-2024"); got != http.StatusConflict {
		t.Errorf("assigning it to a full room: %d", got)
	}
	teacher.must("remove_student", object{"student_id": zoe.id})
	b.keyboardIn("MUSIC-2024")
}

// Noise on the cable is no music, and the box is well after it.
func TestNoiseFromAKeyboard(t *testing.T) {
	t.Parallel()
	b, teacher := openForKeyboards(t)
	k, _ := b.plug()
	noise := make([]byte, 100_000)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		noise[i] = byte(x)
	}
	for part := noise; len(part) > 0; part = part[1000:] {
		k.Send(part[:1000]...)
	}
	k.Unplug()
	b.keyboards("empty", func(all []room.Keyboard) bool { return len(all) == 0 })
	teacher.resync() // what it sent before has come
	sounding := map[uint8]bool{}
	for _, msg := range teacher.waiting {
		var note noteJSON
		switch msg.event {
		case "student_note":
			msg.into(&note)
			sounding[note.Note] = true
		case "student_note_off":
			msg.into(&note)
			delete(sounding, note.Note)
		}
	}
	if len(sounding) > 0 {
		t.Errorf("notes sound on: %v", sounding)
	}
}
