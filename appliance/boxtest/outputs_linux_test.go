package boxtest

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
	"downbeat.local/midi"
	"downbeat.local/midi/miditest"
	"downbeat.local/sync/clock"
)

// outputs waits until the outputs that the teacher sees are as they should be, and
// returns them.
func (b *box) outputs(what string, are func([]room.Output) bool) []room.Output {
	b.t.Helper()
	return b.ports(what, func(r web.KeyboardsReply) bool { return are(r.Outputs) }).Outputs
}

// output waits until there is one output, and returns it.
func (b *box) output() room.Output {
	b.t.Helper()
	return b.outputs("one", func(all []room.Output) bool { return len(all) == 1 })[0]
}

// changeOutput changes what an output plays.
func (b *box) changeOutput(id string, wish room.OutputWish) int {
	b.t.Helper()
	return b.staffCall("POST", "/box/v1/keyboards", web.AssignRequest{ID: id, Output: &wish}, nil)
}

// mustChange changes what an output plays.
func (b *box) mustChange(id string, wish room.OutputWish) {
	b.t.Helper()
	if status := b.changeOutput(id, wish); status != http.StatusOK {
		b.t.Fatalf("changing an output to %+v: %d", wish, status)
	}
}

// Wishes.
func theClock() room.OutputWish { return room.OutputWish{Clock: new(true)} }

func notesOf(whose room.Whose, members ...string) room.OutputWish {
	return room.OutputWish{Notes: &whose, Members: &members}
}

// plugSynth plugs a sound module in, which sends nothing, and returns its cable.
func plugSynth(m *miditest.Machine) *os.File { return m.PlugTwoWay("midiC1D0") }

// sent reads the messages that a device is sent until one fits, and returns them.
func sent(t *testing.T, from *os.File, until func(midi.Message) bool) (all []midi.Message) {
	t.Helper()
	all, err := sentWithin(from, patience, until)
	if err != nil {
		t.Fatalf("the device is sent %v, and then %v", all, err)
	}
	return all
}

// sentWithin is sent that gives up after a while.
func sentWithin(from *os.File, wait time.Duration, until func(midi.Message) bool) (all []midi.Message, err error) {
	if err := from.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return nil, err
	}
	var p midi.Parser
	for b := make([]byte, 1); ; {
		if _, err := from.Read(b); err != nil {
			return all, err
		}
		m, ok := p.Feed(b[0])
		if !ok {
			continue
		}
		if all = append(all, m); until(m) {
			return all, nil
		}
	}
}

// hold has a student play until a note sounds on a device, and returns its key.
func hold(student *client, device *os.File) (key uint8) {
	student.t.Helper()
	const velocity = 100
	var all []midi.Message
	for key = 60; key < 70; key++ {
		if all = tryNote(student, device, key, velocity); slices.Contains(all, midi.Message{Status: midi.NoteOn, Data1: key, Data2: velocity}) {
			return key
		}
	}
	student.t.Fatalf("no note sounds on the device; it is sent %v in the end", all)
	return 0
}

// play has a student play a key until it sounds on a device, and returns what that is
// sent.
func play(student *client, device *os.File, key, velocity uint8) (all []midi.Message) {
	student.t.Helper()
	for range 10 {
		all = append(all, tryNote(student, device, key, velocity)...)
		if slices.ContainsFunc(all, kind(midi.NoteOn)) {
			return all
		}
	}
	student.t.Fatalf("key %d does not sound on the device; it is sent %v", key, all)
	return nil
}

// tryNote has a student play a note, and returns what a device is sent for it. On a
// machine without time the box drops a note that would sound too late; then it ends.
func tryNote(student *client, device *os.File, key, velocity uint8) []midi.Message {
	student.send("play_note", object{"midi": key, "velocity": velocity})
	all, err := sentWithin(device, patience/8, func(m midi.Message) bool { return m.Kind() == midi.NoteOn && m.Data1 == key })
	if err != nil {
		student.send("stop_note", object{"midi": key})
	}
	return all
}

