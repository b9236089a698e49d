package room

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"downbeat.local/appliance/wire"
	"github.com/google/go-cmp/cmp"
)

func TestControlRefuses(t *testing.T) {
	r := testRoom(t)
	s, teacher := join(t, r, Applicant{}), join(t, r, Applicant{Role: RoleTeacher})
	for _, tt := range []struct{ event, payload, reason string }{
		{"set_tempo", ``, "bad_payload"},
		{"set_tempo", `{}`, "bad_payload"},
		{"set_tempo", `[120]`, "bad_payload"},
		{"set_tempo", `{"bpm":null}`, "bad_payload"},
		{"set_tempo", `{"BPM":120}`, "bad_payload"},
		{"set_tempo", `{"bpm":29.9}`, "bad_payload"},
		{"set_tempo", `{"bpm":300.1}`, "bad_payload"},
		{"set_tempo", `{"bpm":"120"}`, "bad_payload"},
		{"set_tempo", `{"bpm":NaN}`, "bad_payload"},
		{"set_tempo", `{"bpm":1e999}`, "bad_payload"},
		{"set_tempo", `{"bpm":100,"meter":0}`, "bad_payload"},
		{"set_tempo", `{"bpm":100,"meter":17}`, "bad_payload"},
		{"set_tempo", `{"bpm":100,"meter":3.5}`, "bad_payload"},
		{"start", `not json`, "bad_payload"},
		{"stop", `"now"`, "bad_payload"},
		{"mute_student", `{"muted":true}`, "bad_payload"},
		{"mute_student", `{"student_id":7,"muted":true}`, "bad_payload"},
		{"mute_student", `{"student_id":"unknown","muted":true}`, "no_such_student"},
		{"mute_student", `{"student_id":%q}`, "bad_payload"},
		{"mute_student", `{"student_id":%q,"muted":1}`, "bad_payload"},
		{"assign_beat", `{"student_id":%q}`, "bad_payload"},
		{"assign_beat", `{"student_id":%q,"beat":null}`, "bad_payload"},
		{"assign_beat", `{"student_id":%q,"beat":-1}`, "bad_payload"},
		{"assign_beat", `{"student_id":%q,"beat":4}`, "bad_payload"}, // of 4
		{"assign_beat", `{"student_id":%q,"beat":1.5}`, "bad_payload"},
		{"assign_beat", `{"student_id":%q,"beat":"one"}`, "bad_payload"},
		{"assign_beat", `{"student_id":%q,"beat":[0,"1"]}`, "bad_payload"},
		{"assign_beat", `{"student_id":%q,"beat":[0,9]}`, "bad_payload"},
		{"assign_beat", `{"student_id":%q,"beat":[0` + strings.Repeat(",1", 40) + `]}`, "bad_payload"},
		{"assign_role", `{"student_id":%q,"role":""}`, "bad_payload"},
		{"assign_role", `{"student_id":%q,"role":"  "}`, "bad_payload"},
		{"assign_role", `{"student_id":%q,"role":"teacher"}`, "bad_payload"},
		{"assign_role", `{"student_id":%q,"role":" Teacher "}`, "bad_payload"},
		{"assign_role", `{"student_id":%q,"role":"stage"}`, "bad_payload"},
		{"assign_role", `{"student_id":%q,"role":"a\u202eb"}`, "bad_payload"},
		{"assign_role", `{"student_id":%q,"role":"` + strings.Repeat("x", 33) + `"}`, "bad_payload"},
		{"assign_role", `{"student_id":["` + teacher.ID + `"],"role":"bass"}`, "not_a_student"},
		{"assign_group", `{"student_id":%q}`, "bad_payload"},
		{"assign_group", `{"student_id":%q,"group":0}`, "bad_payload"},
		{"assign_group", `{"student_id":%q,"group":9}`, "bad_payload"},
		{"assign_group", `{"student_id":%q,"group":1.5}`, "bad_payload"},
		{"assign_group", `{"student_id":%q,"group":"1"}`, "bad_payload"},
		{"assign_group", `{"student_id":%q,"group":[1,2]}`, "bad_payload"},
		{"assign_group", `{"student_id":[],"group":1}`, "bad_payload"},
		{"assign_group", `{"student_id":[1],"group":1}`, "bad_payload"},
		{"assign_group", `{"student_id":["unknown"],"group":1}`, "no_such_student"},
		{"assign_group", `{"student_id":"` + teacher.ID + `","group":1}`, "not_a_student"},
		{"play_alone", `{"student_id":%q,"group":1}`, "bad_payload"},
		{"play_alone", `{"group":9}`, "bad_payload"},
		{"play_alone", `{"student_id":"unknown"}`, "no_such_student"},
		{"play_alone", `{"student_id":"` + teacher.ID + `"}`, "not_a_student"},
		{"all_call", `{}`, "bad_payload"},
		{"listen_in", `{"group":"1"}`, "bad_payload"},
		{"listen_in", `{"group":1}`, "no_seat"}, // the command has no sender
		{"undo", `{}`, "nothing_to_undo"},
		{"set_hearing", `{"hearing":"nobody"}`, "bad_payload"},
		{"assign_instrument", `{"student_id":%q}`, "bad_payload"},
		{"assign_instrument", `{"student_id":%q,"instrument":"kazoo"}`, "bad_payload"},
		{"remove_student", `{}`, "bad_payload"},
		{"remove_student", `{"student_id":"unknown"}`, "no_such_student"},
		{"remove_student", `{"student_id":"` + teacher.ID + `"}`, "not_a_student"},
		{"assign_role", `{"student_id":"` + teacher.ID + `","role":"bass"}`, "not_a_student"},
		{"set_mode", `{"mode":"jam"}`, "bad_payload"},
		{"set_mode", `{"mode":"snap","grid":5}`, "bad_payload"},
		{"set_mode", `{"mode":"loop","interval":0}`, "bad_payload"},
		{"set_mode", `{"mode":"loop","interval":65}`, "bad_payload"},
		{"set_listening", `{"listening":"nobody"}`, "bad_payload"},
		{"set_scale", `{}`, "bad_payload"},
		{"set_scale", `{"root":12}`, "bad_payload"},
		{"set_scale", `{"root":0,"kind":"dorian"}`, "bad_payload"},
		{"set_quiet", `{"quiet":"yes"}`, "bad_payload"},
		{"set_count_in", `{"bars":-1}`, "bad_payload"},
		{"set_count_in", `{"bars":5}`, "bad_payload"},
		{"lock_room", `{}`, "bad_payload"},
		{"ask_reflection", `{}`, "bad_payload"},
		{"ask_reflection", `{"prompt":""}`, "bad_payload"},
		{"ask_reflection", `{"prompt":"` + strings.Repeat("ü", MaxPrompt+1) + `"}`, "bad_payload"},
		{"ask_reflection", `{"prompt":"Why?","from_bar":-1}`, "bad_payload"},
		{"ask_reflection", `{"prompt":"Why?","from_bar":5,"to_bar":4}`, "bad_payload"},
		{"dance", `{}`, "unknown_event"},
		{"play_note", `{}`, "unknown_event"},
	} {
		payload := tt.payload
		if strings.Contains(payload, "%q") {
			payload = fmt.Sprintf(payload, s.ID)
		}
		before := r.State(0, "")
		_, err := r.Control(1, "", true, tt.event, []byte(payload))
		refused, ok := errors.AsType[*ControlError](err)
		if !ok || refused.Reason != tt.reason || !strings.HasSuffix(refused.Message, ".") {
			t.Errorf("%s %s: %v, want %s and a sentence", tt.event, payload, err, tt.reason)
		}
		if diff := cmp.Diff(before, r.State(0, "")); diff != "" {
			t.Errorf("%s %s changed the room:\n%s", tt.event, payload, diff)
		}
	}
}

