package appliance

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// quartet is an ensemble of members without clients: its notes are read from
// its log.
type quartet struct {
	*ensemble
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
	q := &quartet{t: t, ensemble: newEnsemble(r, hub.Keep(topicOf(r.Code())), 0, laneConfig{}, usualLimits, func() {}, slog.New(slog.DiscardHandler))}
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

// control does what a teacher asks for.
func (q *quartet) control(event, payload string) {
	q.do(func() ([]room.Change, error) {
		return q.room.Control(clock.Now(), "", true, event, []byte(payload))
	})
}

// heard is every note since it was called last, in the order of the log.
func (q *quartet) heard() (notes []wire.NoteEvent) {
	for {
		p, next := q.notes.Take(q.cursor)
		if q.cursor = next; p.IsZero() {
			return notes
		}
		head := 5 + len(topicOf(q.room.Code())) + len(wire.EventNotes)
		f, err := wire.DecodeRoomFrame(p.Payload()[head:])
		if err != nil || f.Summary {
			q.t.Fatalf("frame %+v, %v", f, err)
		}
		notes = append(notes, f.Events...)
	}
}

// trill plays a short note again and again, for as long as it is let.
func (q *quartet) trill(seat, note uint8, times int) {
	p := &part{ensemble: q.ensemble, seat: seat}
	for i := range times {
		_ = q.play(p, wire.NoteEvent{Note: note, Velocity: uint8(1 - i%2)}, clock.Now(), 0) // refused when muted
	}
}

// TestNotesInOrder plays with two tabs a member while the teacher ends notes
// in every way there is: the log must say what the room decided, in its order.
func TestNotesInOrder(t *testing.T) {
	for name, silence := range map[string]func(q *quartet, m room.Seat){
		"mute": func(q *quartet, m room.Seat) {
			q.control("mute_student", fmt.Sprintf(`{"student_id":%q,"muted":true}`, m.ID))
		},
		"quiet": func(q *quartet, _ room.Seat) { q.control("set_quiet", `{"quiet":true}`) },
		"leave": func(q *quartet, m room.Seat) {
			q.do(func() ([]room.Change, error) { return q.room.Disconnect(clock.Now(), m.ID), nil })
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

// checkOrder fails unless the notes of each seat come in the order of their
// numbers and all of them have ended.
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
