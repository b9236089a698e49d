package room

import (
	"errors"
	"math"
	"testing"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
	"github.com/google/go-cmp/cmp"
)

func TestNotesOfOneSeat(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{})
	play := func(note, velocity uint8, at clock.Millis) wire.NoteEvent {
		t.Helper()
		e, err := r.Play(2000, s.Seat, note, velocity, at, 0)
		if err != nil {
			t.Errorf("note %d, velocity %d: %v", note, velocity, err)
		}
		return e
	}
	on := play(60, 90, 1990)
	if want := (wire.NoteEvent{Seat: s.Seat, Seq: 1, At: 1990, Note: 60, Velocity: 90}); on != want {
		t.Errorf("got %+v, want %+v", on, want)
	}
	for _, tt := range []struct{ at, want clock.Millis }{
		{0, 2000},
		{-5, 2000},
		{clock.Millis(math.NaN()), 2000},
		{1750, 1750},
		{9000, 2050},
		{clock.Millis(math.Inf(1)), 2050},
		{clock.Millis(math.Inf(-1)), 2000},
	} {
		if e := play(61, 1, tt.at); clock.Millis(e.At) != tt.want {
			t.Errorf("a note said to be at %v: got %v, want %v", tt.at, e.At, tt.want)
		}
	}
	want := []wire.HeldNote{{Seat: s.Seat, Seq: 1, Note: 60}, {Seat: s.Seat, Seq: 8, Note: 61}}
	if diff := cmp.Diff(want, r.Held(nil)); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
	if !r.Sounds(s.Seat, 60) || r.Sounds(s.Seat, 62) || r.Sounds(s.Seat+1, 60) || r.Sounds(255, 60) {
		t.Error("Sounds and Held disagree")
	}
	if off := play(60, 0, 1900); off.At != 1990 || off.Seq != 9 {
		t.Errorf("ended %+v, want the end when it began", off)
	}
	if again := play(60, 0, 0); again.Velocity != 0 || again.Seq != 10 {
		t.Errorf("ending a silent note: %+v, want it passed on", again)
	}
}

// TestLateNotes plays long before the note arrives. What cannot be heard in time
// is refused. In loop mode that is what is older than the loop. The end of a note
// counts however late it comes.
func TestLateNotes(t *testing.T) {
	const now = 100_000
	for name, tt := range map[string]struct {
		mode    string
		running bool
		oldest  clock.Millis // that is heard
	}{
		"live":                  {`{"mode":"live"}`, true, now - 250},
		"on the grid":           {`{"mode":"snap","grid":1}`, true, now - 250},
		"in a loop":             {`{"mode":"loop","interval":8}`, true, now - 4000},
		"in a long loop":        {`{"mode":"loop","interval":64}`, true, now - 32_000},
		"in a loop of a moment": {`{"mode":"loop","interval":1}`, true, now - 500},
		"in a loop that stands": {`{"mode":"loop","interval":8}`, false, now - 250},
	} {
		t.Run(name, func(t *testing.T) {
			r := testRoom(t)
			s := join(t, r, Applicant{})
			if tt.running {
				start(t, r)
			}
			must(t, r, 1, "set_mode", tt.mode)
			for _, at := range []clock.Millis{now, tt.oldest} {
				if e, err := r.Play(now, s.Seat, 60, 1, at, 0); err != nil || clock.Millis(e.At) != at {
					t.Errorf("played at %v: %+v, %v", at, e, err)
				}
			}
			for _, at := range []clock.Millis{tt.oldest - 1, 1} {
				if _, err := r.Play(now, s.Seat, 62, 1, at, 0); !errors.Is(err, ErrTooLate) {
					t.Errorf("played at %v: %v, want it too late", at, err)
				}
				if e, err := r.Play(now, s.Seat, 60, 0, at, 0); err != nil || clock.Millis(e.At) != tt.oldest {
					t.Errorf("released at %v: %+v, %v", at, e, err)
				}
			}
			if held := r.Held(nil); len(held) != 0 {
				t.Errorf("%+v are held after", held)
			}
		})
	}
}

