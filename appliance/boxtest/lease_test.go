package boxtest

import (
	"testing"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// askForClock sends a clock ping, as the web app does every two seconds.
func (c *client) askForClock() {
	c.t.Helper()
	c.sendBinary(wire.Message{Event: wire.EventClock, Encoding: wire.Binary, Payload: wire.AppendClockPing(nil, wire.ClockPing{})})
	c.expect(wire.EventClock)
}

// nextEnd waits for the end of a member's note.
func (c *client) nextEnd(id string) message {
	c.t.Helper()
	return c.await("the end of a note", func(m message) bool {
		return m.event == "student_note_off" && m.fields()["student_id"] == id
	})
}

// TestTheNoteOfAPlayerWhoVanishedEnds stops clients that hold a note. Their
// sockets stay open, as those of a shut Chromebook do. A program that lives and
// holds a note all the while keeps it.
func TestTheNoteOfAPlayerWhoVanishedEnds(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	for name, vanish := range map[string]func(b *box) (id string){
		"a page": func(b *box) string {
			page := b.frames("MUSIC-2024")
			page.askForClock()
			page.sendNotes(wire.NoteEvent{Seq: 1, Note: 60, Velocity: 90})
			page.deaf.Store(true)
			return page.id
		},
		"a page whose browser still answers pings": func(b *box) string {
			page := b.frames("MUSIC-2024")
			page.askForClock()
			page.sendNotes(wire.NoteEvent{Seq: 1, Note: 60, Velocity: 90})
			return page.id
		},
		"a program": func(b *box) string {
			program := b.student("MUSIC-2024")
			program.must("play_note", object{"midi": 60})
			program.deaf.Store(true)
			return program.id
		},
		"a program that plays over HTTP": func(b *box) string {
			program := b.student("MUSIC-2024")
			program.deaf.Store(true)
			who := auth.Member(program.id, "MUSIC-2024", "student")
			if status, answer := b.postTo("/api/broadcast/music_room:MUSIC-2024/events/play_note", who, jsonKind, `{"midi":60}`); status != 202 {
				b.t.Fatalf("a note over HTTP: %d %s", status, answer)
			}
			return program.id
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			listener, living := b.student("MUSIC-2024"), b.student("MUSIC-2024")
			living.must("play_note", object{"midi": 48})
			began := time.Now()
			id := vanish(b)
			listener.nextEnd(id)
			if took := time.Since(began); took < 3*time.Second || took > 15*time.Second {
				t.Errorf("the note sounded for %v, want about 4 s", took)
			}
			for _, m := range listener.waiting {
				if m.event == "student_note_off" && m.fields()["student_id"] == living.id {
					t.Errorf("the note of a program that lives ended: %v", m)
				}
			}
			living.must("stop_note", object{"midi": 48})
			listener.nextEnd(living.id)
		})
	}
}

// TestATabThatClosesEndsItsNotes holds a note in each of a member's two tabs.
func TestATabThatClosesEndsItsNotes(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	listener, seat := b.student("MUSIC-2024"), b.sit("MUSIC-2024", "")
	one, other := b.dial(seat.Token).join("MUSIC-2024"), b.dial(seat.Token).join("MUSIC-2024")
	one.must("play_note", object{"midi": 60})
	one.must("play_note", object{"midi": 62})
	other.must("play_note", object{"midi": 64})
	other.must("play_note", object{"midi": 62}) // the key of the other tab holds it now
	closed := time.Now()
	one.close()
	if off := listener.nextNote("student_note_off"); off.Note != 60 {
		t.Errorf("note %d ended first, want 60", off.Note)
	}
	if took := time.Since(closed); took > 3*time.Second {
		t.Errorf("it ended %v after the tab closed, as if the tab had vanished", took)
	}
	other.must("stop_note", object{"midi": 64})
	if off := listener.nextNote("student_note_off"); off.Note != 64 {
		t.Errorf("note %d ended next, want 64", off.Note)
	}
}
