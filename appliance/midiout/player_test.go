package midiout

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// tape is a room whose notes are written down.
type tape struct {
	notes  []wire.NoteEvent
	missed bool // some were missed before those
	held   []wire.HeldNote
}

func (t *tape) Notes(notes []wire.NoteEvent) (all []wire.NoteEvent, whole bool) {
	n := min(cap(notes)-len(notes), len(t.notes))
	all = append(notes, t.notes[:n]...)
	t.notes, whole, t.missed = t.notes[n:], !t.missed, false
	return all, whole
}

func (t *tape) Held(held []wire.HeldNote) []wire.HeldNote { return append(held, t.held...) }

// on and off are notes of a seat.
func on(seat, key uint8, at float64) wire.NoteEvent {
	return wire.NoteEvent{Seat: seat, Note: key, Velocity: 100, At: at}
}

func off(seat, key uint8, at float64) wire.NoteEvent {
	return wire.NoteEvent{Seat: seat, Note: key, At: at}
}

// class is a room with so many members who play the piano, in a mode, without a beat.
func class(members int, mode string) *room.Conduct {
	c := &room.Conduct{
		Plan:     clock.Plan{{BPM: 120, Meter: 4}},
		Settings: room.Settings{Mode: mode, Grid: 4, Interval: 8},
	}
	for seat := range members {
		c.Players[seat] = room.Player{ID: fmt.Sprint("student ", seat), Instrument: room.DefaultInstrument}
	}
	return c
}

func everyone(*wire.NoteEvent, string) bool { return true }

// shown writes messages down: "0:60+" begins a note on channel 0, "0:60-" ends it,
// "0:p12" is a program and "0:quiet" the end of all notes.
func shown(bytes []byte) string {
	var p midi.Parser
	var all []string
	for _, b := range bytes {
		m, ok := p.Feed(b)
		if !ok {
			continue
		}
		text := map[byte]string{
			midi.NoteOn: fmt.Sprint(m.Data1, "+"), midi.NoteOff: fmt.Sprint(m.Data1, "-"),
			midi.ProgramChange: fmt.Sprint("p", m.Data1), midi.ControlChange: "quiet",
		}[m.Kind()]
		all = append(all, fmt.Sprintf("%d:%s", m.Channel(), text))
	}
	return strings.Join(all, " ")
}

// sends is what a player sends for notes at a moment.
func (p *player) sends(c *room.Conduct, now clock.Millis, notes ...wire.NoteEvent) string {
	p.listen(&tape{notes: notes}, c, everyone)
	send, _ := p.due(nil, c, now)
	return shown(send)
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s is sent %q, want %q", what, got, want)
	}
}

func TestNotesInLiveMode(t *testing.T) {
	var p player
	c := class(2, room.ModeLive)
	want(t, "a note", p.sends(c, 1000, on(0, 60, 1000)), "0:p0 0:60+")
	want(t, "another member's", p.sends(c, 1010, on(1, 60, 1010)), "1:p0 1:60+")
	want(t, "the same again", p.sends(c, 1020, on(0, 60, 1020)), "0:60- 0:60+")
	want(t, "an end", p.sends(c, 1050, off(0, 60, 1050)), "0:60-")
	want(t, "an end of nothing", p.sends(c, 1060, off(0, 62, 1060)), "")
	want(t, "a note that comes late", p.sends(c, 1200, on(0, 64, 1100)), "0:64+")
	want(t, "its end, which waits as long", p.sends(c, 1210, off(0, 64, 1150)), "")
	want(t, "its end", p.sends(c, 1250), "0:64-")
	want(t, "a note that comes too late", p.sends(c, 2000, on(0, 65, 1699)), "")
	want(t, "silence", shown(p.silence(nil)), "0:quiet 1:60- 1:quiet")
	want(t, "the end after it", p.sends(c, 2100, off(1, 60, 2100)), "")
}

func TestNotesInSnapMode(t *testing.T) {
	var p player
	c := class(1, room.ModeSnap)
	c.Plan[0] = clock.Timeline{Running: true, BPM: 120, Meter: 4}
	want(t, "before the step", p.sends(c, 1010, on(0, 60, 1010), off(0, 60, 1030)), "")
	want(t, "a moment before it", p.sends(c, 1124.9), "")
	want(t, "on the step", p.sends(c, 1125), "0:p0 0:60+")
	want(t, "the end", p.sends(c, 1145.1), "0:60-")
	p.sends(c, 1300, on(0, 62, 1260)) // for 1375
	c.Players[0].Silenced = true
	want(t, "a muted member", p.sends(c, 1375), "")
	if len(p.notes) > 0 {
		t.Errorf("%d notes wait", len(p.notes))
	}
}

// A member who is muted while their note sounds is silent at once.
func TestMutingEndsANote(t *testing.T) {
	var p player
	c := class(1, room.ModeLive)
	p.sends(c, 1000, on(0, 60, 1000))
	c.Players[0].Silenced = true
	want(t, "a muted member", p.sends(c, 1010), "0:60-")
	c.Players[0].Silenced = false
	p.sends(c, 2000, on(0, 60, 2000))
	c.Players[0] = room.Player{}
	want(t, "an empty seat", p.sends(c, 2010), "0:60-")
}

// If notes were missed, those that no key holds any more end.
func TestMissedEnds(t *testing.T) {
	var p player
	c := class(2, room.ModeLive)
	p.sends(c, 1000, on(0, 60, 1000), on(1, 72, 1000))
	p.listen(&tape{missed: true, held: []wire.HeldNote{{Seat: 1, Note: 72}}}, c, everyone)
	send, _ := p.due(nil, c, 1500)
	want(t, "what was missed", shown(send), "0:60-")
}

