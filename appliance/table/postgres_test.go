package table_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/table"
)

// renew writes the files of testdata anew from what a real Postgres answers:
//
//	DOWNBEAT_TEST_POSTGRES=postgres://… go test ./appliance/table -run Postgres -renew
var renew = flag.Bool("renew", false, "write testdata anew from the Postgres of DOWNBEAT_TEST_POSTGRES")

// recorded is a file of answers of a real Postgres.
type recorded[T any] struct {
	Postgres string `json:"postgres"` // its version
	Cases    []T    `json:"cases"`
}

func load[T any](t *testing.T, name string) (r recorded[T]) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// keep writes a file anew, if the test was asked to.
func (r recorded[T]) keep(t *testing.T, name string) {
	t.Helper()
	if !*renew {
		return
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	fmt.Fprintf(&b, "{\"postgres\": %q, \"cases\": [", r.Postgres)
	for i, c := range r.Cases {
		b.WriteString(strings.Repeat(",", min(i, 1)) + "\n  ")
		if err := e.Encode(c); err != nil {
			t.Fatal(err)
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteString("\n]}\n")
	if err := os.WriteFile(filepath.Join("testdata", name), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// postgres asks the Postgres that DOWNBEAT_TEST_POSTGRES names, or skips the
// test.
type postgres struct {
	t       *testing.T
	address string
}

func dialPostgres(t *testing.T) postgres {
	t.Helper()
	address := os.Getenv("DOWNBEAT_TEST_POSTGRES")
	if address == "" {
		t.Skip("DOWNBEAT_TEST_POSTGRES names no Postgres")
	}
	return postgres{t, address}
}

// functions answer with the value as JSON writes it, or with the code of the
// error.
const functions = `
set timezone to 'UTC'; set datestyle to 'ISO, MDY'; set client_min_messages to 'error';
create function pg_temp.moment(text) returns text language plpgsql as $f$
begin return to_json($1::timestamptz) #>> '{}'; exception when others then return sqlstate; end $f$;
create function pg_temp.compared(kind text, value text, symbol text, operand text) returns text language plpgsql as $f$
declare res text;
begin
	execute format('select (%L::%s %s (%L::%s))::text', value, kind, symbol, operand, kind || case when symbol = '= any' then '[]' else '' end) into res;
	return coalesce(res, 'null');
exception when others then return sqlstate; end $f$;
`

// ask runs a query whose parameter $1 is JSON, and decodes its one value.
func (p postgres) ask(query string, parameter, into any) {
	p.t.Helper()
	raw, err := json.Marshal(parameter)
	if err != nil {
		p.t.Fatal(err)
	}
	query = strings.ReplaceAll(query, "$1", "$parameter$"+string(raw)+"$parameter$::jsonb")
	psql := exec.CommandContext(p.t.Context(), "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", p.address)
	psql.Stdin = strings.NewReader(functions + query + ";\n")
	var complaint bytes.Buffer
	psql.Stderr = &complaint
	out, err := psql.Output()
	if err != nil {
		p.t.Fatalf("psql: %v\n%s", err, complaint.String())
	}
	if err := json.Unmarshal(out, into); err != nil {
		p.t.Fatalf("%s: %v", out, err)
	}
}

func (p postgres) version() (v string) {
	p.t.Helper()
	p.ask("select to_json(current_setting('server_version'))", nil, &v)
	return v
}

// moments asks for the times of some texts, and for the time of the question.
func (p postgres) moments(texts []string) (answers []string, at time.Time) {
	p.t.Helper()
	var answer struct {
		At      time.Time
		Moments []string
	}
	p.ask(`select json_build_object('at', now(), 'moments', (select json_agg(pg_temp.moment(v) order by n)
		from jsonb_array_elements_text($1) with ordinality as t(v, n)))`, texts, &answer)
	return answer.Moments, answer.At
}

// momentOf reads a time as the box does: its value, or the code of the error.
func momentOf(text string, at time.Time) string {
	row, err := songs.Make(table.Row{"id": json.Number("1"), "at": text}, at)
	if problem, ok := errors.AsType[*table.Error](err); ok {
		return problem.Code
	}
	return fmt.Sprint(row["at"])
}

// writtenTime is a text and what Postgres reads in it.
type writtenTime struct {
	Text   string `json:"text"`
	Answer string `json:"answer"` // a time, or the code of an error
}

// TestTimesThatPostgresReads reads texts whose times a real Postgres has told.
func TestTimesThatPostgresReads(t *testing.T) {
	for _, c := range load[writtenTime](t, "postgres-times.json").Cases {
		if got := momentOf(c.Text, noon); got != c.Answer {
			t.Errorf("%q: got %s, want %s", c.Text, got, c.Answer)
		}
	}
}

// FuzzTimes reads any text, and reads what it gives again: it must not change.
func FuzzTimes(f *testing.F) {
	for _, text := range []string{
		"2026-11-30T09:00:00.5Z", "Mon, 30 Nov 2026 09:00 pm EST", "30-Nov-2026t 09:00", "20261130T090000-08", "J2461375 24:00",
		"yesterday allballs", "-infinity", "2026.334 5:30.25", "9999-12-31 23:59:60 -15:59", "2026-07-30 09:00 Europe/Berlin",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := momentOf(text, noon)
		if len(once) == len(table.CodeTime) {
			return
		}
		if twice := momentOf(once, noon); twice != once {
			t.Errorf("%q is %s, and that is %s", text, once, twice)
		}
	})
}

func TestPostgresStillReadsTheseTimes(t *testing.T) {
	p := dialPostgres(t)
	all := load[writtenTime](t, "postgres-times.json")
	var texts []string
	for _, c := range all.Cases {
		texts = append(texts, c.Text)
	}
	answers, _ := p.moments(texts)
	for i := range answers {
		if !*renew && answers[i] != all.Cases[i].Answer {
			t.Errorf("%q: Postgres %s says %s, the file %s", texts[i], p.version(), answers[i], all.Cases[i].Answer)
		}
		all.Cases[i].Answer = answers[i]
	}
	all.Postgres = p.version()
	all.keep(t, "postgres-times.json")
}

func TestRelativeTimes(t *testing.T) {
	at := time.Date(2026, 12, 31, 23, 15, 30, 123_456_000, time.FixedZone("", -3600))
	for text, want := range map[string]string{
		"now":                "2027-01-01T00:15:30.123456+00:00",
		"now()":              "2027-01-01T00:15:30.123456+00:00",
		" NOW ":              "2027-01-01T00:15:30.123456+00:00",
		"today":              "2027-01-01T00:00:00+00:00",
		"tomorrow":           "2027-01-02T00:00:00+00:00",
		"yesterday":          "2026-12-31T00:00:00+00:00",
		"yesterday 14:30":    "2026-12-31T14:30:00+00:00",
		"today 2:30 pm +01":  "2027-01-01T13:30:00+00:00",
		"tomorrow allballs":  "2027-01-02T00:00:00+00:00",
		"now today":          table.CodeTime,
		"today 2026-11-30":   table.CodeTime,
		"current_timestamp":  table.CodeTime,
		"now() - interval 1": table.CodeTime,
	} {
		if got := momentOf(text, at); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// TestTimesThatTheBoxRefuses has what Postgres reads and the box does not.
func TestTimesThatTheBoxRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"0044-03-15 BC":                     table.CodeTimeRange,
		"10000-01-01":                       table.CodeTimeRange,
		"294276-12-31":                      table.CodeTimeRange,
		"Mon Nov 30 2026 09:00:00 GMT+0100": table.CodeZone, // Postgres: a hundred hours west
		"2026-11-30 09:00 UTC+3":            table.CodeZone,
		"2026-11-30T09:00:00Z+01":           table.CodeZone,
		"y2026m11d30":                       table.CodeTime,
	} {
		if got := momentOf(text, noon); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// TestPostgresReadsTheSameTimes makes texts of many parts in many orders, most
// of which make no sense. The box must read those that Postgres reads, and no
// others. Of a text with several faults, the two may name different ones.
func TestPostgresReadsTheSameTimes(t *testing.T) {
	p := dialPostgres(t)
	r := rand.New(rand.NewPCG(2026, 11))
	texts := make([]string, 20_000)
	for i := range texts {
		texts[i] = anyTime(r)
	}
	answers, at := p.moments(texts)
	wrong := 0
	for i, text := range texts {
		got := momentOf(text, at)
		switch {
		case got == answers[i], len(got) == 5 && len(answers[i]) == 5: // codes have five letters
			continue
		case outOfBounds(answers[i]) && got == table.CodeTimeRange, got == table.CodeZone:
			continue // the box refuses such years and zones: TestTimesThatTheBoxRefuses
		}
		if wrong++; wrong <= 40 {
			t.Errorf("%q: got %s, Postgres says %s", text, got, answers[i])
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d texts are read differently", wrong, len(texts))
	}
}

// outOfBounds reports whether a time of Postgres is outside the years of the
// box.
func outOfBounds(answer string) bool {
	return strings.HasSuffix(answer, "BC") || strings.Index(answer, "-") > 4
}

// anyTime makes a text of the parts of times.
func anyTime(r *rand.Rand) string {
	parts := [][]string{
		{
			"2026-11-30", "2026/11/30", "11/30/2026", "30.11.2026", "11.30.2026", "30-Nov-2026", "Nov-30-2026", "2026-Nov-30", "30 Nov 2026", "Nov 30, 2026", "November 30 2026",
			"20261130", "261130", "26-11-30", "11-30-26", "2026.334", "2026-334", "2026 334", "J2461375", "2024-02-29", "2026-02-29", "99-1-2", "1-2-99", "today", "now", "epoch", "infinity", "-infinity", "2026", "11", "Nov", "30",
		},
		{"09:00:00", "9:05", "09:00:00.123456", "09:00:59.9999999", "23:59:60", "24:00", "24:01", "25:00", "9:60", "09:05 PM", "12:30 am", "13:00 pm", "T090000", "T0900", "T09:00", "090000", "090000.5", "0900", "t 09:00", "allballs", "5:30.25", ""},
		{"Z", "z", "+01", "-01:30", "+0530", "+5", "+05:30:15", "+15:59", "+16", "-1530", "UTC", "GMT", "PST", "est", "CET", "Europe/Berlin", "America/New_York", "zulu", " +00", "- 08", "", ""},
		{"Mon", "Monday,", "on", "at", "AD", "(UTC)", "th", ",", "", "", "", ""},
	}
	var text []string
	for _, i := range r.Perm(len(parts)) {
		if choice := parts[i][r.IntN(len(parts[i]))]; choice != "" {
			text = append(text, choice)
		}
	}
	if r.IntN(2) == 0 { // the usual order
		text = text[:0]
		for _, some := range parts[:3] {
			text = append(text, some[r.IntN(len(some))])
		}
	}
	return strings.Join(text, []string{" ", " ", " ", "", "/", ", "}[r.IntN(6)])
}

// comparison is a value of a type, an operator with its operand, and what
// Postgres says of them.
type comparison struct {
	Column  string `json:"column"` // of songs
	Value   string `json:"value"`
	Op      string `json:"op"`      // as in a filter of changes
	Operand string `json:"operand"` // of in, without its parentheses
	Answer  string `json:"answer"`  // true, false, null, or the code of an error
}

// symbols are the operators as supabase/realtime writes them in SQL.
var symbols = map[string]string{
	"eq": "=", "neq": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "in": "= any",
	"like": "like", "ilike": "ilike", "match": "~", "imatch": "~*", "isdistinct": "is distinct from",
}

// filter writes the comparison as a filter of changes, in a way that keeps the
// operand whole.
func (c comparison) filter() string {
	if c.Op == "in" {
		return c.Column + "=in.(" + c.Operand + ")"
	}
	return c.Column + "=" + c.Op + `."` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(c.Operand) + `"`
}

// TestComparisonsThatPostgresMakes compares values whose comparison a real
// Postgres has told.
func TestComparisonsThatPostgresMakes(t *testing.T) {
	for _, c := range load[comparison](t, "postgres-comparisons.json").Cases {
		if got := c.result(); got != c.Answer {
			t.Errorf("%s of %q: got %s, want %s", c.filter(), c.Value, got, c.Answer)
		}
	}
}

// result is what the box says.
func (c comparison) result() string {
	filter, err := songs.ParseFilter(c.filter(), nil)
	var row table.Row
	if err == nil {
		row, err = songs.Make(table.Row{"id": json.Number("1"), c.Column: c.value()}, noon)
	}
	if problem, ok := errors.AsType[*table.Error](err); ok {
		return problem.Code
	}
	opposite, err := songs.ParseFilter(strings.Replace(c.filter(), "=", "=not.", 1), nil)
	switch {
	case err != nil:
		return err.Error()
	case filter.Match(row):
		return "true"
	case opposite.Match(row):
		return "false"
	}
	return "null"
}

// value is the value for a row. JSON comes as JSON.
func (c comparison) value() (value any) {
	if c.Column != "body" {
		return c.Value
	}
	row, err := table.ParseRow([]byte(`{"body":` + c.Value + `}`))
	if err != nil {
		return err.Error()
	}
	return row["body"]
}

// columnTypes are the types of the columns of songs in SQL.
var columnTypes = map[string]string{
	"id": "bigint", "code": "uuid", "title": "text", "played": "integer", "bpm": "double precision",
	"price": "numeric", "loud": "boolean", "body": "jsonb", "at": "timestamptz", "tags": "text[]",
}

func TestPostgresStillMakesTheseComparisons(t *testing.T) {
	p := dialPostgres(t)
	all := load[comparison](t, "postgres-comparisons.json")
	var questions [][4]string
	for _, c := range all.Cases {
		operand := c.Operand
		if c.Op == "in" {
			operand = "{" + operand + "}"
		}
		questions = append(questions, [4]string{columnTypes[c.Column], c.Value, symbols[c.Op], operand})
	}
	var answers []string
	p.ask(`select json_agg(pg_temp.compared(v->>0, v->>1, v->>2, v->>3) order by n) from jsonb_array_elements($1) with ordinality as t(v, n)`, questions, &answers)
	for i := range answers {
		if !*renew && answers[i] != all.Cases[i].Answer {
			t.Errorf("%s of %q: Postgres %s says %s, the file %s", all.Cases[i].filter(), all.Cases[i].Value, p.version(), answers[i], all.Cases[i].Answer)
		}
		all.Cases[i].Answer = answers[i]
	}
	all.Postgres = p.version()
	all.keep(t, "postgres-comparisons.json")
}