// endOf fits the end of a note.
func endOf(key uint8) func(midi.Message) bool {
	return func(m midi.Message) bool { return m == midi.Message{Status: midi.NoteOff, Data1: key, Data2: 64} }
}

// kind fits messages of a kind.
func kind(k byte) func(midi.Message) bool {
	return func(m midi.Message) bool { return m.Kind() == k }
}

// A sound module plays what the room plays, each member with their instrument.
func TestAnOutputPlaysTheRoom(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, max := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	teacher.must("assign_instrument", object{"student_id": zoe.id, "instrument": "marimba"})
	teacher.must("assign_instrument", object{"student_id": max.id, "instrument": "drums"})
	synth := plugSynth(m)
	b.mustChange(b.output().ID, notesOf(room.WhoseAll))
	got := play(zoe, synth, 60, 90)
	want := []midi.Message{{Status: midi.ProgramChange, Data1: 12}, {Status: midi.NoteOn, Data1: 60, Data2: 90}}
	if !slices.Equal(got, want) {
		t.Errorf("a marimba is sent %v, want %v", got, want)
	}
	if got := play(max, synth, 36, 100); !slices.Equal(got, []midi.Message{{Status: midi.NoteOn | midi.DrumChannel, Data1: 36, Data2: 100}}) {
		t.Errorf("drums are sent %v", got)
	}
	b.outputs("playing", func(all []room.Output) bool { return all[0].Playing })
	zoe.send("stop_note", object{"midi": 60})
	if got := sent(t, synth, kind(midi.NoteOff)); !slices.Equal(got, []midi.Message{{Status: midi.NoteOff, Data1: 60, Data2: 64}}) {
		t.Errorf("an end is sent %v", got)
	}
}

// Whatever happens while a note sounds, the sound module is sent its end.
func TestEveryNoteOfAnOutputEnds(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(b *box, id string, zoe, teacher *client, key uint8){
		"the room closes": func(b *box, _ string, _, _ *client, _ uint8) {
			b.staffCall("DELETE", "/box/v1/rooms/MUSIC-2024", object{}, nil)
		},
		"the teacher wants no notes": func(b *box, id string, _, _ *client, _ uint8) { b.mustChange(id, notesOf(room.WhoseNone)) },
		"the teacher chooses others": func(b *box, id string, _, teacher *client, _ uint8) {
			b.mustChange(id, notesOf(room.WhoseChosen, teacher.id))
		},
		"the box stops":    func(b *box, _ string, _, _ *client, _ uint8) { b.stop() },
		"the student goes": func(_ *box, _ string, zoe, _ *client, _ uint8) { zoe.close() },
		"the student is muted": func(_ *box, _ string, zoe, teacher *client, _ uint8) {
			teacher.must("mute_student", object{"student_id": zoe.id, "muted": true})
		},
		"everybody is quiet": func(_ *box, _ string, _, teacher *client, _ uint8) { teacher.must("set_quiet", object{"quiet": true}) },
		"the student is removed": func(_ *box, _ string, zoe, teacher *client, _ uint8) {
			teacher.must("remove_student", object{"student_id": zoe.id})
		},
		"another instrument": func(_ *box, _ string, zoe, teacher *client, key uint8) {
			teacher.must("assign_instrument", object{"student_id": zoe.id, "instrument": "flute"})
			zoe.send("stop_note", object{"midi": key})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := miditest.New(t)
			b := openBox(t, configOf(m))
			b.open("MUSIC-2024")
			zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
			synth := plugSynth(m)
			id := b.output().ID
			b.mustChange(id, notesOf(room.WhoseAll))
			key := hold(zoe, synth)
			happens(b, id, zoe, teacher, key)
			sent(t, synth, endOf(key))
		})
	}
}

