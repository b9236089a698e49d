package room

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The class and each student have a volume, and both are kept.
func TestVolumes(t *testing.T) {
	r := testRoom(t)
	ann, ben := join(t, r, Applicant{Name: "Ann", Role: RoleStudent}), join(t, r, Applicant{Name: "Ben", Role: RoleStudent})
	must(t, r, 0, "set_volume", `{"volume":50}`)
	must(t, r, 0, "set_volume", fmt.Sprintf(`{"student_id":[%q,%q],"volume":25}`, ann.ID, ben.ID))
	must(t, r, 0, "set_volume", fmt.Sprintf(`{"student_id":%q,"volume":0}`, ben.ID))
	for _, bad := range []string{`{}`, `{"volume":101}`, `{"volume":-1}`, `{"volume":2.5}`, `{"volume":50,"student_id":"nobody"}`} {
		if _, err := r.Control(0, "", true, "set_volume", []byte(bad)); err == nil {
			t.Errorf("%s passes", bad)
		}
	}
	saved, err := json.Marshal(r.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var s Snapshot
	if err := json.Unmarshal(saved, &s); err != nil {
		t.Fatal(err)
	}
	again, err := Restore(s, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	for name, room := range map[string]*Room{"": r, "restored ": again} {
		state := room.State(0, "")
		if got := state.Volume; got != 50 {
			t.Errorf("%sthe class is %d points softer, want 50", name, got)
		}
		if got := volumeOf(state, ann.ID); got != 75 {
			t.Errorf("%sAnn is %d points softer, want 75", name, got)
		}
		if got := volumeOf(state, ben.ID); got != 100 {
			t.Errorf("%sBen is %d points softer, want 100", name, got)
		}
	}
}

// A null in a damaged room is no silence.
func TestVolumeOfNull(t *testing.T) {
	var s Settings
	if err := json.Unmarshal([]byte(`{"volume":null}`), &s); err != nil || s.Volume != 0 {
		t.Errorf("%d points softer, %v", s.Volume, err)
	}
}

func volumeOf(s State, id string) Volume {
	i := slices.IndexFunc(s.Members, func(m Member) bool { return m.ID == id })
	return s.Members[i].Volume
}

// A room of an earlier build names no volume, and is as loud as it was.
func TestFullVolumeIsTheDefault(t *testing.T) {
	r := testRoom(t)
	join(t, r, Applicant{Name: "Ann", Role: RoleStudent})
	saved, err := json.Marshal(r.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	older := strings.Replace(string(saved), `"volume":100,`, "", 1)
	if strings.Contains(older, "volume") {
		t.Fatalf("this is no room of an earlier build: %s", older)
	}
	var s Snapshot
	if err := json.Unmarshal([]byte(older), &s); err != nil {
		t.Fatal(err)
	}
	if s.Settings.Volume != 0 {
		t.Errorf("the class is %d points softer, want 0", s.Settings.Volume)
	}
	var v Volume
	for _, bad := range []string{`101`, `-1`, `"loud"`} {
		if json.Unmarshal([]byte(bad), &v) == nil {
			t.Errorf("%s is a volume", bad)
		}
	}
}