func TestOnlyTheTeacherControls(t *testing.T) {
	r := testRoom(t)
	s, other := join(t, r, Applicant{}), join(t, r, Applicant{})
	before := r.State(0, "")
	for _, event := range Controls() {
		payload := fmt.Appendf(nil, `{"student_id":%q,"muted":true,"bpm":90,"instrument":"organ","quiet":true}`, other.ID)
		if _, err := r.Control(1, s.ID, false, event, payload); err != errUnauthorized {
			t.Errorf("%s by a student: %v", event, err)
		}
	}
	if diff := cmp.Diff(before, r.State(0, "")); diff != "" {
		t.Errorf("students changed the room:\n%s", diff)
	}
	if _, err := r.Control(1, s.ID, false, "assign_instrument", fmt.Appendf(nil, `{"student_id":%q,"instrument":"organ"}`, s.ID)); err != nil {
		t.Errorf("choosing an instrument of one's own: %v", err)
	}
}

func TestChangesOfControls(t *testing.T) {
	const id = "STUDENT"
	const line = `{"revision":1,"running":false,"bpm":100,"beat0":0,"time0":0,"meter":4,"bar0":0}`
	const faster = `"revision":2,"running":false,"bpm":120.5,"beat0":0,"time0":500,"meter":3,"bar0":0`
	const begins = `"revision":2,"running":true,"bpm":100,"beat0":-4,"time0":500,"meter":4,"bar0":-1`
	for _, tt := range []struct{ event, payload, change, want string }{
		{"set_tempo", `{"bpm":120.5,"meter":3}`, "tempo_changed", `{` + faster + `,"room_revision":3,"timelines":[` + line + `,{` + faster + `}]}`},
		{"start", `{}`, "tempo_changed", `{` + begins + `,"room_revision":3,"timelines":[` + line + `,{` + begins + `}]}`},
		{"start", `null`, "tempo_changed", `{` + begins + `,"room_revision":3,"timelines":[` + line + `,{` + begins + `}]}`},
		{"stop", ``, "tempo_changed", `{"revision":1,"running":false,"bpm":100,"beat0":0,"time0":0,"meter":4,"bar0":0,"room_revision":3,"timelines":[` + line + `]}`},
		{"mute_student", `{"student_id":"STUDENT","muted":true}`, "student_muted", `{"revision":3,"student_id":"STUDENT","muted":true}`},
		{"assign_beat", `{"student_id":"STUDENT","beat":2}`, "beat_assigned", `{"revision":3,"student_id":"STUDENT","beat":2,"beats":[2]}`},
		{"assign_beat", `{"student_id":"STUDENT","beat":[2]}`, "beat_assigned", `{"revision":3,"student_id":"STUDENT","beat":[2],"beats":[2]}`},
		{"assign_beat", `{"student_id":"STUDENT","beat":[3,1.0,1]}`, "beat_assigned", `{"revision":3,"student_id":"STUDENT","beat":[3,1,1],"beats":[1,3]}`},
		{"assign_beat", `{"student_id":"STUDENT","beat":[]}`, "beat_assigned", `{"revision":3,"student_id":"STUDENT","beat":[],"beats":[]}`},
		{"assign_role", `{"student_id":"STUDENT","role":" Lead  guitar "}`, "role_assigned", `{"revision":3,"student_id":"STUDENT","role":"Lead guitar"}`},
		{"assign_instrument", `{"student_id":"STUDENT","instrument":"drums"}`, "instrument_assigned", `{"revision":3,"student_id":"STUDENT","instrument":"drums"}`},
		{"assign_group", `{"student_id":"STUDENT","group":3}`, "group_assigned", `{"revision":3,"student_id":"STUDENT","group":3}`},
		{"assign_group", `{"student_id":["STUDENT"],"group":null}`, "group_assigned", `{"revision":3,"student_id":["STUDENT"],"group":null}`},
		{"assign_group", `{"student_id":["STUDENT"],"group":[8]}`, "group_assigned", `{"revision":3,"student_id":["STUDENT"],"group":8}`},
		{"play_alone", `{"student_id":"STUDENT"}`, "alone_changed", `{"revision":3,"student_id":"STUDENT"}`},
		{"play_alone", `{"group":2}`, "alone_changed", `{"revision":3,"group":2}`},
		{"play_alone", `{"student_id":null}`, "alone_changed", `{"revision":3}`},
		{"all_call", `{"on":true}`, "all_call_changed", `{"revision":3,"on":true}`},
		{"set_hearing", `{"hearing":"all"}`, "room_changed", `{"revision":3,"hearing":"all"}`},
		{"remove_student", `{"student_id":"STUDENT"}`, "member_removed", `{"revision":3,"student_id":"STUDENT"}`},
		{"set_mode", `{"mode":"snap","grid":6}`, "room_changed", `{"revision":3,"mode":"snap","grid":6}`},
		{"set_mode", `{"mode":"loop","interval":16,"grid":null}`, "room_changed", `{"revision":3,"mode":"loop","interval":16}`},
		{"set_listening", `{"listening":"stage"}`, "room_changed", `{"revision":3,"listening":"stage"}`},
		{"set_scale", `{"root":9,"kind":"minor"}`, "room_changed", `{"revision":3,"scale":{"root":9,"kind":"minor"}}`},
		{"set_scale", `{"kind":"blues"}`, "room_changed", `{"revision":3,"scale":{"root":0,"kind":"blues"}}`},
		{"set_quiet", `{"quiet":false}`, "room_changed", `{"revision":3,"quiet":false}`},
		{"set_count_in", `{"bars":0}`, "room_changed", `{"revision":3,"count_in":0}`},
		{"lock_room", `{"locked":true}`, "room_changed", `{"revision":3,"locked":true}`},
	} {
		r := testRoom(t)
		s := join(t, r, Applicant{})
		changes, err := r.Control(100, "", true, tt.event, []byte(strings.ReplaceAll(tt.payload, id, s.ID)))
		if err != nil || len(changes) != 1 {
			t.Errorf("%s %s: %+v, %v", tt.event, tt.payload, changes, err)
			continue
		}
		raw, err := json.Marshal(changes[0].Payload)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(string(raw), s.ID, id)
		if changes[0].Event != tt.change || !sameJSON(t, got, tt.want) {
			t.Errorf("%s %s made\n%s %s, want\n%s %s", tt.event, tt.payload, changes[0].Event, got, tt.change, tt.want)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}

func TestNamesOfEvents(t *testing.T) {
	want := []string{
		"all_call", "ask_check_in", "ask_reflection", "assign_beat", "assign_group", "assign_instrument", "assign_role", "begin_lesson",
		"end_check_in", "end_lesson", "end_reflection", "go_to_step", "listen_in", "lock_room", "mute_student", "play_alone", "readmit", "remove_student", "set_count_in",
		"set_hearing", "set_listening", "set_mode", "set_quiet", "set_scale", "set_tempo", "set_volume", "start", "stop",
		"undo",
	}
	if diff := cmp.Diff(want, Controls()); diff != "" {
		t.Errorf("controls (-want +got):\n%s", diff)
	}
	for _, event := range want {
		if !IsControl(event) || IsReserved(event) {
			t.Errorf("%s: control %v, reserved %v", event, IsControl(event), IsReserved(event))
		}
	}
	for _, event := range []string{"student_note", "beat", "tempo_changed", "room_state", "instrument_assigned", "group_assigned", "Alone_Changed", "n", "c"} {
		if IsControl(event) || !IsReserved(event) {
			t.Errorf("%s: control %v, reserved %v", event, IsControl(event), IsReserved(event))
		}
	}
	for _, event := range []string{wire.EventPlayNote, wire.EventResync, "cursor", ""} {
		if IsControl(event) || IsReserved(event) {
			t.Errorf("%q: control %v, reserved %v", event, IsControl(event), IsReserved(event))
		}
	}
}

func FuzzControl(f *testing.F) {
	for _, event := range Controls() {
		f.Add(event, []byte(`{"student_id":"","bpm":120,"meter":3,"beat":[1,2],"muted":true,"role":"a","mode":"live","group":3,"on":true,"hearing":"all"}`))
	}
	f.Add("assign_beat", []byte(`{"student_id":"x","beat": [ 1 ]}`))
	f.Add("set_tempo", []byte(`{"bpm":1e2}`))
	f.Fuzz(func(t *testing.T, event string, payload []byte) {
		r := testRoom(t)
		s := join(t, r, Applicant{})
		// Put a real id in, which the fuzzer cannot guess.
		payload = slices.Concat([]byte(nil), payload)
		payload = []byte(strings.ReplaceAll(string(payload), `"student_id":""`, fmt.Sprintf(`"student_id":%q`, s.ID)))
		before := r.State(0, "")
		changes, err := r.Control(1000, "", true, event, payload)
		after := r.State(0, "")
		if after.Revision != before.Revision+len(changes) {
			t.Errorf("%d changes moved the revision from %d to %d", len(changes), before.Revision, after.Revision)
		}
		if err != nil && !cmp.Equal(before, after) {
			t.Errorf("refused, but changed:\n%s", cmp.Diff(before, after))
		}
		for _, c := range changes {
			revisionOf(t, c)
		}
		if again, err := Restore(r.Snapshot(), 1000, true); err != nil {
			t.Errorf("cannot be restored: %v", err)
		} else if got := again.State(1000, "").Revision; got != after.Revision {
			t.Errorf("restored at revision %d, want %d", got, after.Revision)
		}
	})
}