// An output plays the chosen members only, and that is remembered.
func TestAnOutputPlaysChosenMembers(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, max := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	synth := plugSynth(m)
	b.mustChange(b.output().ID, notesOf(room.WhoseChosen, max.id))
	zoe.send("play_note", object{"midi": 60})
	zoe.send("stop_note", object{"midi": 60})
	zoe.alive()
	if got := play(max, synth, 72, 100); got[len(got)-1].Data1 != 72 || len(got) > 2 {
		t.Errorf("it is sent %v", got)
	}
	b.stop()
	cfg := configOf(m)
	cfg.DataDir = b.dir
	again := openBox(t, cfg).output()
	if again.Notes != room.WhoseChosen || !slices.Equal(again.Members, []string{max.id}) {
		t.Errorf("after a restart the teacher sees %+v", again)
	}
}

// A keyboard with sounds of its own plays the others, and never itself: neither on a
// seat of its own, nor as a student, whose page it plays.
func TestAKeyboardDoesNotHearItself(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	keyboard := plugSynth(m)
	id := b.keyboardIn("MUSIC-2024").ID
	b.mustChange(b.output().ID, notesOf(room.WhoseAll))
	for _, as := range []string{"itself", "a student"} {
		if _, err := keyboard.Write(append(press(62), lift(62)...)); err != nil {
			t.Fatal(err)
		}
		teacher.nextNote("student_note")
		teacher.nextNote("student_note_off")
		zoe.send("play_note", object{"midi": 60})
		for _, m := range sent(t, keyboard, kind(midi.NoteOn)) {
			if k := m.Kind(); (k == midi.NoteOn || k == midi.NoteOff) && m.Data1 != 60 {
				t.Errorf("as %s it is sent %v", as, m)
			}
		}
		zoe.send("stop_note", object{"midi": 60})
		teacher.nextNote("student_note")
		teacher.nextNote("student_note_off")
		b.mustSend(id, room.KeyboardPlace{Room: "MUSIC-2024", StudentID: zoe.id})
	}
}

