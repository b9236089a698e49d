package table_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"downbeat.local/appliance/table"
)

// noon is the time at which the tests write rows.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// songs has a column of every type.
var songs = &table.Table{
	Schema: "public", Name: "songs", Key: "id",
	Columns: []table.Column{
		{Name: "id", Type: table.Int8, Required: true},
		{Name: "code", Type: table.UUID},
		{Name: "title", Type: table.Text},
		{Name: "played", Type: table.Int4},
		{Name: "bpm", Type: table.Float8},
		{Name: "price", Type: table.Numeric},
		{Name: "loud", Type: table.Bool},
		{Name: "body", Type: table.JSONB},
		{Name: "at", Type: table.Timestamptz},
		{Name: "tags", Type: "_text"},
	},
}

const songCode = "9d2b1c4e-7f00-4a53-b0f1-0123456789ab"

// song makes a row; fields are JSON.
func song(t testing.TB, fields string) table.Row {
	t.Helper()
	values, err := table.ParseRow([]byte(fields))
	if err != nil {
		t.Fatal(err)
	}
	row, err := songs.Make(values, noon)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func fullSong(t testing.TB) table.Row {
	t.Helper()
	return song(t, `{"id": 9007199254740993, "code": "`+songCode+`", "title": "Für Élise, 50% \"slow\"", "played": -3,
		"bpm": 72.5, "price": 1.10, "loud": false, "at": "2026-11-23 10:00:00.5+01",
		"body": {"steps": [{"name": "clap", "n": 10}, {"name": "sing"}], "n": 9}, "tags": ["a", "b c"]}`)
}

func TestParseFilter(t *testing.T) {
	tests := []struct {
		filter string
		want   bool
	}{
		{``, true},
		{`id=eq.9007199254740993`, true},
		{`id=eq.9007199254740992`, false}, // equal as floats
		{`id=eq.9007199254740993,played=lt.0`, true},
		{`id=eq.9007199254740993, played=gt.0`, false},
		{`code=eq.9D2B1C4E-7F00-4A53-B0F1-0123456789AB`, true},
		{`code=neq.` + songCode, false},
		{`played=gt.-10`, true}, // not as a text
		{`played=gte.-3,played=lte.-3`, true},
		{`bpm=eq.7.25e1`, true},
		{`price=eq.1.1`, true},
		{`price=lt.1.1000000000000000000000001`, true},
		{`loud=eq.false`, true},
		{`loud=is.false`, true},
		{`loud=is.true`, false},
		{`loud=not.is.unknown`, true},
		{`title=is.null`, false},
		{`title=not.is.null`, true},
		{`title=eq."Für Élise, 50% \"slow\""`, true},
		{`title=like.Für%`, true},
		{`title=like.für%`, false},
		{`title=ilike.für%`, true},
		{`title=like.F_r%`, true},
		{`title=like."%50\\% \"%"`, true},
		{`title=like.%51\%%`, false},
		{`title=not.like.%Élise%`, false},
		{`title=match."^F.r .lise,"`, true},
		{`title=imatch.SLOW`, true},
		{`title=not.match.SLOW`, true},
		{`title=in.(a,"Für Élise, 50% \"slow\"")`, true},
		{`played=in.(1,2,-3)`, true},
		{`played=not.in.(1,2)`, true},
		{`played=in.()`, false},
		{`title=isdistinct.x`, true},
		{`loud=isdistinct.false`, false},
		{`at=eq.2026-11-23T09:00:00.500Z`, true},
		{`at=gt.2026-11-23`, true},
		{`at=lt.2026-11-23 09:00:00.5001`, true},
		{`tags=eq."{a,\"b c\"}"`, true},
		{`tags=gt.{a}`, true},
		{`body=eq."{\"steps\":[{\"n\":10,\"name\":\"clap\"},{\"name\":\"sing\"}],\"n\":9}"`, true},
		{`body=isdistinct.null`, true},
	}
	row := fullSong(t)
	for _, tt := range tests {
		f, err := songs.ParseFilter(tt.filter, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.filter, err)
		} else if got := f.Match(row); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.filter, got, tt.want)
		}
	}
}

