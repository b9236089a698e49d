package table_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire/wiretest"
)

// The callers of the tests below.
var (
	ana       = table.Caller{Role: "authenticated", Subject: "0198c0de-0000-7000-8000-00000000000a", Room: "MUSIC-2024"}
	bea       = table.Caller{Role: "authenticated", Subject: "0198c0de-0000-7000-8000-00000000000b", Room: "MUSIC-2024"}
	signedIn  = table.Caller{Role: "authenticated", Subject: ana.Subject}
	teacher   = table.Caller{Role: "authenticated", Subject: "0198c0de-0000-7000-8000-00000000000c", Teacher: true, Room: "MUSIC-2024"}
	neighbour = table.Caller{Role: "authenticated", Teacher: true, Room: "DRUM-1111"}
	head      = table.Caller{Role: "authenticated", Teacher: true}
	service   = table.Caller{Role: "service_role", Teacher: true}
	gone      = table.Caller{Role: "authenticated", Subject: ana.Subject, Room: "MUSIC-2024", Left: true}
	nobody    = table.Caller{Role: "anon"}
	// listed is ana's seat while a child of a class list sits there, and unlisted
	// the same seat once it is lost.
	listed   = table.Caller{Role: "authenticated", Subject: ana.Subject, Room: "MUSIC-2024", Child: "0198c0de-0000-7000-8000-0000000000aa"}
	unlisted = table.Caller{Role: "authenticated", Subject: ana.Subject, Room: "MUSIC-2024", Child: listed.Child, Left: true}
)