// A device that sends back what it is sent plays nothing twice.
func TestADeviceThatEchoes(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	thru := plugSynth(m)
	own := b.keyboardIn("MUSIC-2024").StudentID
	b.mustChange(b.output().ID, notesOf(room.WhoseAll))
	echo := func(sent []midi.Message) {
		for _, m := range sent {
			if _, err := thru.Write(m.Append(nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
	echo(play(zoe, thru, 60, 100))
	zoe.send("stop_note", object{"midi": 60})
	echo(sent(t, thru, kind(midi.NoteOff)))
	if _, err := thru.Write(append(press(72), lift(72)...)); err != nil { // somebody does play it
		t.Fatal(err)
	}
	for {
		on := teacher.nextNote("student_note")
		if on.ID == own && on.Note != 72 {
			t.Fatalf("the echo of note %d is played", on.Note)
		}
		if on.ID == own {
			return
		}
	}
}

// A player lifts a key just after the device was sent the end of that note, with the
// same bytes. It is no echo, and their note ends.
func TestAPlayerLiftsAKeyThatTheRoomEnds(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	device := plugSynth(m)
	own := b.keyboardIn("MUSIC-2024").StudentID
	b.mustChange(b.output().ID, notesOf(room.WhoseAll))
	if _, err := device.Write(press(60)); err != nil {
		t.Fatal(err)
	}
	if on := teacher.nextNote("student_note"); on.ID != own {
		t.Fatalf("the player's note is %+v", on)
	}
	zoe.send("play_note", object{"midi": 60})
	zoe.send("stop_note", object{"midi": 60})
	ended := sent(t, device, kind(midi.NoteOff))
	if got := ended[len(ended)-1].Append(nil); !bytes.Equal(got, lift(60)) {
		t.Fatalf("the device is sent % X", got)
	}
	if _, err := device.Write(lift(60)); err != nil {
		t.Fatal(err)
	}
	teacher.nextEnd(own)
}

// In snap mode a note leaves on the next step of the grid, as it sounds on the pages.
func TestAnOutputKeepsToTheGrid(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	zoe, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	teacher.must("set_mode", object{"mode": "snap", "grid": 1})
	teacher.must("set_count_in", object{"bars": 0})
	teacher.must("set_tempo", object{"bpm": 60})
	synth := plugSynth(m)
	b.mustChange(b.output().ID, notesOf(room.WhoseAll))
	teacher.must("start", object{})
	line := teacher.resync().Timelines.Last()
	<-time.After(line.TimeOf(0.5).Sub(clock.Now()))
	play(zoe, synth, 60, 100)
	if late := clock.Now().Sub(line.TimeOf(1)); late < 0 {
		t.Errorf("it leaves %v before its step", -late)
	}
}

// faultySynth is a sound module whose cable breaks: a named pipe, which can be opened
// only while somebody reads it.
type faultySynth struct {
	*box
	cable string
	side  *os.File // nil while it is broken
	id    string
}

// plugFaulty opens a box with a room, and plugs a sound module in that works.
func plugFaulty(t *testing.T) *faultySynth {
	t.Helper()
	m := miditest.New(t)
	m.Write(filepath.Join(m.Proc, "asound", "card1", "midi0"), "Sound module\n\nOutput 0\n")
	s := &faultySynth{box: openBox(t, configOf(m)), cable: filepath.Join(m.Devices, "midiC1D0")}
	if err := unix.Mkfifo(s.cable, 0o600); err != nil {
		t.Fatal(err)
	}
	s.open("MUSIC-2024")
	s.mend()
	s.id = s.output().ID
	return s
}

// mend makes the cable work again.
func (s *faultySynth) mend() {
	s.t.Helper()
	side, err := os.OpenFile(s.cable, os.O_RDWR|unix.O_NONBLOCK, 0) // with a writer, so that a reader sees no end
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { side.Close() })
	s.side = side
}

// fail breaks the cable, sends something, and waits until the teacher sees that it
// cannot be sent.
func (s *faultySynth) fail(send func()) {
	s.t.Helper()
	if err := s.side.Close(); err != nil {
		s.t.Fatal(err)
	}
	send()
	s.outputs("out of order", func(all []room.Output) bool { return all[0].Problem != "" })
}

// wellAgain waits until the teacher sees no fault.
func (s *faultySynth) wellAgain() {
	s.t.Helper()
	s.outputs("in order", func(all []room.Output) bool { return all[0].Problem == "" })
}

// A device that fails in the middle of a note is told its end when it is back.
func TestAnOutputThatFailedEndsItsNotes(t *testing.T) {
	t.Parallel()
	synth := plugFaulty(t)
	zoe := synth.student("MUSIC-2024")
	synth.mustChange(synth.id, notesOf(room.WhoseAll))
	key := hold(zoe, synth.side)
	synth.fail(func() { zoe.send("stop_note", object{"midi": key}) }) // which cannot be sent
	synth.mend()
	sent(t, synth.side, endOf(key))
	synth.wellAgain()
	hold(zoe, synth.side)
}

// A device that fails and then has nothing more to play still sounds what it was
// sent. It is told the end when it is back.
func TestAnOutputThatFailedAndLostItsRoomEndsItsNotes(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*faultySynth){
		"the room closes": func(s *faultySynth) {
			s.staffCall("DELETE", "/box/v1/rooms/MUSIC-2024", object{}, nil)
		},
		"the teacher wants no notes": func(s *faultySynth) { s.mustChange(s.id, notesOf(room.WhoseNone)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synth := plugFaulty(t)
			zoe := synth.student("MUSIC-2024")
			synth.mustChange(synth.id, notesOf(room.WhoseAll))
			key := hold(zoe, synth.side)
			synth.fail(func() { zoe.send("stop_note", object{"midi": key}) }) // which cannot be sent
			lose(synth)
			synth.mend()
			sent(t, synth.side, endOf(key))
			synth.wellAgain()
		})
	}
}

// A drum machine that fails while it runs is stopped when it is back, though its room
// has closed.
func TestAnOutputThatFailedStopsItsBeat(t *testing.T) {
	t.Parallel()
	synth := plugFaulty(t)
	teacher := synth.teacher("MUSIC-2024")
	synth.mustChange(synth.id, theClock())
	teacher.must("start", object{})
	sent(t, synth.side, kind(midi.Clock))
	synth.fail(func() {}) // the next tick
	synth.staffCall("DELETE", "/box/v1/rooms/MUSIC-2024", object{}, nil)
	synth.mend()
	if got := sent(t, synth.side, kind(midi.Stop)); len(got) != 1 {
		t.Errorf("before it is stopped it is sent %v", got)
	}
	synth.wellAgain()
}

// A keyboard that fails while its own keys are silenced sounds by itself again when it
// is back, if the teacher wishes that.
func TestAnOutputThatFailedSoundsByItselfAgain(t *testing.T) {
	t.Parallel()
	keyboard := plugFaulty(t)
	silenced := func(off bool) room.OutputWish { return room.OutputWish{LocalOff: &off} }
	keyboard.mustChange(keyboard.id, silenced(true))
	localOn := func(m midi.Message) bool { return m.Data1 == midi.LocalControl && m.Data2 == 127 }
	sent(t, keyboard.side, func(m midi.Message) bool { return m.Data1 == midi.LocalControl && m.Data2 == 0 })
	keyboard.fail(func() { keyboard.mustChange(keyboard.id, silenced(false)) })
	keyboard.mend()
	sent(t, keyboard.side, localOn)
	keyboard.wellAgain()
}

func TestOutputsRefuseNonsense(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	plugSynth(m)
	id, nonsense, nowhere := b.output().ID, room.Whose("everyone's"), "NOWHERE-1"
	for name, c := range map[string]struct {
		id   string
		wish room.OutputWish
		want int
	}{
		"another output":   {"usb:9-9/0.0", theClock(), http.StatusNotFound},
		"a room not open":  {id, room.OutputWish{Room: &nowhere}, http.StatusNotFound},
		"whose":            {id, room.OutputWish{Notes: &nonsense}, http.StatusUnprocessableEntity},
		"too many members": {id, notesOf(room.WhoseChosen, make([]string, 100)...), http.StatusUnprocessableEntity},
	} {
		if got := b.changeOutput(c.id, c.wish); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if out := b.output(); out.Clock || out.Notes != room.WhoseNone {
		t.Errorf("after nonsense it is %+v", out)
	}
}

// A drum machine that is plugged into the box runs with the beat of its room.
func TestAnOutputTakesTheClock(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	b := openBox(t, configOf(m))
	b.open("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	machine := m.PlugTwoWay("midiC1D0")
	if out := b.output(); out.Clock || out.Room != "MUSIC-2024" || out.Notes != room.WhoseNone {
		t.Fatalf("the teacher sees %+v", out)
	}
	b.mustChange(b.output().ID, theClock())
	teacher.must("set_count_in", object{"bars": 0})
	teacher.must("set_tempo", object{"bpm": 300})
	teacher.must("start", object{})
	got := readBytes(t, machine, 1)
	switch got[0] {
	case midi.Start:
	case midi.SongPosition: // this machine is slow: it starts on a later sixteenth
		if got = readBytes(t, machine, 3); got[0] == 0 && got[1] == 0 || got[2] != midi.Continue {
			t.Errorf("after a song position it is sent % X", got)
		}
	default:
		t.Errorf("it is first sent % X", got)
	}
	if got := readBytes(t, machine, 24); !bytes.Equal(got, bytes.Repeat([]byte{midi.Clock}, 24)) {
		t.Errorf("in a beat it is sent % X", got)
	}
	teacher.must("stop", object{})
	for readBytes(t, machine, 1)[0] != midi.Stop {
	}
	withClock := func(all []room.Output) bool { return len(all) == 1 && all[0].Clock }
	b.outputs("with the clock", withClock)
	b.stop()
	cfg := configOf(m)
	cfg.DataDir = b.dir
	openBox(t, cfg).outputs("with the clock after a restart", withClock)
}

// readBytes reads what a device is sent.
func readBytes(t *testing.T, from *os.File, n int) []byte {
	t.Helper()
	if err := from.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, n)
	if _, err := io.ReadFull(from, got); err != nil {
		t.Fatalf("the device is sent % X, and then %v", got, err)
	}
	return got
}
