package table_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/table"
	"github.com/google/go-cmp/cmp"
)

func TestMakeCastsAsPostgresDoes(t *testing.T) {
	tests := []struct{ column, value, want string }{
		{"id", `7`, `7`},
		{"id", `" 7 "`, `7`},
		{"code", `"{9D2B1C4E-7F00-4A53-B0F1-0123456789AB}"`, `"` + songCode + `"`},
		{"title", `5`, `"5"`},
		{"title", `true`, `"true"`},
		{"title", `{"a":["<b>"]}`, `"{\"a\":[\"<b>\"]}"`},
		{"title", `null`, `null`},
		{"played", `"-12"`, `-12`},
		{"bpm", `1e3`, `1000`},
		{"bpm", `"1e-9"`, `1e-09`},
		{"price", `1.10`, `1.10`},
		{"loud", `"yes"`, `true`},
		{"loud", `0`, `false`},
		{"at", `"2026-11-23T10:00:00+01:00"`, `"2026-11-23T09:00:00+00:00"`},
		{"at", `"2026-11-23T09:00:00.1234567Z"`, `"2026-11-23T09:00:00.123457+00:00"`},
		{"at", `"2026-11-23 09:00:00+0130"`, `"2026-11-23T07:30:00+00:00"`},
		{"at", `"2026-11-23"`, `"2026-11-23T00:00:00+00:00"`},
		{"body", `"a string"`, `"a string"`},
		{"body", `{"n":1.50}`, `{"n":1.50}`},
		{"tags", `["a",1,null]`, `["a","1",null]`},
		{"tags", `"{a,\"b\\\"c\",null}"`, `["a","b\"c",null]`},
		{"tags", `"{}"`, `[]`},
	}
	for _, tt := range tests {
		row := song(t, `{"id": 1, "`+tt.column+`": `+tt.value+`}`)
		got, err := json.Marshal(row[tt.column])
		if err != nil || cmp.Diff(decoded(t, tt.want), decoded(t, string(got))) != "" {
			t.Errorf("%s: %s became %s, %v, want %s", tt.column, tt.value, got, err, tt.want)
		}
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	row, err := table.ParseRow([]byte(`{"v":` + text + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return row["v"]
}

func TestMakeRefuses(t *testing.T) {
	tests := []struct{ values, code, message string }{
		{`{"id":1,"colour":2}`, table.CodeNoColumn, `Could not find the 'colour' column of 'songs' in the schema cache`},
		{`{"title":"a"}`, table.CodeNotNull, `null value in column "id" of relation "songs" violates not-null constraint`},
		{`{"id":null}`, table.CodeNotNull, `null value in column "id" of relation "songs" violates not-null constraint`},
		{`{"id":"a"}`, table.CodeText, `invalid input syntax for type bigint: "a"`},
		{`{"id":1e3}`, table.CodeText, `invalid input syntax for type bigint: "1e3"`},
		{`{"id":1,"played":99999999999}`, table.CodeRange, `value "99999999999" is out of range for type integer`},
		{`{"id":1,"code":"x"}`, table.CodeText, `invalid input syntax for type uuid: "x"`},
		{`{"id":1,"at":"x"}`, table.CodeTime, `invalid input syntax for type timestamp with time zone: "x"`},
		{`{"id":1,"at":"9999-12-31T23:59:59.9999999Z"}`, table.CodeTimeRange, `date/time field value out of range: "9999-12-31T23:59:59.9999999Z"`},
		{`{"id":1,"title":"a\u0000"}`, table.CodeUnstorable, `unsupported Unicode escape sequence`},
		{`{"id":1,"body":{"a":["\u0000"]}}`, table.CodeUnstorable, `unsupported Unicode escape sequence`},
		{`{"id":1,"body":{"\u0000":1}}`, table.CodeUnstorable, `unsupported Unicode escape sequence`},
		{`{"id":1,"tags":"a"}`, table.CodeText, `malformed array literal: "a"`},
	}
	for _, tt := range tests {
		values, err := table.ParseRow([]byte(tt.values))
		if err != nil {
			t.Fatal(err)
		}
		_, err = songs.Make(values, noon)
		problem, ok := errors.AsType[*table.Error](err)
		if !ok || problem.Code != tt.code || problem.Message != tt.message {
			t.Errorf("%s: got %v, want %s %s", tt.values, err, tt.code, tt.message)
		}
	}
}

func TestLessonPlanDefaults(t *testing.T) {
	if err := table.LessonPlans.Validate(); err != nil {
		t.Fatal(err)
	}
	row, err := table.LessonPlans.Make(table.Row{"title": "Clapping"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(table.Row{
		"id": row["id"], "title": "Clapping", "body": nil, "published": true,
		"created_at": "2026-11-23T12:00:00+00:00", "updated_at": "2026-11-23T12:00:00+00:00",
	}, row); diff != "" {
		t.Errorf("a lesson plan of a title only (-want +got):\n%s", diff)
	}
	another, err := table.LessonPlans.Make(table.Row{"title": "Clapping"}, noon)
	if err != nil || table.LessonPlans.KeyOf(another) <= table.LessonPlans.KeyOf(row) {
		t.Errorf("keys of two plans in a row: %v, %v, %v", row["id"], another["id"], err)
	}
}

func TestAlterRenews(t *testing.T) {
	old, err := table.LessonPlans.Make(table.Row{"title": "a", "updated_at": "2020-01-01"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	row, err := table.LessonPlans.Alter(old, table.Row{"title": "b"}, noon)
	if err != nil || row["title"] != "b" || old["title"] != "a" || row["id"] != old["id"] {
		t.Fatalf("got %v, %v of %v", row, err, old)
	}
	if row["updated_at"] == old["updated_at"] || row["created_at"] != old["created_at"] {
		t.Errorf("times: got %v of %v", row, old)
	}
	row, err = table.LessonPlans.Alter(old, table.Row{"updated_at": "2021-01-01"}, noon)
	if err != nil || row["updated_at"] != "2021-01-01T00:00:00+00:00" {
		t.Errorf("a time that was named: %v, %v", row, err)
	}
	row, err = table.LessonPlans.Alter(old, nil, noon)
	if err != nil || cmp.Diff(old, row) != "" {
		t.Errorf("no change: %v, %v", row, err)
	}
	if _, err = table.LessonPlans.Alter(old, table.Row{"published": nil}, noon); err == nil {
		t.Error("a required column became null")
	}
}

func TestKeysKeepTheirOrder(t *testing.T) {
	numbers := []string{"-9223372036854775808", "-10", "-9", "0", "9", "10", "9223372036854775807"}
	var keys []string
	for _, n := range numbers {
		keys = append(keys, table.KeyText(json.Number(n)))
	}
	if !slices.IsSorted(keys) || slices.Contains(keys, "") {
		t.Errorf("keys of %v: %v", numbers, keys)
	}
}

func TestProjectKeepsTheKey(t *testing.T) {
	row := song(t, `{"id": 1, "title": "a", "played": 2}`)
	if diff := cmp.Diff(table.Row{"id": json.Number("1"), "title": "a"}, songs.Project(row, []string{"title", "colour"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := songs.Project(row, nil); len(got) != len(songs.Columns) {
		t.Errorf("no columns: got %v", got)
	}
	if songs.Project(nil, []string{"title"}) != nil {
		t.Error("no row: got one")
	}
	if songs.CheckSelection([]string{"title"}) != nil || songs.CheckSelection([]string{"title", "colour"}) == nil {
		t.Error("CheckSelection does not tell columns from others")
	}
}

func TestParseOrder(t *testing.T) {
	rows := []table.Row{
		song(t, `{"id": 1, "title": "b", "played": 10, "body": {"n": 9}}`),
		song(t, `{"id": 2, "title": "a", "played": 9, "body": {"n": 10}}`),
		song(t, `{"id": 3, "title": "a"}`),
	}
	for _, tt := range []struct{ order, want string }{
		{"title", "231"},
		{"title,id.desc", "321"},
		{"played", "213"},
		{"played.desc", "312"},
		{"played.desc.nullslast", "123"},
		{"played.asc.nullsfirst", "321"},
		{"played.nullsfirst", "321"},
		{"body->n", "123"},
		{"body->>n", "213"},
	} {
		order, err := songs.ParseOrder(tt.order)
		if err != nil {
			t.Errorf("%s: %v", tt.order, err)
			continue
		}
		sorted := slices.Clone(rows)
		order.Sort(sorted)
		got := ""
		for _, row := range sorted {
			got += row["id"].(json.Number).String()
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.order, got, tt.want)
		}
	}
	for _, bad := range []string{"", "colour", "title.up", "title.asc.desc", "title,", "title->a", strings.Repeat("id,", table.MaxOrder) + "id"} {
		if _, err := songs.ParseOrder(bad); err == nil {
			t.Errorf("%.20q: no error", bad)
		}
	}
}

func TestLessonPlanPolicy(t *testing.T) {
	published, hidden := table.Row{"published": true}, table.Row{"published": false}
	tests := []struct {
		caller               table.Caller
		reads, hides, writes bool
	}{
		{table.Caller{Role: "anon"}, true, false, false},
		{table.Caller{Role: "authenticated"}, true, false, false},
		{table.Caller{Role: "authenticated", Teacher: true}, true, true, true},
		{table.Caller{Role: "service_role", Teacher: true}, true, true, true},
		{table.Caller{Role: "postgres"}, false, false, false},
		{table.Caller{}, false, false, false},
	}
	for _, tt := range tests {
		r := table.LessonPlans.Policy.For(tt.caller)
		if r.May(table.Select, published) != tt.reads || r.May(table.Select, hidden) != tt.hides {
			t.Errorf("%+v reads published %v, hidden %v", tt.caller, r.May(table.Select, published), r.May(table.Select, hidden))
		}
		for _, verb := range []table.Verb{table.Insert, table.Update, table.Delete} {
			if r.May(verb, published) != tt.writes || r.May(verb, hidden) != tt.writes {
				t.Errorf("%+v may %v: %v, want %v", tt.caller, verb, r.May(verb, published), tt.writes)
			}
		}
		if got := r.Sees(table.Change{New: hidden, Old: published}); got != tt.hides {
			t.Errorf("%+v sees a plan that is hidden now: %v", tt.caller, got)
		}
		if got := r.Sees(table.Change{Old: published}); got != tt.reads {
			t.Errorf("%+v sees that a published plan is deleted: %v", tt.caller, got)
		}
	}
}

func TestValidate(t *testing.T) {
	id := table.Column{Name: "id", Type: table.UUID, Required: true}
	for _, bad := range []*table.Table{
		{Name: "a", Key: "id", Columns: []table.Column{id}},
		{Schema: "public", Name: "a", Key: "id"},
		{Schema: "public", Name: "a", Key: "id", Columns: []table.Column{id, id}},
		{Schema: "public", Name: "a", Key: "id", Columns: []table.Column{{Name: "id", Type: table.UUID}}},
		{Schema: "public", Name: "a", Key: "id", Columns: []table.Column{{Name: "id", Type: table.JSONB, Required: true}}},
		{Schema: "public", Name: "a", Key: "id", Columns: []table.Column{id, {Name: "b", Type: "money"}}},
	} {
		if bad.Validate() == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}

// FuzzCast makes rows of any JSON, and makes each again: it must not change, so
// that rows from anywhere compare alike.
func FuzzCast(f *testing.F) {
	for _, raw := range []string{
		`{"id":1,"title":5,"tags":"{a}","at":"2026-11-23"}`, `{"id":"7","bpm":"1e-300","price":"-0.0","loud":"on"}`,
		`{"id":1,"body":[1e999,{"a":null}],"code":"9d2b1c4e7f004a53b0f10123456789ab"}`,
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		values, err := table.ParseRow(raw)
		if err != nil {
			return
		}
		row, err := songs.Make(values, noon)
		checkError(t, err)
		if err != nil {
			return
		}
		kept, err := json.Marshal(row)
		if err != nil {
			t.Fatalf("%s cannot be kept: %v", raw, err)
		}
		again, err := table.ParseRow(kept)
		if err != nil {
			t.Fatal(err)
		}
		if again, err = songs.Make(again, noon); err != nil || cmp.Diff(row, again) != "" {
			t.Errorf("%s: made twice (-once +twice), %v:\n%s", raw, err, cmp.Diff(row, again))
		}
	})
}

func TestFormatTime(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 120_000_499, time.FixedZone("", 3600))
	if got, want := table.FormatTime(at), "2026-11-23T09:00:00.12+00:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