// TestAStallInALoop plays eight keys 300 ms apart that all arrive at once.
func TestAStallInALoop(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{})
	now := start(t, r) + 20_000
	must(t, r, 1, "set_mode", `{"mode":"loop","interval":8}`)
	for i := range 8 {
		at := now - 2500 + clock.Millis(i*300)
		on, err := r.Play(now, s.Seat, 60, 90, at, 0)
		off, end := r.Play(now, s.Seat, 60, 0, at+100, 0)
		if err != nil || end != nil || clock.Millis(on.At) != at || clock.Millis(off.At) != at+100 {
			t.Errorf("key %d at %v: %+v, %v, and its end %+v, %v", i, at, on, err, off, end)
		}
	}
}

func TestPermissionToPlay(t *testing.T) {
	r := testRoom(t)
	s, teacher := join(t, r, Applicant{}), join(t, r, Applicant{Role: RoleTeacher})
	away, _, _ := r.Join(1, Applicant{})
	try := func(seat, note, velocity uint8, want error) {
		t.Helper()
		if _, err := r.Play(1, seat, note, velocity, 0, 0); !errors.Is(err, want) {
			t.Errorf("seat %d, note %d, velocity %d: %v, want %v", seat, note, velocity, err, want)
		}
	}
	try(s.Seat, 127, 127, nil)
	try(s.Seat, 128, 1, ErrNote)
	try(s.Seat, 1, 128, ErrNote)
	try(away.Seat, 60, 1, ErrNoSeat)
	try(33, 60, 1, ErrNoSeat)
	try(72, 60, 1, ErrNoSeat)
	must(t, r, 1, "mute_student", `{"student_id":%q,"muted":true}`, s.ID)
	try(s.Seat, 60, 1, ErrMuted)
	try(s.Seat, 60, 0, ErrNotHeld)
	must(t, r, 1, "mute_student", `{"student_id":%q,"muted":false}`, s.ID)
	must(t, r, 1, "set_quiet", `{"quiet":true}`)
	try(s.Seat, 60, 1, ErrQuiet)
	try(teacher.Seat, 60, 1, nil)
}

func TestOneMemberHoldsALimitedNumberOfNotes(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{})
	for note := range uint8(MaxSounding) {
		if _, err := r.Play(1, s.Seat, note, 1, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Play(1, s.Seat, 100, 1, 0, 0); !errors.Is(err, ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	if e, err := r.Play(1, s.Seat, 5, 1, 0, 0); err != nil || e.Seq != MaxSounding+1 {
		t.Errorf("striking one again: %+v, %v", e, err)
	}
	if held := r.Held(nil); len(held) != MaxSounding {
		t.Errorf("%d held, want %d", len(held), MaxSounding)
	}
}

func TestWhatEndsNotes(t *testing.T) {
	for name, do := range map[string]func(r *Room, id string) []Change{
		"mute": func(r *Room, id string) []Change {
			return must(t, r, 1, "mute_student", `{"student_id":%q,"muted":true}`, id)
		},
		"quiet":      func(r *Room, _ string) []Change { return must(t, r, 1, "set_quiet", `{"quiet":true}`) },
		"disconnect": func(r *Room, id string) []Change { return r.Disconnect(1, id) },
		"remove":     func(r *Room, id string) []Change { return must(t, r, 1, "remove_student", `{"student_id":%q}`, id) },
		"another instrument": func(r *Room, id string) []Change {
			return must(t, r, 1, "assign_instrument", `{"student_id":%q,"instrument":"organ"}`, id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := testRoom(t)
			join(t, r, Applicant{})
			s := join(t, r, Applicant{})
			_, _ = r.Play(1, s.Seat, 60, 90, 0, 0)
			_, _ = r.Play(1, s.Seat, 64, 90, 0, time.Second)
			changes := do(r, s.ID)
			want := []wire.NoteEvent{{Seat: s.Seat, Seq: 3, At: 1, Note: 60}, {Seat: s.Seat, Seq: 4, At: 1, Note: 64}}
			if diff := cmp.Diff(want, changes[len(changes)-1].Notes); diff != "" {
				t.Errorf("ended (-want +got):\n%s", diff)
			}
			if held := r.Held(nil); len(held) != 0 {
				t.Errorf("%+v are held after", held)
			}
			if _, ended, _ := r.Advance(2000); len(ended) != 0 {
				t.Errorf("%+v ended twice", ended)
			}
		})
	}
}

func TestAssignedBeats(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{})
	must(t, r, 1000, "assign_beat", `{"student_id":%q,"beat":[3,1,1]}`, s.ID)
	if _, err := r.Play(1000, s.Seat, 60, 1, 0, 0); err != nil {
		t.Errorf("while nothing runs: %v", err)
	}
	zero := start(t, r)
	for _, tt := range []struct {
		beat float64
		may  bool
	}{{4, false}, {4.7, false}, {4.8, true}, {5, true}, {5.6, true}, {5.8, false}, {7.1, true}, {7.8, false}, {8, false}} {
		now := zero + clock.Millis(tt.beat*500)
		if _, err := r.Play(now, s.Seat, 60, 1, 0, 0); (err == nil) != tt.may || err != nil && !errors.Is(err, ErrNotYourBeat) {
			t.Errorf("at beat %v: %v, may play: %v", tt.beat, err, tt.may)
		}
		if _, err := r.Play(now, s.Seat, 60, 0, 0, 0); tt.may && err != nil {
			t.Errorf("ending it at beat %v: %v", tt.beat, err)
		}
	}
	must(t, r, zero, "set_tempo", `{"bpm":120,"meter":1}`)
	if _, err := r.Play(zero+4000, s.Seat, 60, 1, 0, 0); err != nil {
		t.Errorf("in a bar without any of the beats: %v", err)
	}
	must(t, r, 5000, "assign_beat", `{"student_id":%q,"beat":[]}`, s.ID)
	if _, err := r.Play(zero, s.Seat, 60, 1, 0, 0); err != nil {
		t.Errorf("with all beats: %v", err)
	}
}

func TestNotesWithADurationEnd(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{})
	_, _ = r.Play(1000, s.Seat, 60, 90, 0, 200*time.Millisecond)
	_, _ = r.Play(1050, s.Seat, 60, 90, 0, 400*time.Millisecond) // played again: the first end is void
	_, _ = r.Play(1050, s.Seat, 62, 90, 0, time.Second)
	_, _ = r.Play(1060, s.Seat, 62, 0, 0, 0) // ended early: so is this end
	_, _ = r.Play(1060, s.Seat, 64, 90, 0, 0)
	if _, ended, next := r.Advance(1210); len(ended) != 0 || next != 1450 {
		t.Errorf("at the first end: %+v, next %v", ended, next)
	}
	_, ended, next := r.Advance(1460)
	want := []wire.NoteEvent{{Seat: s.Seat, Seq: 6, At: 1450, Note: 60}}
	if diff := cmp.Diff(want, ended); diff != "" || next != clock.Never() {
		t.Errorf("at the second end, next %v (-want +got):\n%s", next, diff)
	}
}