// Notes that wait make room when there are too many. What sounds is never dropped.
func TestTooManyNotes(t *testing.T) {
	var p player
	c := class(1, room.ModeLoop)
	c.Plan[0] = clock.Timeline{Running: true, BPM: 120, Meter: 4}
	p.sends(c, 0, on(0, 1, 0))
	want(t, "the first", p.sends(c, 4000), "0:p0 0:1+")
	for n := range maxNotes + 50 {
		p.sends(c, 4000, on(0, uint8(2+n%100), 4000))
	}
	if len(p.notes) != maxNotes {
		t.Errorf("%d notes wait or sound, want %d", len(p.notes), maxNotes)
	}
	want(t, "the end of what sounds", p.sends(c, 8100, off(0, 1, 4100)), "0:1-")
}

// channelsOf plays a note of each member and returns their channels and the programs.
func channelsOf(p *player, c *room.Conduct, members int) (of []uint8, sent string) {
	send := []byte{}
	for seat := range members {
		var channel uint8
		send, channel = p.channels.channelOf(send, &c.Players[seat], c)
		of = append(of, channel)
	}
	return of, shown(send)
}

func TestEachMemberHasAChannel(t *testing.T) {
	var p player
	c := class(15, room.ModeLive)
	of, _ := channelsOf(&p, c, 15)
	if got, want := fmt.Sprint(of), "[0 1 2 3 4 5 6 7 8 10 11 12 13 14 15]"; got != want {
		t.Errorf("the channels are %s, want %s", got, want)
	}
	_, sent := channelsOf(&p, c, 15)
	want(t, "who has a channel", sent, "")
}

// With more members than channels, members with one instrument share.
func TestMembersShareChannels(t *testing.T) {
	var p player
	c := class(60, room.ModeLive)
	instruments := []string{"piano", "flute", room.Drums}
	for seat := range 60 {
		c.Players[seat].Instrument = instruments[seat%len(instruments)]
	}
	c.Players[59].Instrument = "kalimba"
	channelsOf(&p, c, 60) // the kalimba comes last, and takes over a channel
	of, sent := channelsOf(&p, c, 60)
	want(t, "who has a channel", sent, "")
	for seat, channel := range of {
		if got := p.channels.instrument[channel]; got != c.Players[seat].Instrument {
			t.Errorf("seat %d plays the %s on the channel of the %s", seat, c.Players[seat].Instrument, got)
		}
	}
}

// Members who have left make their channels free.
func TestChannelsOfMembersWhoLeft(t *testing.T) {
	var p player
	c := class(15, room.ModeLive)
	channelsOf(&p, c, 15)
	c.Players[3], c.Players[20] = room.Player{}, room.Player{ID: "new", Instrument: "flute"}
	send, channel := p.channels.channelOf(nil, &c.Players[20], c)
	if channel != 3 || shown(send) != "3:p73" {
		t.Errorf("a new member gets channel %d and %s", channel, shown(send))
	}
}

// Whatever is played, in whichever mode, each beginning that is sent has one end.
func FuzzPlayer(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, uint8(seed))
	}
	modes := []string{room.ModeLive, room.ModeSnap, room.ModeLoop}
	instruments := []string{"piano", "flute", "marimba", room.Drums}
	f.Fuzz(func(t *testing.T, seed uint64, mode uint8) {
		random := rand.New(rand.NewPCG(seed, 1))
		c := class(40, modes[int(mode)%len(modes)])
		c.Plan[0] = clock.Timeline{Running: true, BPM: 120, Meter: 4}
		var p player
		var sent []byte
		now := clock.Millis(1000)
		for range 500 {
			seat, key := uint8(random.IntN(40)), uint8(40+random.IntN(12))
			e := on(seat, key, float64(now)-random.Float64()*200)
			if random.IntN(2) == 0 {
				e.Velocity = 0
			}
			switch random.IntN(20) {
			case 0:
				c.Players[seat].Instrument = instruments[random.IntN(len(instruments))]
			case 1:
				c.Players[seat].Silenced = !c.Players[seat].Silenced
			case 2:
				c.Players[seat] = room.Player{ID: fmt.Sprint("new ", random.IntN(100)), Instrument: "organ"}
			}
			p.listen(&tape{notes: []wire.NoteEvent{e}}, c, everyone)
			sent, _ = p.due(sent, c, now)
			now += clock.Millis(random.Float64() * 50)
		}
		checkEnds(t, p.silence(sent))
	})
}

// checkEnds fails unless the messages begin and end each note of a channel in turn.
func checkEnds(t *testing.T, bytes []byte) {
	t.Helper()
	var p midi.Parser
	sounding := map[[2]byte]bool{}
	for _, b := range bytes {
		m, ok := p.Feed(b)
		if k := m.Kind(); !ok || k != midi.NoteOn && k != midi.NoteOff {
			continue
		}
		key, begins := [2]byte{m.Channel(), m.Data1}, m.Kind() == midi.NoteOn
		if sounding[key] == begins {
			t.Fatalf("channel %d, key %d: begins %v, and it sounds %v", m.Channel(), m.Data1, begins, sounding[key])
		}
		sounding[key] = begins
	}
	for key, sounds := range sounding {
		if sounds {
			t.Errorf("channel %d, key %d sounds on", key[0], key[1])
		}
	}
}
