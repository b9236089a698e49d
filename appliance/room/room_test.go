package room

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"downbeat.local/appliance/names"
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

// join gives an applicant a seat and connects them.
func join(t testing.TB, r *Room, a Applicant) Seat {
	t.Helper()
	s, _, err := r.Join(1000, a)
	if err != nil {
		t.Fatal(err)
	}
	r.Connect(1000, s.ID)
	return s
}

// must sends a teacher's control event, which must work. Each %q in the payload
// stands for one of the ids.
func must(t testing.TB, r *Room, now clock.Millis, event, payload string, ids ...string) []Change {
	t.Helper()
	for _, id := range ids {
		payload = strings.Replace(payload, "%q", strconv.Quote(id), 1)
	}
	changes, err := r.Control(now, "", true, event, []byte(payload))
	if err != nil {
		t.Fatalf("%s %s: %v", event, payload, err)
	}
	return changes
}

func TestNewRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg  Config
		want error
	}{
		"no code":           {Config{Name: "Music"}, ErrCode},
		"a loose code":      {Config{Code: "music 2024", Name: "Music"}, ErrCode},
		"no name":           {Config{Code: "MUSIC-2024"}, names.ErrName},
		"a long name":       {Config{Code: "MUSIC-2024", Name: strings.Repeat("x", 61)}, names.ErrName},
		"a hidden name":     {Config{Code: "MUSIC-2024", Name: "a\u202eb"}, names.ErrName},
		"broken UTF-8":      {Config{Code: "MUSIC-2024", Name: "\xc3"}, names.ErrName},
		"too many seats":    {Config{Code: "MUSIC-2024", Name: "Music", MaxMembers: 65}, nil},
		"a wrong listening": {Config{Code: "MUSIC-2024", Name: "Music", Listening: "all"}, nil},
		"no such door":      {Config{Code: "MUSIC-2024", Name: "Music", Door: "ajar"}, nil},
	} {
		if _, err := New(tt.cfg); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestStateIsWhatClientsRead(t *testing.T) {
	r := testRoom(t)
	s := join(t, r, Applicant{Name: "Zoë"})
	got, err := json.Marshal(r.State(0, s.ID))
	if err != nil {
		t.Fatal(err)
	}
	const line = `{"revision":1,"running":false,"bpm":100,"beat0":0,"time0":0,"meter":4,"bar0":0}`
	want := `{"revision":2,"code":"MUSIC-2024","name":"Music","locked":false,"door":"token",` +
		`"timeline":` + line + `,"next":null,"timelines":[` + line + `],` +
		`"mode":"live","grid":4,"interval":8,"listening":"own","hearing":"group","scale":{"root":0,"kind":"off"},` +
		`"quiet":false,"volume":100,"count_in":1,"lights":true,"alone":null,"all_call":false,"session_id":"` + r.lesson.session + `","reflection":null,` +
		`"members":[{"student_id":"` + s.ID + `","seat":0,"role":"student","name":"Zoë","muted":false,"beats":[],` +
		`"group":null,"instrument":"piano","online":true}],"you":{"student_id":"` + s.ID + `","seat":0}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("room_state (-want +got):\n%s", diff)
	}
	if you := r.State(0, "somebody else").You; you != nil {
		t.Errorf("a stranger gets %+v as themselves", you)
	}
}

func TestRevisionsCountChanges(t *testing.T) {
	r := testRoom(t)
	s, first, err := r.Join(0, Applicant{})
	if err != nil {
		t.Fatal(err)
	}
	all := append(first, r.Connect(0, s.ID)...)
	all = append(all, must(t, r, 0, "set_quiet", `{"quiet":true}`)...)
	all = append(all, must(t, r, 0, "start", ``)...)
	all = append(all, must(t, r, 0, "mute_student", `{"student_id":%q,"muted":true}`, s.ID)...)
	all = append(all, must(t, r, 0, "assign_beat", `{"student_id":%q,"beat":1}`, s.ID)...)
	all = append(all, must(t, r, 0, "assign_role", `{"student_id":%q,"role":"bass"}`, s.ID)...)
	all = append(all, must(t, r, 0, "assign_instrument", `{"student_id":%q,"instrument":"bass"}`, s.ID)...)
	all = append(all, must(t, r, 0, "remove_student", `{"student_id":%q}`, s.ID)...)
	for i, c := range all {
		if got := revisionOf(t, c); got != i+1 {
			t.Errorf("change %d, %s, has revision %d", i+1, c.Event, got)
		}
	}
	if got := r.State(0, "").Revision; got != len(all) {
		t.Errorf("the room is at revision %d after %d changes", got, len(all))
	}
}

// failer is the part of a test that helpers need; rapid's T has it too.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// revisionOf reads the room's revision from the payload of a change.
func revisionOf(t failer, c Change) int {
	t.Helper()
	raw, err := json.Marshal(c.Payload)
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Revision     int
		RoomRevision *int `json:"room_revision"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	if p.RoomRevision != nil {
		return *p.RoomRevision
	}
	return p.Revision
}

func TestSafeForConcurrentUse(t *testing.T) {
	r := testRoom(t)
	var class sync.WaitGroup
	for range 8 {
		class.Go(func() {
			s, _, err := r.Join(0, Applicant{})
			if err != nil {
				t.Error(err)
				return
			}
			r.Connect(0, s.ID)
			for n := range 100 {
				i := clock.Millis(n)
				_, _ = r.Play(i, s.Seat, uint8(n), 90, 0, 1)
				_, _ = r.Control(i, "", true, "mute_student", fmt.Appendf(nil, `{"student_id":%q,"muted":false}`, s.ID))
				r.Advance(i)
				r.State(i, s.ID)
				r.Held(nil)
				r.Snapshot()
			}
			r.Disconnect(100, s.ID)
		})
	}
	class.Wait()
	if held := r.Held(nil); len(held) != 0 {
		t.Errorf("%+v sound in an empty room", held)
	}
}
