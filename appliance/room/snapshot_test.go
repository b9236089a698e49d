package room

import (
	"encoding/json"
	"strings"
	"testing"

	"downbeat.local/sync/clock"
	"github.com/google/go-cmp/cmp"
)

// fullRoom is a room with some of everything.
func fullRoom(t testing.TB) (r *Room, student Seat) {
	t.Helper()
	r = testRoom(t)
	student = join(t, r, Applicant{Name: "Zoë"})
	join(t, r, Applicant{Role: RoleTeacher})
	gone := join(t, r, Applicant{})
	must(t, r, 1000, "remove_student", `{"student_id":%q}`, gone.ID)
	start(t, r)
	must(t, r, 1000, "assign_beat", `{"student_id":%q,"beat":2}`, student.ID)
	must(t, r, 1000, "set_mode", `{"mode":"loop","interval":16}`)
	_, _ = r.Play(1000, student.Seat, 60, 90, 0, 0)
	return r, student
}

// saved is a snapshot as the store returns it.
func saved(t failer, r *Room) Snapshot {
	t.Helper()
	raw, err := json.Marshal(r.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var s Snapshot
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// offline makes all members of a state offline.
func offline(s State) State {
	for i := range s.Members {
		s.Members[i].Online = false
	}
	return s
}

func TestRestartKeepsEverythingButConnections(t *testing.T) {
	r, student := fullRoom(t)
	again, err := Restore(saved(t, r), 1200, true)
	if err != nil {
		t.Fatal(err)
	}
	want := offline(r.State(1200, student.ID))
	if diff := cmp.Diff(want, again.State(1200, student.ID)); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(saved(t, r).Removed, saved(t, again).Removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if ids := saved(t, r).Expelled; len(ids) != 1 || !again.Expelled(ids[0]) || again.Expelled(student.ID) {
		t.Errorf("the ids of the removed members: %q", ids)
	}
	back, _, err := again.Join(1300, Applicant{Resume: student.Resume})
	if err != nil || back.ID != student.ID {
		t.Errorf("coming back after a restart: %+v, %v", back, err)
	}
	again.Connect(1300, back.ID)
	if e, err := again.Play(1300, back.Seat, 60, 1, 0, 0); err != nil || e.Seq < seqAhead {
		t.Errorf("the first note after a restart: %+v, %v; its number may have been used", e, err)
	}
}

func TestRestartInTheMiddleOfAChange(t *testing.T) {
	r := testRoom(t)
	zero := start(t, r)
	next := retime(t, r, zero+100, "set_tempo", `{"bpm":60}`)
	for _, now := range []clock.Millis{zero + 200, next.Time0 + 200} {
		again, err := Restore(saved(t, r), now, true)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(offline(r.State(now, "")), again.State(now, "")); diff != "" {
			t.Errorf("restarted at %v (-want +got):\n%s", now, diff)
		}
	}
	late, err := Restore(saved(t, r), next.Time0+2300, true)
	if err != nil {
		t.Fatal(err)
	}
	if beats, _, due := late.Advance(next.Time0 + 2300); len(beats) != 0 || due != next.Time0+3000 {
		t.Errorf("restarted between beats: %+v, next %v", beats, due)
	}
}

func TestRebootStopsTheBeat(t *testing.T) {
	r, _ := fullRoom(t)
	before := r.State(1000, "")
	again, err := Restore(saved(t, r), 50, false)
	if err != nil {
		t.Fatal(err)
	}
	want := clock.Timeline{Revision: before.Next.Revision + 1, BPM: 120, Meter: 4, Time0: 50}
	if s := again.State(50, ""); s.Timeline != want || s.Next != nil {
		t.Errorf("after a reboot %+v and then %+v, want %+v", s.Timeline, s.Next, want)
	}
}

func TestGuestsDoNotOutliveTheBox(t *testing.T) {
	r := testRoom(t)
	join(t, r, Applicant{Guest: true})
	if s := r.Snapshot(); len(s.Members) != 0 {
		t.Errorf("the store keeps %+v", s.Members)
	}
}

func TestSnapshotsKeepNoSecret(t *testing.T) {
	r, student := fullRoom(t)
	raw, err := json.Marshal(r.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), student.Resume) {
		t.Errorf("the secret of %s is in %s", student.ID, raw)
	}
}

func TestRestoreRefusesDamage(t *testing.T) {
	r, _ := fullRoom(t)
	for name, damage := range map[string]func(s *Snapshot){
		"code":          func(s *Snapshot) { s.Code = "" },
		"name":          func(s *Snapshot) { s.Name = "" },
		"door":          func(s *Snapshot) { s.Door = "ajar" },
		"capacity":      func(s *Snapshot) { s.MaxMembers = 1000 },
		"revision":      func(s *Snapshot) { s.Revision = -1 },
		"tempo":         func(s *Snapshot) { s.Timeline.BPM = 0 },
		"meter":         func(s *Snapshot) { s.Next.Meter = 99 },
		"far beat":      func(s *Snapshot) { s.Next.Beat0 = 1e300 },
		"order":         func(s *Snapshot) { s.Between = clock.Plan{*s.Next}; s.Between[0].Time0++ },
		"far time":      func(s *Snapshot) { s.Timeline.Time0 = -1e300 },
		"mode":          func(s *Snapshot) { s.Settings.Mode = "jam" },
		"grid":          func(s *Snapshot) { s.Settings.Grid = 0 },
		"interval":      func(s *Snapshot) { s.Settings.Interval = 0 },
		"scale":         func(s *Snapshot) { s.Settings.Scale.Root = 12 },
		"count-in":      func(s *Snapshot) { s.Settings.CountIn = 99 },
		"seat":          func(s *Snapshot) { s.Members[0].Seat = 72 },
		"shared seat":   func(s *Snapshot) { s.Members[0].Seat = s.Members[1].Seat },
		"id":            func(s *Snapshot) { s.Members[0].ID = "" },
		"shared id":     func(s *Snapshot) { s.Members[0].ID = s.Members[1].ID },
		"no role":       func(s *Snapshot) { s.Members[0].Role = "" },
		"instrument":    func(s *Snapshot) { s.Members[0].Instrument = "kazoo" },
		"beats":         func(s *Snapshot) { s.Members[0].Beats = []int{16} },
		"negative beat": func(s *Snapshot) { s.Members[0].Beats = []int{-1} },
		"resume":        func(s *Snapshot) { s.Members[0].Resume = "AAAA" },
		"removed":       func(s *Snapshot) { s.Removed[0] = "?" },
	} {
		s := saved(t, r)
		damage(&s)
		if _, err := Restore(s, 1000, true); err == nil {
			t.Errorf("%s: restored", name)
		}
	}
}

func FuzzRestore(f *testing.F) {
	r, _ := fullRoom(f)
	raw, err := json.Marshal(r.Snapshot())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw, true)
	f.Add(raw, false)
	f.Fuzz(func(t *testing.T, raw []byte, sameBoot bool) {
		var s Snapshot
		if json.Unmarshal(raw, &s) != nil {
			return
		}
		r, err := Restore(s, 5000, sameBoot)
		if err != nil {
			return
		}
		for _, m := range r.roster.members() {
			r.Connect(5000, m.ID)
			_, _ = r.Play(5000, m.Seat, 60, 90, 0, 1)
		}
		r.Advance(6000)
		must(t, r, 6000, "start", `{}`)
		if _, err := Restore(saved(t, r), 7000, true); err != nil {
			t.Errorf("a restored room cannot be restored again: %v", err)
		}
	})
}
