package room

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
	"github.com/google/go-cmp/cmp"
)

func testRoom(t testing.TB) *Room {
	t.Helper()
	r, err := New(Config{Code: "MUSIC-2024", Name: "Music"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sit seats somebody and connects him.
func sit(t testing.TB, r *Room, a Applicant) Seat {
	t.Helper()
	s, _, err := r.Sit(1000, a)
	if err != nil {
		t.Fatal(err)
	}
	r.Connect(1000, s.ID)
	return s
}

// must sends a teacher's control event that must work.
func must(t testing.TB, r *Room, now clock.Millis, event, payload string) []Change {
	t.Helper()
	changes, err := r.Control(now, "", true, event, []byte(payload))
	if err != nil {
		t.Fatalf("%s %s: %v", event, payload, err)
	}
	return changes
}

func TestSeatsAreSeventyTwoDifferentPairs(t *testing.T) {
	seen := map[[2]int]bool{}
	for seat := range uint8(Seats) {
		pair := [2]int{Hue(seat), Shape(seat)}
		if seen[pair] {
			t.Errorf("seat %d repeats hue %d and shape %d", seat, pair[0], pair[1])
		}
		seen[pair] = true
		next := (seat + 1) % Seats
		if Hue(seat) == Hue(next) || Shape(seat) == Shape(next) {
			t.Errorf("seats %d and %d share hue or shape", seat, next)
		}
	}
}

func TestStudentsFillFromTheFrontTeachersFromTheBack(t *testing.T) {
	r := testRoom(t)
	var got []uint8
	for _, role := range []string{RoleStudent, RoleTeacher, RoleStudent, RoleStage} {
		got = append(got, sit(t, r, Applicant{Role: role}).Seat)
	}
	if diff := cmp.Diff([]uint8{0, 71, 1, 70}, got); diff != "" {
		t.Errorf("seats (-want +got):\n%s", diff)
	}
	if again := sit(t, r, Applicant{Role: RoleTeacher}); again.Seat != 71 {
		t.Errorf("the teacher came back to seat %d, want 71", again.Seat)
	}
}

func TestResumeGivesTheSeatBackEvenWhenLocked(t *testing.T) {
	r := testRoom(t)
	first := sit(t, r, Applicant{})
	must(t, r, 1000, "lock_room", `{"locked":true}`)
	if _, _, err := r.Sit(1000, Applicant{}); !errors.Is(err, ErrLocked) {
		t.Errorf("somebody new in a locked room: %v", err)
	}
	back, _, err := r.Sit(1000, Applicant{Resume: first.Resume})
	if err != nil || back.ID != first.ID || back.Seat != first.Seat {
		t.Errorf("coming back: %+v, %v", back, err)
	}
	must(t, r, 1000, "remove_student", fmt.Sprintf(`{"student_id":%q}`, first.ID))
	if _, _, err := r.Sit(1000, Applicant{Resume: first.Resume}); !errors.Is(err, ErrRemoved) {
		t.Errorf("coming back after being removed: %v", err)
	}
}

func TestAFullRoomGivesUpTheSeatOfWhoIsLongestGone(t *testing.T) {
	r, _ := New(Config{Code: "MUSIC-2024", Name: "Music", MaxMembers: 2})
	a, b := sit(t, r, Applicant{}), sit(t, r, Applicant{})
	if _, _, err := r.Sit(2000, Applicant{}); !errors.Is(err, ErrFull) {
		t.Errorf("a third: %v", err)
	}
	r.Disconnect(3000, b.ID)
	r.Disconnect(4000, a.ID)
	if _, _, err := r.Sit(5000, Applicant{}); !errors.Is(err, ErrFull) {
		t.Errorf("a third, while both may be reloading: %v", err)
	}
	c, _, err := r.Sit(33_000, Applicant{})
	if err != nil || c.Seat != b.Seat {
		t.Errorf("got seat %d, %v; want %d, which was left first", c.Seat, err, b.Seat)
	}
}

func TestNotesOfOneSeat(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{})
	play := func(now clock.Millis, note, velocity uint8, at clock.Millis) (wire.NoteEvent, error) {
		return r.Play(now, s.Seat, note, velocity, at, 0)
	}
	on, err := play(2000, 60, 90, 1990)
	if want := (wire.NoteEvent{Seat: s.Seat, Seq: 1, At: 1990, Note: 60, Velocity: 90}); err != nil || on != want {
		t.Errorf("got %+v, %v; want %+v", on, err, want)
	}
	for _, tt := range []struct{ at, want clock.Millis }{{0, 2000}, {1, 1750}, {9000, 2050}, {clock.Millis(math.Inf(1)), 2050}} {
		if e, _ := play(2000, 61, 1, tt.at); clock.Millis(e.At) != tt.want {
			t.Errorf("a note said to be at %v: got %v, want %v", tt.at, e.At, tt.want)
		}
	}
	held := r.Held(nil)
	if diff := cmp.Diff([]wire.HeldNote{{Seat: s.Seat, Seq: 1, Note: 60}, {Seat: s.Seat, Seq: 5, Note: 61}}, held); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
}

func TestWhatEndsNotes(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(r *Room, id string) []Change
	}{
		{"mute", func(r *Room, id string) []Change {
			return must(t, r, 1, "mute_student", fmt.Sprintf(`{"student_id":%q,"muted":true}`, id))
		}},
		{"quiet", func(r *Room, _ string) []Change { return must(t, r, 1, "set_quiet", `{"quiet":true}`) }},
		{"disconnect", func(r *Room, id string) []Change { return r.Disconnect(1, id) }},
		{"remove", func(r *Room, id string) []Change {
			return must(t, r, 1, "remove_student", fmt.Sprintf(`{"student_id":%q}`, id))
		}},
		{"another instrument", func(r *Room, id string) []Change {
			return must(t, r, 1, "assign_instrument", fmt.Sprintf(`{"student_id":%q,"instrument":"organ"}`, id))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := testRoom(t)
			s := sit(t, r, Applicant{})
			_, _ = r.Play(1, s.Seat, 60, 90, 0, 0)
			_, _ = r.Play(1, s.Seat, 64, 90, 0, 0)
			changes := tt.do(r, s.ID)
			if ended := changes[len(changes)-1].Notes; len(ended) != 2 || ended[0].Velocity != 0 {
				t.Errorf("ended %+v, want both notes", ended)
			}
			if held := r.Held(nil); len(held) != 0 {
				t.Errorf("%+v are held after", held)
			}
		})
	}
}

func TestWhoMayPlay(t *testing.T) {
	r := testRoom(t)
	s, teacher := sit(t, r, Applicant{}), sit(t, r, Applicant{Role: RoleTeacher})
	must(t, r, 1, "mute_student", fmt.Sprintf(`{"student_id":%q,"muted":true}`, s.ID))
	if _, err := r.Play(1, s.Seat, 60, 1, 0, 0); !errors.Is(err, ErrMuted) {
		t.Errorf("muted: %v", err)
	}
	must(t, r, 1, "set_quiet", `{"quiet":true}`)
	if _, err := r.Play(1, teacher.Seat, 60, 1, 0, 0); err != nil {
		t.Errorf("the teacher, while all are quiet: %v", err)
	}
	if _, err := r.Play(1, 33, 60, 1, 0, 0); !errors.Is(err, ErrNoSeat) {
		t.Errorf("an empty seat: %v", err)
	}
}

// start starts the room at 120 beats a minute without a count-in and returns
// when beat 0 is.
func start(t testing.TB, r *Room) clock.Millis {
	t.Helper()
	must(t, r, 0, "set_count_in", `{"bars":0}`)
	must(t, r, 0, "set_tempo", `{"bpm":120}`)
	changes := must(t, r, 1000, "start", `{}`)
	return changes[0].Payload.(TempoChanged).Time0
}

func TestAssignedBeats(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{})
	zero := start(t, r)
	must(t, r, 1000, "assign_beat", fmt.Sprintf(`{"student_id":%q,"beat":[3,1,1]}`, s.ID))
	if m, _ := r.Member(s.ID); !cmp.Equal(m.Beats, []int{1, 3}) {
		t.Errorf("beats %v, want 1 and 3", m.Beats)
	}
	for _, tt := range []struct {
		beat float64
		may  bool
	}{{4, false}, {4.7, false}, {4.8, true}, {5, true}, {5.6, true}, {5.8, false}, {7.1, true}, {8, false}} {
		now := zero.Add(time.Duration(tt.beat * 500 * float64(time.Millisecond)))
		if _, err := r.Play(now, s.Seat, 60, 1, 0, 0); (err == nil) != tt.may {
			t.Errorf("at beat %v: %v, may play: %v", tt.beat, err, tt.may)
		}
	}
	must(t, r, 1000, "assign_beat", fmt.Sprintf(`{"student_id":%q,"beat":[]}`, s.ID))
	if _, err := r.Play(zero, s.Seat, 60, 1, 0, 0); err != nil {
		t.Errorf("with all beats: %v", err)
	}
}