// reflect makes a row of a caller.
func reflect(t *testing.T, by table.Caller, values table.Row) table.Row {
	t.Helper()
	row, err := table.Reflections.Policy.For(by).Make(table.Reflections, values, noon)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestPolicyOfReflections(t *testing.T) {
	if err := table.Reflections.Validate(); err != nil {
		t.Fatal(err)
	}
	shared := reflect(t, ana, table.Row{"text": "It was fun", "shared": true})
	private := reflect(t, ana, table.Row{"text": "It was hard"})
	roomless := reflect(t, signedIn, table.Row{"feeling": json.Number("3"), "shared": true})
	childs := reflect(t, listed, table.Row{"text": "It was mine"})
	for name, tt := range map[string]struct {
		by   table.Caller
		row  table.Row
		want table.Verb
	}{
		"a child's seat, their words":   {listed, childs, table.Insert},
		"a child's seat, the seat's":    {listed, private, table.Select | table.Insert},
		"a child's lost seat":           {unlisted, childs, table.Insert},
		"the seat without the child":    {ana, childs, 0},
		"a classmate, a child's words":  {bea, childs, 0},
		"a teacher, a child's words":    {teacher, childs, 0},
		"author, shared":                {ana, shared, table.Select | table.Insert},
		"author, private":               {ana, private, table.Select | table.Insert},
		"author, from outside the room": {signedIn, shared, table.Select | table.Insert},
		"author without a seat, shared": {gone, shared, table.Insert},
		"classmate, shared":             {bea, shared, 0},
		"classmate, private":            {bea, private, 0},
		"teacher, shared":               {teacher, shared, table.Select},
		"teacher, private":              {teacher, private, 0},
		"teacher, no room":              {teacher, roomless, table.Select},
		"teacher of another room":       {neighbour, shared, 0},
		"teacher of every room":         {head, shared, table.Select},
		"teacher of every room, secret": {head, private, 0},
		"service, shared":               {service, shared, table.Select | table.Insert | table.Delete},
		"service, private":              {service, private, 0},
		"anon, shared":                  {nobody, shared, 0},
	} {
		rights := table.Reflections.Policy.For(tt.by)
		for verb, word := range map[table.Verb]string{table.Select: "select", table.Insert: "insert", table.Update: "update", table.Delete: "delete"} {
			if got, want := rights.May(verb, tt.row), tt.want&verb != 0; got != want {
				t.Errorf("%s: may %s: got %v, want %v", name, word, got, want)
			}
		}
	}
}

// TestStampsOfReflections writes values that no author may choose.
func TestStampsOfReflections(t *testing.T) {
	row := reflect(t, ana, table.Row{"text": "x", "created_at": "1999-01-01"})
	if row["student_id"] != ana.Subject || row["room"] != ana.Room || row["created_at"] != table.FormatTime(noon) {
		t.Errorf("a member's row: %v", row)
	}
	if shown := table.Reflections.Project(row, nil); shown["room"] != nil || shown["text"] != "x" || row["room"] != ana.Room {
		t.Errorf("shown %v of %v", shown, row)
	}
	for sent, want := range map[any]any{nil: listed.Child, ana.Subject: listed.Child, strings.ToUpper(ana.Subject): listed.Child, bea.Subject: bea.Subject} {
		values := table.Row{"text": "x"}
		if sent != nil {
			values["student_id"] = sent
		}
		if row := reflect(t, listed, values); row["student_id"] != want {
			t.Errorf("on a child's seat as %v: by %v, want %v", sent, row["student_id"], want)
		}
	}
	row = reflect(t, service, table.Row{"student_id": ana.Subject, "text": "x", "created_at": "1999-01-01"})
	if row["created_at"] != "1999-01-01T00:00:00+00:00" || row["room"] != nil {
		t.Errorf("a service's row: %v", row)
	}
	_, err := table.Reflections.Policy.For(ana).Make(table.Reflections, table.Row{"text": "x", "room": "DRUM-1111"}, noon)
	if problem, ok := errors.AsType[*table.Error](err); !ok || problem.Code != table.CodeNoColumn {
		t.Errorf("a room of the author's choice: %v", err)
	}
}

func TestConstantsOfReflections(t *testing.T) {
	want := wiretest.Read(t).Reflection
	if want.Prompt != table.MaxPrompt || want.Text != table.MaxReflection || want.Feeling != (wiretest.Range{Min: table.MinFeeling, Max: table.MaxFeeling}) {
		t.Errorf("the web app knows %+v", want)
	}
}

func TestConstraintsOfReflections(t *testing.T) {
	for name, tt := range map[string]struct {
		values string
		broken string // the constraint; empty for none
	}{
		"words only":     {`{"text":"a"}`, ""},
		"a feeling only": {`{"feeling":1}`, ""},
		"neither":        {`{"prompt":"Why?"}`, "reflections_answered"},
		"blank words":    {`{"text":" \n"}`, "reflections_answered"},
		"feeling 0":      {`{"feeling":0}`, "reflections_feeling"},
		"feeling 6":      {`{"feeling":6}`, "reflections_feeling"},
		"many words":     {`{"text":"` + strings.Repeat("ü", table.MaxReflection) + `"}`, ""},
		"too many words": {`{"text":"` + strings.Repeat("ü", table.MaxReflection+1) + `"}`, "reflections_text_length"},
		"a long prompt":  {`{"text":"a","prompt":"` + strings.Repeat("a", table.MaxPrompt+1) + `"}`, "reflections_prompt_length"},
		"bars":           {`{"text":"a","from_bar":4,"to_bar":7}`, ""},
		"bars backwards": {`{"text":"a","from_bar":7,"to_bar":4}`, "reflections_bars"},
		"bars before 0":  {`{"text":"a","from_bar":-1}`, "reflections_bars"},
		"as written":     {`{"text":"<b>\u202eabc\u0007 ' or 1=1 --"}`, ""},
	} {
		values, err := table.ParseRow([]byte(tt.values))
		if err != nil {
			t.Fatal(err)
		}
		row, err := table.Reflections.Policy.For(ana).Make(table.Reflections, values, noon)
		problem, _ := errors.AsType[*table.Error](err)
		switch {
		case tt.broken == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.broken == "" && row["text"] != values["text"]:
			t.Errorf("%s: got %q, want %q", name, row["text"], values["text"])
		case tt.broken != "" && (problem == nil || problem.Code != table.CodeCheck || !strings.Contains(problem.Message, tt.broken)):
			t.Errorf("%s: got %v, want %s", name, err, tt.broken)
		}
	}
}
