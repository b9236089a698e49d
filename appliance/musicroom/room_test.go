package musicroom

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// defaults are the limits of a box that sets none.
var defaults, _ = limits.New(nil)

// testConfig makes a room that sends every note at once and is never saved.
func testConfig() roomConfig {
	return roomConfig{
		limits: defaults, latency: newLatency(), save: func(...func(bool)) {}, now: clock.Now, log: slog.New(slog.DiscardHandler),
	}
}

// quartet is a room of members without clients. The test reads their notes from
// the log.
type quartet struct {
	*Room
	t      *testing.T
	seats  []room.Seat
	cursor uint64
}

func newQuartet(t *testing.T) *quartet {
	t.Helper()
	r, err := room.New(room.Config{Code: "MUSIC-2024", Name: "Test"})
	if err != nil {
		t.Fatal(err)
	}
	hub := realtime.NewHub(realtime.Config{Log: slog.New(slog.DiscardHandler)})
	q := &quartet{t: t, Room: newRoom(r, hub.Pin(topicOf(r.Code())), testConfig())}
	for range 4 {
		seat, err := q.seat(room.Applicant{})
		if err != nil {
			t.Fatal(err)
		}
		q.seats = append(q.seats, seat)
		q.do(func() ([]room.Change, error) { return r.Connect(clock.Now(), seat.ID), nil })
	}
	return q
}

func (q *quartet) do(make func() ([]room.Change, error)) {
	if err := q.change(make); err != nil {
		q.t.Error(err)
	}
}

// control carries out a teacher's control event.
func (q *quartet) control(event, payload string) {
	q.do(func() ([]room.Change, error) {
		return q.rules.Control(clock.Now(), "", true, event, []byte(payload))
	})
}

// heard returns the notes since its last call, in the order of the log.
func (q *quartet) heard() (notes []wire.NoteEvent) {
	for {
		p, next := q.notes.Take(wire.PlaceAll, q.cursor)
		if q.cursor = next; p.IsZero() {
			return notes
		}
		m, err := wire.DecodeBroadcast(p.Payload())
		if err != nil {
			q.t.Fatal(err)
		}
		f, err := wire.DecodeRoomFrame(m.Payload)
		if err != nil || f.Summary {
			q.t.Fatalf("frame %+v, %v", f, err)
		}
		notes = append(notes, f.Events...)
	}
}

// trill repeats a short note, even while the room refuses it.
func (q *quartet) trill(seat, note uint8, times int) {
	c := &Client{room: q.Room, seat: seat, pulse: newPulse(nil)}
	for i := range times {
		_ = q.play(c, press{NoteEvent: wire.NoteEvent{Note: note, Velocity: uint8(1 - i%2)}}, clock.Now()) // refused when muted
	}
}

// TestNotesInOrder plays from two tabs of each member while the teacher ends
// notes in every way there is. The log must hold the room's decisions in order.
func TestNotesInOrder(t *testing.T) {
	for name, silence := range map[string]func(q *quartet, m room.Seat){
		"mute": func(q *quartet, m room.Seat) {
			q.control("mute_student", fmt.Sprintf(`{"student_id":%q,"muted":true}`, m.ID))
		},
		"quiet": func(q *quartet, _ room.Seat) { q.control("set_quiet", `{"quiet":true}`) },
		"leave": func(q *quartet, m room.Seat) {
			q.do(func() ([]room.Change, error) { return q.rules.Disconnect(clock.Now(), m.ID), nil })
		},
		"remove": func(q *quartet, m room.Seat) {
			q.control("remove_student", fmt.Sprintf(`{"student_id":%q}`, m.ID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 50 {
				q := newQuartet(t)
				var playing sync.WaitGroup
				for _, m := range q.seats {
					for tab := range uint8(2) {
						playing.Go(func() { q.trill(m.Seat, 60+tab, 41) })
					}
					playing.Go(func() { silence(q, m) })
				}
				playing.Wait()
				checkOrder(t, q.heard())
			}
		})
	}
}

// checkOrder fails unless the notes of each seat are in the order of their
// numbers and all of them end.
func checkOrder(t *testing.T, notes []wire.NoteEvent) {
	t.Helper()
	last := map[uint8]uint16{}
	sounds := map[[2]uint8]bool{}
	for _, n := range notes {
		if want := last[n.Seat] + 1; n.Seq != want {
			t.Fatalf("seat %d: note %d came when %d was due", n.Seat, n.Seq, want)
		}
		last[n.Seat] = n.Seq
		sounds[[2]uint8{n.Seat, n.Note}] = n.Velocity > 0
	}
	for key, on := range sounds {
		if on {
			t.Errorf("seat %d: note %d never ends", key[0], key[1])
		}
	}
}

// TestNobodyIsAtAnAddress: a list without students is a list, for the teacher's page
// reads each.
func TestNobodyIsAtAnAddress(t *testing.T) {
	if at := new(Rooms).At("198.18.0.9", "", ""); at == nil || len(at) > 0 {
		t.Errorf("got %#v", at)
	}
}