func TestBeatsAreAnnouncedOnceAndNeverLate(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	if _, _, next := r.Advance(1000); next != zero {
		t.Errorf("next is %v, want the start at %v", next, zero)
	}
	var got []float64
	now := zero
	for now < zero+2600 {
		beats, _, next := r.Advance(now)
		for _, b := range beats {
			got = append(got, b.Payload.(Beat).Beat)
		}
		now = min(next, now+300)
	}
	if diff := cmp.Diff([]float64{0, 1, 2, 3, 4, 5}, got); diff != "" {
		t.Errorf("beats (-want +got):\n%s", diff)
	}
	if beats, _, _ := r.Advance(zero + 60_250); len(beats) != 0 {
		t.Errorf("after a minute asleep, half way between beats: %+v", beats)
	}
}

func TestCountInIsNotAnnounced(t *testing.T) {
	r := testRoom(t)
	change := must(t, r, 0, "start", `{}`)[0].Payload.(TempoChanged)
	if change.Beat0 != -4 || change.Bar0 != -1 {
		t.Errorf("one bar of count-in begins at beat %v, bar %d", change.Beat0, change.Bar0)
	}
	beats, _, _ := r.Advance(change.Time0)
	if len(beats) != 0 {
		t.Errorf("announced %+v while counting in", beats)
	}
	beats, _, _ = r.Advance(change.TimeOf(0))
	if len(beats) != 1 || beats[0].Payload.(Beat) != (Beat{Beat: 0, Bar: 0, BeatInBar: 0, At: change.TimeOf(0), BPM: 100}) {
		t.Errorf("the first beat: %+v", beats)
	}
}

