package table_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire/wiretest"
)

const runningNow = "0198c0de-0000-7000-8000-0000000000cc"

// asked is a caller who may be asked how they feel, while a check-in runs.
func asked(c table.Caller) table.Caller {
	c.Consent, c.CheckIn = true, runningNow
	return c
}

func sunny() table.Row {
	return table.Row{"inner_tempo": json.Number("3"), "inner_key": json.Number("3")}
}

func TestPolicyOfCheckIns(t *testing.T) {
	if err := table.CheckIns.Validate(); err != nil {
		t.Fatal(err)
	}
	childs, err := table.CheckIns.Policy.For(asked(listed)).Make(table.CheckIns, sunny(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if childs["student_id"] != listed.Child || childs["check_in_id"] != runningNow || childs["room"] != listed.Room {
		t.Errorf("a child's row: %v", childs)
	}
	if !table.CheckIns.Private(childs) {
		t.Error("the school can read a check-in")
	}
	for name, tt := range map[string]struct {
		by   table.Caller
		want table.Verb
	}{
		"a child who may be asked":           {asked(listed), table.Insert},
		"a child who may be asked, gone":     {asked(unlisted), table.Insert},
		"a child who may not be asked":       {listed, 0},
		"a lost seat without consent":        {unlisted, 0},
		"a classmate who may be asked":       {asked(bea), 0},
		"the teacher":                        {asked(teacher), 0},
		"a teacher of all rooms":             {asked(head), 0},
		"a service":                          {asked(service), 0},
		"anon":                               {asked(nobody), 0},
		"the seat, after the child has gone": {asked(ana), 0},
	} {
		rights := table.CheckIns.Policy.For(tt.by)
		for verb, word := range map[table.Verb]string{table.Select: "select", table.Insert: "insert", table.Update: "update", table.Delete: "delete"} {
			if got, want := rights.May(verb, childs), tt.want&verb != 0; got != want {
				t.Errorf("%s: may %s: got %v, want %v", name, word, got, want)
			}
		}
	}
}

// TestStampsOfCheckIns sends what no author may choose.
func TestStampsOfCheckIns(t *testing.T) {
	forged := sunny()
	forged["check_in_id"], forged["created_at"] = bea.Subject, "1999-01-01"
	for want, by := range map[any]table.Caller{runningNow: asked(listed), nil: {Role: listed.Role, Subject: listed.Subject, Room: listed.Room, Child: listed.Child, Consent: true}} {
		row, err := table.CheckIns.Policy.For(by).Make(table.CheckIns, forged, noon)
		if err != nil || row["check_in_id"] != want || row["created_at"] != table.FormatTime(noon) {
			t.Errorf("got %v, %v, want the check-in %v", row, err, want)
		}
	}
}

func TestConstraintsOfCheckIns(t *testing.T) {
	if want := (wiretest.Range{Min: table.MinInner, Max: table.MaxInner}); wiretest.Read(t).CheckIn != want {
		t.Errorf("the web app knows %+v", wiretest.Read(t).CheckIn)
	}
	for values, broken := range map[string]string{
		`{"inner_tempo":1,"inner_key":3}`: "", `{"inner_tempo":0,"inner_key":3}`: "check_ins_inner_tempo",
		`{"inner_tempo":1,"inner_key":4}`: "check_ins_inner_key", `{"inner_tempo":1}`: "inner_key", `{"inner_key":1,"inner_tempo":null}`: "inner_tempo",
		`{"inner_tempo":"fast","inner_key":1}`: "fast", `{"inner_tempo":1,"inner_key":1,"room":"DRUM-1111"}`: "room",
	} {
		row, err := table.ParseRow([]byte(values))
		if err != nil {
			t.Fatal(err)
		}
		_, err = table.CheckIns.Policy.For(asked(listed)).Make(table.CheckIns, row, noon)
		problem, _ := errors.AsType[*table.Error](err)
		if broken == "" && err != nil || broken != "" && (problem == nil || !strings.Contains(problem.Message, broken)) {
			t.Errorf("%s: got %v, want %s", values, err, broken)
		}
	}
}