func TestTheNextHolderOfASeatContinuesItsNumbers(t *testing.T) {
	r := testRoom(t)
	for want := range uint16(3) {
		s := join(t, r, Applicant{})
		must(t, r, 1, "mute_student", `{"student_id":%q,"muted":false}`, s.ID) // as one who follows a removed student
		e, err := r.Play(1, s.Seat, 60, 1, 0, 0)
		if err != nil || e.Seat != 0 || e.Seq != 2*want+1 {
			t.Errorf("holder %d: %+v, %v", want, e, err)
		}
		must(t, r, 1, "remove_student", `{"student_id":%q}`, s.ID)
	}
}

func TestPlayAllocatesNothing(t *testing.T) {
	r := testRoom(t)
	var seats []uint8
	for range 40 {
		seats = append(seats, join(t, r, Applicant{}).Seat)
	}
	zero := start(t, r)
	must(t, r, 0, "assign_beat", `{"student_id":%q,"beat":[0,1,2,3]}`, r.StudentAt(0))
	n := 0
	allocs := testing.AllocsPerRun(1000, func() {
		seat := seats[n%len(seats)]
		n++
		_, on := r.Play(zero+1000, seat, 60, 90, zero+990, time.Second)
		_, off := r.Play(zero+1000, seat, 60, 0, 0, 0)
		if on != nil || off != nil {
			t.Fatal(on, off)
		}
	})
	if allocs != 0 {
		t.Errorf("a note allocates %v times", allocs)
	}
}

func BenchmarkPlay(b *testing.B) {
	r := testRoom(b)
	for range 40 {
		join(b, r, Applicant{})
	}
	zero := start(b, r)
	must(b, r, 0, "assign_beat", `{"student_id":%q,"beat":[0,1,2,3]}`, r.StudentAt(0))
	n := 0
	for b.Loop() {
		seat := uint8(n % 40)
		n++
		_, _ = r.Play(zero+1000, seat, 60, 90, zero+990, 0)
		_, _ = r.Play(zero+1000, seat, 60, 0, 0, 0)
	}
}