func TestNotesWithADurationEnd(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{})
	_, _ = r.Play(1000, s.Seat, 60, 90, 0, 200*time.Millisecond)
	_, _ = r.Play(1050, s.Seat, 60, 90, 0, 400*time.Millisecond) // struck again: the first end is void
	if _, notes, next := r.Advance(1210); len(notes) != 0 || next != 1450 {
		t.Errorf("at the first end: %+v, next %v", notes, next)
	}
	_, notes, _ := r.Advance(1450)
	if len(notes) != 1 || notes[0].Velocity != 0 || notes[0].Seq != 3 {
		t.Errorf("at the second end: %+v", notes)
	}
}

func TestControlRefuses(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{})
	for _, tt := range []struct{ event, payload, reason string }{
		{"set_tempo", `{}`, "bad_payload"},
		{"set_tempo", `{"bpm":29.9}`, "bad_payload"},
		{"set_tempo", `{"bpm":"120"}`, "bad_payload"},
		{"set_tempo", `{"bpm":1e999}`, "bad_payload"},
		{"set_tempo", `{"bpm":100,"meter":17}`, "bad_payload"},
		{"mute_student", `{"student_id":"nobody","muted":true}`, "no_such_student"},
		{"mute_student", fmt.Sprintf(`{"student_id":%q}`, s.ID), "bad_payload"},
		{"assign_beat", fmt.Sprintf(`{"student_id":%q,"beat":16}`, s.ID), "bad_payload"},
		{"assign_beat", fmt.Sprintf(`{"student_id":%q,"beat":"one"}`, s.ID), "bad_payload"},
		{"assign_role", fmt.Sprintf(`{"student_id":%q,"role":"teacher"}`, s.ID), "bad_payload"},
		{"assign_instrument", fmt.Sprintf(`{"student_id":%q,"instrument":"kazoo"}`, s.ID), "bad_payload"},
		{"set_mode", `{"mode":"snap","grid":5}`, "bad_payload"},
		{"set_scale", `{"root":12}`, "bad_payload"},
		{"set_count_in", `{"bars":-1}`, "bad_payload"},
		{"start", `not json`, "bad_payload"},
		{"dance", `{}`, "unknown_event"},
	} {
		before := r.State(0, "")
		_, err := r.Control(1, "", true, tt.event, []byte(tt.payload))
		refused, ok := errors.AsType[*ControlError](err)
		if !ok || refused.Reason != tt.reason {
			t.Errorf("%s %s: %v, want %s", tt.event, tt.payload, err, tt.reason)
		}
		if diff := cmp.Diff(before, r.State(0, "")); diff != "" {
			t.Errorf("%s %s changed the room:\n%s", tt.event, tt.payload, diff)
		}
	}
}