// TestNullIsUnknown tries every operator on nulls. Only is and isdistinct can be
// true of them, with a negation or without.
func TestNullIsUnknown(t *testing.T) {
	row := song(t, `{"id": 1}`)
	for _, tt := range []struct {
		filter string
		want   bool
	}{
		{`title=eq.a`, false},
		{`title=not.eq.a`, false},
		{`title=neq.a`, false},
		{`played=lt.1`, false},
		{`played=not.lt.1`, false},
		{`title=not.like.a`, false},
		{`title=not.match.a`, false},
		{`title=not.in.(a)`, false},
		{`title=is.null`, true},
		{`loud=is.unknown`, true},
		{`loud=is.true`, false},
		{`loud=not.is.true`, true},
		{`title=isdistinct.a`, true},
		{`title=not.isdistinct.a`, false},
	} {
		f, err := songs.ParseFilter(tt.filter, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.filter, err)
		} else if got := f.Match(row); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.filter, got, tt.want)
		}
	}
}

func TestFilterErrors(t *testing.T) {
	many := strings.Repeat("1,", table.MaxValues) + "1"
	tests := []struct{ filter, code string }{
		{`title`, table.CodeSyntax},
		{`title=`, table.CodeSyntax},
		{`title=eq`, table.CodeSyntax},
		{`title=eq.a,`, table.CodeSyntax},
		{`,title=eq.a`, table.CodeSyntax},
		{`title=eq.a,b`, table.CodeSyntax},
		{`title=not.not.eq.a`, table.CodeSyntax},
		{`title=cs.{a}`, table.CodeSyntax},
		{`title=EQ.a`, table.CodeSyntax},
		{`title=in.a`, table.CodeSyntax},
		{`title=in.(a`, table.CodeSyntax},
		{`title=in.(a)b`, table.CodeSyntax},
		{`title=is.maybe`, table.CodeRaised},
		{`title=is.NULL`, table.CodeRaised},
		{`colour=eq.a`, table.CodeRaised},
		{`title =eq.a`, table.CodeRaised},
		{`body->n=eq.9`, table.CodeRaised}, // paths are for queries
		{`code=eq.a`, table.CodeText},
		{`played=eq.`, table.CodeText},
		{`played=eq.1.5`, table.CodeText},
		{`played=in.(1,x)`, table.CodeText},
		{`played=eq.2147483648`, table.CodeRange},
		{`price=eq.1e9999`, table.CodeRange},
		{`price=eq.NaN`, table.CodeText},
		{`bpm=eq.inf`, table.CodeText},
		{`bpm=eq.1e999`, table.CodeRange},
		{`at=eq.someday`, table.CodeTime},
		{`at=eq.2026-02-30`, table.CodeTimeRange},
		{`loud=eq.maybe`, table.CodeText},
		{`tags=eq.{{a}}`, table.CodeText},
		{`tags=in.(a)`, table.CodeNoOperator},
		{`body=eq.{`, table.CodeText},
		{`title=is.true`, table.CodeRaised},
		{`code=like.a%`, table.CodeRaised},
		{`played=match.1`, table.CodeRaised},
		{`title=like.a\`, table.CodeEscape},
		{`title=match.(`, table.CodeRaised},
		{`title=match.(((a{30}){30}){30})`, table.CodeRaised}, // RE2's own limit
		{`title=match.((a{30}){30})`, table.CodeTooMuch},
		{`title=match.` + strings.Repeat("a", table.MaxPattern+1), table.CodeTooMuch},
		{`played=in.(` + many + `)`, table.CodeRaised},
		{`title=eq.` + strings.Repeat("a", table.MaxFilter), table.CodeTooMuch},
		{strings.Repeat(`played=eq.1,`, table.MaxConditions) + `played=eq.1`, table.CodeTooMuch},
	}
	for _, tt := range tests {
		_, err := songs.ParseFilter(tt.filter, nil)
		problem, ok := errors.AsType[*table.Error](err)
		if !ok || problem.Code != tt.code {
			t.Errorf("%.60s: got %v, want code %s", tt.filter, err, tt.code)
		}
	}
}

// TestFilterErrorsInTheWordsOfSupabase has messages of supabase/realtime, which
// programs show and search for (2.129, subscriptions.ex and
// subscription_check_filters.sql).
func TestFilterErrorsInTheWordsOfSupabase(t *testing.T) {
	for filter, want := range map[string]string{
		`undefined`:           "Error parsing `filter` params: [\"undefined\"]",
		`title=foo.hey`:       "Error parsing `filter` params: [\"foo\", \"hey\"]",
		`title=in.a`:          "Error parsing `filter` params: `in` filter value must be wrapped by parentheses",
		`id=gt.0,,id=lt.9`:    "Error parsing `filter` params: filter must not contain empty segments (check for extra commas)",
		`subject=eq.hey`:      "invalid column for filter subject",
		`id=eq.hey`:           `invalid input syntax for type bigint: "hey"`,
		`title=is.true`:       "is true filter requires a boolean column, got text",
		`title=is.5`:          "invalid value for is filter: must be null, true, false, or unknown",
		`id=like.5%`:          "operator like requires a text-compatible column type, got bigint",
		`title=in.(a,)`:       `malformed array literal: "{a,}"`,
		`title=match.[`:       "invalid regular expression for match filter: invalid regular expression: error parsing regexp: missing closing ]: `[`",
		`at=lt.half past two`: `invalid input syntax for type timestamp with time zone: "half past two"`,
	} {
		if _, err := songs.ParseFilter(filter, nil); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", filter, err, want)
		}
	}
}

// TestWhereAConditionEnds has values with every character that could end one.
func TestWhereAConditionEnds(t *testing.T) {
	for _, tt := range []struct{ filter, title string }{
		{`title=eq. a`, " a"},
		{`title=eq.a `, "a"},
		{` title=eq.a , id=eq.1`, "a"},
		{`title=eq." a "`, " a "},
		{`title=eq."a,b",id=eq.1`, "a,b"},
		{`title=eq.(a,b),id=eq.1`, "(a,b)"},
		{`title=eq.a),id=eq.1`, "a)"},
		{`title=eq.a=b.c`, "a=b.c"},
		{`title=eq.5" tall,id=eq.1`, `5" tall`},
		{`title=eq."a"b`, `"a"b`},
		{`title=eq."a`, `"a`},
		{`title=eq."say \"hi\""`, `say "hi"`},
		{`title=eq."C:\\new"`, `C:\new`},
		{`title=eq.C:\new`, `C:\new`},
		{`title=eq.""`, ``},
		{`title=eq.`, ``},
		{`title=eq.O'Brien`, `O'Brien`},
		{`title=in.(a, b),id=eq.1`, "b"},
		{`title=in.(a,"b),id=eq.2")`, "b),id=eq.2"},
		{`title=in.(a, "b),id=eq.2")`, "b),id=eq.2"},
		{`title=in.(a (b, c), d),id=eq.1`, "c)"},
		{`title=in.(a (b), c),id=eq.1`, "a (b)"},
		{`title=in.(a)b)`, "a)b"},
	} {
		f, err := songs.ParseFilter(tt.filter, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.filter, err)
			continue
		}
		row := table.Row{"id": json.Number("1"), "title": tt.title}
		if !f.Match(row) || f.Match(table.Row{"id": json.Number("1"), "title": tt.title + "?"}) {
			t.Errorf("%s: does not keep %q alone", tt.filter, tt.title)
		}
	}
}

// TestRelativeTimesMove subscribes to what comes after now. A row of an hour
// later must pass then, and not before.
func TestRelativeTimesMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		past, err := songs.ParseFilter(`at=lte.now(),at=not.in.(yesterday)`, nil)
		if err != nil {
			t.Fatal(err)
		}
		row := table.Row{"at": table.FormatTime(time.Now().Add(time.Hour))}
		if past.Match(row) {
			t.Error("a time to come is in the past")
		}
		time.Sleep(time.Hour)
		if !past.Match(row) {
			t.Error("a time that has come is not in the past")
		}
	})
}

func TestParseCondition(t *testing.T) {
	row := fullSong(t)
	tests := []struct {
		column, text string
		want         bool
	}{
		{"title", `eq.Für Élise, 50% "slow"`, true}, // quotes and commas belong to the value
		{"title", `like.*Élise*`, true},
		{"title", `in.("Für Élise, 50% \"slow\"",b)`, true},
		{"title", `not.ilike.*FÜR*`, false},
		{"title", `like(any).{*nothing*,"*, 50%*"}`, true},
		{"title", `like(all).{*nothing*,"*, 50%*"}`, false},
		{"title", `not.ilike(any).{*nothing*}`, true},
		{"played", `eq(any).{1,-3}`, true},
		{"played", `gt(all).{-4,-5}`, true},
		{"played", `lt(any).{}`, false},
		{"body->>n", `eq.9`, true},
		{"body->n", `lt.10`, true}, // numbers, not texts
		{"body->>n", `lt.10`, false},
		{"body->steps->0->>name", `eq.clap`, true},
		{"body->steps->-1->>name", `eq.sing`, true},
		{"body->steps->7->>name", `is.null`, true},
		{"body->>steps", `like.[{*`, true},
		{"body->title->>name", `eq.clap`, false},
	}
	for _, tt := range tests {
		c, err := songs.ParseCondition(tt.column, tt.text, nil)
		if err != nil {
			t.Errorf("%s=%s: %v", tt.column, tt.text, err)
		} else if got := (table.Filter{c}).Match(row); got != tt.want {
			t.Errorf("%s=%s: got %v, want %v", tt.column, tt.text, got, tt.want)
		}
	}
}

func TestConditionErrors(t *testing.T) {
	for _, tt := range []struct{ column, text, code string }{
		{"title", `in(any).(a)`, table.CodeSyntax},
		{"title", `is(any).{null}`, table.CodeSyntax},
		{"title", `eq(some).{a}`, table.CodeSyntax},
		{"title", `in.(a)b`, table.CodeSyntax},
		{"title", `eq(any).a`, table.CodeText},
		{"played", `eq(any).{a}`, table.CodeText},
		{"played", `eq(any).{` + strings.Repeat("1,", table.MaxQuantified) + `1}`, table.CodeTooMuch},
		{"title", `eq.` + strings.Repeat("a", table.MaxQuery), table.CodeTooMuch},
		{"title->a", `eq.a`, table.CodeNoOperator},
		{"body->", `eq.a`, table.CodeSyntax},
		{"body->>a->b", `eq.a`, table.CodeSyntax},
		{"body" + strings.Repeat("->a", table.MaxPath+1), `is.null`, table.CodeTooMuch},
	} {
		_, err := songs.ParseCondition(tt.column, tt.text, nil)
		problem, ok := errors.AsType[*table.Error](err)
		if !ok || problem.Code != tt.code {
			t.Errorf("%.40s=%.40s: got %v, want code %s", tt.column, tt.text, err, tt.code)
		}
	}
	if _, err := songs.ParseFilter(`title=eq(any).{a}`, nil); err == nil {
		t.Error("a filter of changes took a quantifier")
	}
}

func TestParseGroup(t *testing.T) {
	row := song(t, `{"id": 1, "title": "a,b", "played": 3}`) // bpm is null
	tests := []struct {
		word, text string
		want       bool
	}{
		{"or", `(played.eq.1,played.eq.3)`, true},
		{"or", `(played.eq.1,played.eq.2)`, false},
		{"and", `(played.gt.1,played.lt.4)`, true},
		{"not.and", `(played.gt.1,played.lt.3)`, true},
		{"not.or", `(played.eq.3,id.eq.7)`, false},
		{"or", `(title.eq."a,b",id.eq.7)`, true},
		{"or", `(id.eq.7,and(played.not.eq.1,played.in.(3,4)))`, true},
		{"or", `(id.eq.7,not.or(played.eq.1,played.eq.2))`, true},
		{"or", `(bpm.gt.1,played.eq.3)`, true},       // unknown or true
		{"or", `(bpm.gt.1,played.eq.4)`, false},      // unknown or false
		{"not.or", `(bpm.gt.1,played.eq.4)`, false},  // still unknown
		{"not.and", `(bpm.gt.1,played.eq.4)`, true},  // not (unknown and false)
		{"not.and", `(bpm.gt.1,played.eq.3)`, false}, // not (unknown and true)
	}
	for _, tt := range tests {
		c, err := songs.ParseGroup(tt.word, tt.text, nil)
		if err != nil {
			t.Errorf("%s=%s: %v", tt.word, tt.text, err)
		} else if got := (table.Filter{c}).Match(row); got != tt.want {
			t.Errorf("%s=%s: got %v, want %v", tt.word, tt.text, got, tt.want)
		}
	}
	for _, text := range []string{
		``, `()`, `(`, `(id.eq.1`, `(id.eq.1)x`, `(id)`, `(id.eq.1,)`, `(nor(id.eq.1))`,
		strings.Repeat(`(or`, 20), `(id.eq.1` + strings.Repeat(`,id.eq.1`, table.MaxConditions) + `)`,
	} {
		if _, err := songs.ParseGroup("or", text, nil); err == nil {
			t.Errorf("or=%.40s: no error", text)
		}
	}
}

func TestFilterKey(t *testing.T) {
	one := song(t, `{"id": 1}`)
	for _, tt := range []struct {
		filter string
		key    string
		known  bool
	}{
		{`id=eq.1`, songs.KeyOf(one), true},
		{`played=eq.1,id=eq.1`, songs.KeyOf(one), true},
		{`id=not.eq.1`, "", false},
		{`played=eq.1`, "", false},
		{`id=in.(1)`, "", false},
	} {
		f, err := songs.ParseFilter(tt.filter, nil)
		if err != nil {
			t.Fatal(err)
		}
		if key, known := f.Key(songs); key != tt.key || known != tt.known {
			t.Errorf("%s: got %q, %v, want %q, %v", tt.filter, key, known, tt.key, tt.known)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	for _, text := range []string{
		`id=eq.1,title=not.like.a%`, `title=in.("a\"b",c),body=is.null`, `title=imatch."^(a|b){2,3}$"`,
		`tags=eq."{a,\"b c\",NULL}"`, `at=gte.2026-11-23T09:00:00.500Z`, `price=isdistinct.-1.5e3`, `title=eq."`,
	} {
		f.Add(text)
	}
	rows := []table.Row{fullSong(f), song(f, `{"id": 1}`)}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := songs.ParseFilter(text, nil)
		checkError(t, err)
		for _, row := range rows {
			filter.Match(row)
		}
		filter.Key(songs)
	})
}

func FuzzParseQuery(f *testing.F) {
	f.Add("title", "eq.a", "(id.eq.1,and(title.like.*a*,not.or(id.in.(1,2),loud.is.true)))", "title.desc.nullslast,id")
	f.Add("body->steps->0->>name", `not.in.(a,"b\"c")`, `(body->n.gt.1,tags.eq."{a}")`, "body->n,body->>n.asc")
	rows := []table.Row{fullSong(f), song(f, `{"id": 1, "body": [1, "a", null]}`)}
	f.Fuzz(func(t *testing.T, column, condition, group, order string) {
		c, err := songs.ParseCondition(column, condition, nil)
		checkError(t, err)
		g, also := songs.ParseGroup("or", group, nil)
		checkError(t, also)
		for _, row := range rows {
			if err == nil {
				table.Filter{c}.Match(row)
			}
			if also == nil {
				table.Filter{g}.Match(row)
			}
		}
		o, err := songs.ParseOrder(order)
		checkError(t, err)
		o.Sort([]table.Row{rows[0], rows[1], rows[0]})
	})
}

// checkError fails unless an error has a code and a bounded text.
func checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	problem, ok := errors.AsType[*table.Error](err)
	if !ok || problem.Code == "" || problem.Message == "" {
		t.Errorf("an error without a code: %v", err)
	}
	if raw, _ := json.Marshal(problem); len(raw) > 4<<10 {
		t.Errorf("an error of %d bytes", len(raw))
	}
}