func TestOnlyTheTeacherControls(t *testing.T) {
	r := testRoom(t)
	s, other := sit(t, r, Applicant{}), sit(t, r, Applicant{})
	before := r.State(0, "")
	for event := range controls {
		payload := fmt.Sprintf(`{"student_id":%q,"muted":true,"bpm":90,"instrument":"organ"}`, other.ID)
		if _, err := r.Control(1, s.ID, false, event, []byte(payload)); err != errUnauthorized {
			t.Errorf("%s by a student: %v", event, err)
		}
	}
	if diff := cmp.Diff(before, r.State(0, "")); diff != "" {
		t.Errorf("students changed the room:\n%s", diff)
	}
	if _, err := r.Control(1, s.ID, false, "assign_instrument", []byte(fmt.Sprintf(`{"student_id":%q,"instrument":"organ"}`, s.ID))); err != nil {
		t.Errorf("choosing an instrument of one's own: %v", err)
	}
}

func TestRestartKeepsEverythingButWhoIsOnline(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{Name: "Zoë"})
	start(t, r)
	must(t, r, 1000, "assign_beat", fmt.Sprintf(`{"student_id":%q,"beat":2}`, s.ID))
	must(t, r, 1000, "set_mode", `{"mode":"loop","interval":16}`)
	saved, err := json.Marshal(r.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var snapshot Snapshot
	if err := json.Unmarshal(saved, &snapshot); err != nil {
		t.Fatal(err)
	}
	again, err := Restore(snapshot, 1200, true)
	if err != nil {
		t.Fatal(err)
	}
	want := r.State(1200, s.ID)
	want.Members[0].Online = false
	if diff := cmp.Diff(want, again.State(1200, s.ID)); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	back, _, err := again.Sit(1300, Applicant{Resume: s.Resume})
	if err != nil || back.ID != s.ID {
		t.Errorf("coming back after a restart: %+v, %v", back, err)
	}
	rebooted, err := Restore(snapshot, 50, false)
	if err != nil {
		t.Fatal(err)
	}
	if state := rebooted.State(50, ""); state.Timeline.Running || state.Next != nil || state.Timeline.BPM != 120 {
		t.Errorf("after a reboot: %+v, want it stopped at 120", state.Timeline)
	}
}

func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range words {
		if seen[w] || len(w) < 3 || len(w) > 8 || strings.ToUpper(w) != w {
			t.Errorf("the word %s is there twice, or no good", w)
		}
		seen[w] = true
	}
	if len(words) < 200 {
		t.Errorf("only %d words", len(words))
	}
	if code := NewCode(nil); !true {
		t.Errorf("made the code %q", code)
	}
}

func TestPlayAllocatesNothing(t *testing.T) {
	r := testRoom(t)
	s := sit(t, r, Applicant{})
	if allocs := testing.AllocsPerRun(100, func() { _, _ = r.Play(1000, s.Seat, 60, 90, 1000, 0) }); allocs != 0 {
		t.Errorf("a note allocates %v times", allocs)
	}
}

func FuzzControl(f *testing.F) {
	f.Add("assign_beat", []byte(`{"beat":[1,2]}`))
	f.Add("set_tempo", []byte(`{"bpm":120,"meter":3}`))
	f.Fuzz(func(t *testing.T, event string, payload []byte) {
		r := testRoom(t)
		before := r.State(0, "").Revision
		changes, err := r.Control(1000, "", true, event, payload)
		if after := r.State(0, "").Revision; after != before+len(changes) {
			t.Errorf("%d changes moved the revision from %d to %d", len(changes), before, after)
		}
		if err == nil {
			if _, err := json.Marshal(r.State(0, "")); err != nil {
				t.Error(err)
			}
		}
	})
}
