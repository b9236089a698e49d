package rest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/rest"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// songs has short keys. Callers who are not teachers may read the published
// songs.
var songs = func() *table.Table {
	t := &table.Table{
		Schema: "public", Name: "songs", Key: "id",
		Columns: []table.Column{
			{Name: "id", Type: table.Int8, Required: true},
			{Name: "title", Type: table.Text, Required: true},
			{Name: "bpm", Type: table.Float8},
			{Name: "body", Type: table.JSONB},
			{Name: "published", Type: table.Bool, Required: true, Default: func(time.Time) any { return true }},
		},
	}
	published, err := t.ParseFilter("published=is.true", nil)
	if err != nil {
		panic(err)
	}
	t.Policy = table.Policy{
		{Who: table.Everyone, May: table.Select, Rows: published},
		{Who: table.Teachers, May: table.Select | table.Write},
	}
	return t
}()

// site serves songs to the callers that tokens name.
type site struct {
	*httptest.Server
	store  *store.Store
	signer *auth.Signer
}

func newSite(t testing.TB, adjust ...func(*rest.Config)) *site {
	t.Helper()
	signer, err := auth.NewSigner([]byte("a secret of thirty-two bytes, ok"))
	if err != nil {
		t.Fatal(err)
	}
	tables := []*table.Table{songs, table.LessonPlans}
	st, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), store.FileName), Tables: tables})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	cfg := rest.Config{Store: st, Tables: tables, Verify: signer.Verify, Log: slog.New(slog.DiscardHandler)}
	for _, a := range adjust {
		a(&cfg)
	}
	h, err := rest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{httptest.NewServer(h), st, signer}
	t.Cleanup(s.Close)
	return s
}

// with adds three songs. The last is not published.
func (s *site) with(t testing.TB) *site {
	t.Helper()
	var rows []table.Row
	for _, raw := range []string{
		`{"id":1,"title":"Clap","bpm":90,"body":{"bars":[4,8]}}`,
		`{"id":2,"title":"Stomp, \"loud\"","bpm":120}`,
		`{"id":3,"title":"Hum","published":false}`,
	} {
		row, err := table.ParseRow([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if _, err := s.store.Rows(songs, table.Full()).Insert(t.Context(), rows, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// The callers of the tests.
const (
	anon    = "anon"
	teacher = "teacher"
	pupil   = "authenticated"
	service = "service_role"
)

func (s *site) token(t testing.TB, who string) string {
	t.Helper()
	claims := auth.Claims{Role: who}
	if who == teacher {
		claims = auth.Member("someone", "MUSIC-2024", "teacher")
	}
	token, err := s.signer.Mint(claims, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// ask makes a request; headers alternates names and values.
func (s *site) ask(t testing.TB, caller, method, target, body string, headers ...string) *answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+rest.Prefix+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("apikey", s.token(t, caller))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &answer{status: resp.StatusCode, header: resp.Header, body: string(raw)}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// is fails unless the answer has that status and body: JSON, "" for none, or
// "code …" for an error with that code.
func (a *answer) is(t testing.TB, name string, status int, body string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: status %d, want %d: %s", name, a.status, status, a.body)
	}
	if code, isError := strings.CutPrefix(body, "code "); isError {
		var problem map[string]any
		err := json.Unmarshal([]byte(a.body), &problem)
		if err != nil || problem["code"] != code || problem["message"] == "" || len(problem) != 4 {
			t.Errorf("%s: got %s, want an error %s", name, a.body, code)
		}
		return
	}
	if body == "" || a.body == "" {
		if a.body != body {
			t.Errorf("%s: got %q, want %q", name, a.body, body)
		}
		return
	}
	var got, want any
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%s: %q: %v", name, a.body, err)
	}
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

const (
	object  = "application/vnd.pgrst.object+json"
	counted = "count=exact"
	shown   = "return=representation"
)

func TestRead(t *testing.T) {
	s := newSite(t).with(t)
	tests := []struct {
		who, target string
		headers     []string
		status      int
		body        string
		span        string // Content-Range
	}{
		{teacher, "songs?select=id", nil, 200, `[{"id":1},{"id":2},{"id":3}]`, "0-2/*"},
		{service, "songs?select=id", nil, 200, `[{"id":1},{"id":2},{"id":3}]`, "0-2/*"},
		{anon, "songs?select=id", nil, 200, `[{"id":1},{"id":2}]`, "0-1/*"},
		{pupil, "songs?select=id&id=eq.3", nil, 200, `[]`, "*/*"},
		{anon, "songs?id=eq.1", nil, 200, `[{"id":1,"title":"Clap","bpm":90,"body":{"bars":[4,8]},"published":true}]`, "0-0/*"},
		{anon, "songs?id=eq.1&select=", nil, 200, `[{"id":1,"title":"Clap","bpm":90,"body":{"bars":[4,8]},"published":true}]`, "0-0/*"},
		{anon, "songs?select=name:title,body->bars->0,last:body->bars->>1,all:body&id=eq.1", nil, 200, `[{"name":"Clap","bars":4,"last":"8","all":{"bars":[4,8]}}]`, "0-0/*"},
		{anon, "songs?select=id&title=eq.Stomp, \"loud\"", nil, 200, `[{"id":2}]`, "0-0/*"},
		{anon, "songs?select=id&title=in.(Clap,\"Stomp, \\\"loud\\\"\")", nil, 200, `[{"id":1},{"id":2}]`, "0-1/*"},
		{anon, "songs?select=id&bpm=gt.80&bpm=lt.100", nil, 200, `[{"id":1}]`, "0-0/*"},
		{anon, "songs?select=id&or=(title.ilike.*CL*,bpm.eq.120)", nil, 200, `[{"id":1},{"id":2}]`, "0-1/*"},
		{teacher, "songs?select=id&not.or=(title.eq.Clap,bpm.eq.120)", nil, 200, `[]`, "*/*"}, // no bpm: unknown
		{teacher, "songs?select=id&order=bpm.desc.nullslast,id", nil, 200, `[{"id":2},{"id":1},{"id":3}]`, "0-2/*"},
		{teacher, "songs?select=id&order=bpm.desc&limit=1&offset=1", nil, 200, `[{"id":2}]`, "1-1/*"},
		{teacher, "songs?select=id", []string{"Range", "1-1"}, 200, `[{"id":2}]`, "1-1/*"},
		{teacher, "songs?select=id", []string{"Range", "1-", "Prefer", counted}, 206, `[{"id":2},{"id":3}]`, "1-2/3"},
		{teacher, "songs?select=id", []string{"Range", "bytes=0-1"}, 200, `[{"id":1},{"id":2},{"id":3}]`, "0-2/*"},
		{teacher, "songs?select=id&limit=0", []string{"Prefer", counted}, 206, `[]`, "*/3"},
		{teacher, "songs?select=id", []string{"Prefer", counted}, 200, `[{"id":1},{"id":2},{"id":3}]`, "0-2/3"},
		{anon, "songs?select=id", []string{"Prefer", "count=planned"}, 200, `[{"id":1},{"id":2}]`, "0-1/2"},
		{anon, "songs?id=eq.1&select=id", []string{"Accept", object}, 200, `{"id":1}`, "0-0/*"},
		{anon, "songs?id=eq.2&select=id,body", []string{"Accept", object + ";nulls=stripped"}, 200, `{"id":2}`, "0-0/*"},
		{anon, "songs?id=eq.2&select=body,id", []string{"Accept", "application/vnd.pgrst.array+json;nulls=stripped"}, 200, `[{"id":2}]`, "0-0/*"},
		{anon, "songs?id=eq.1&select=id", []string{"Accept", "text/csv, */*;q=0.1"}, 200, `[{"id":1}]`, "0-0/*"},
		{anon, "songs?id=eq.1&select=id", []string{"Accept-Profile", "public"}, 200, `[{"id":1}]`, "0-0/*"},

		{anon, "songs", []string{"Accept", object}, 406, "code PGRST116", ""},
		{anon, "songs?id=eq.9", []string{"Accept", object}, 406, "code PGRST116", ""},
		{anon, "songs", []string{"Accept", "text/csv"}, 406, "code PGRST107", ""},
		{anon, "songs", []string{"Accept-Profile", "auth"}, 406, "code PGRST106", ""},
		{teacher, "songs?offset=4", []string{"Prefer", counted}, 416, "code PGRST103", ""},
		{teacher, "songs", []string{"Range", "3-1"}, 416, "code PGRST103", ""},
		{teacher, "songs?limit=-1", nil, 416, "code PGRST103", ""},
		{teacher, "songs?limit=many", nil, 400, "code PGRST100", ""},
		{teacher, "songs?offset=99999999999999999999", nil, 400, "code PGRST100", ""},
		{teacher, "songs?id=1", nil, 400, "code PGRST100", ""},
		{teacher, "songs?id=eq.one", nil, 400, "code 22P02", ""},
		{teacher, "songs?colour=eq.1", nil, 400, "code 42703", ""},
		{teacher, "songs?select=colour", nil, 400, "code 42703", ""},
		{teacher, "songs?order=colour", nil, 400, "code 42703", ""},
		{teacher, "songs?bpm=like.a", nil, 404, "code 42883", ""},
		{teacher, "songs?select=id,artists(name)", nil, 400, "code PGRST200", ""},
		{teacher, "songs?select=id.count()", nil, 400, "code PGRST123", ""},
		{teacher, "songs?select=id::text", nil, 400, "code PGRST100", ""},
		{teacher, "songs?select=" + strings.Repeat("id,", 101) + "id", nil, 413, "code 54000", ""},
		{teacher, "songs?select=" + strings.Repeat("*,", 30) + "*", nil, 413, "code 54000", ""},
		{teacher, "songs?" + strings.Repeat("id=eq.1&", table.MaxConditions+1), nil, 413, "code 54000", ""},
		{teacher, "songs?a=%zz", nil, 400, "code PGRST100", ""},
		{teacher, "artists", nil, 404, "code PGRST205", ""},
		{teacher, "songs/1", nil, 404, "code PGRST125", ""},
		{teacher, "rpc/play", nil, 404, "code PGRST202", ""},
		{teacher, "", nil, 404, "code PGRST126", ""},
	}
	for _, tt := range tests {
		name := fmt.Sprint(tt.who, " ", tt.target, tt.headers)
		target := strings.NewReplacer(" ", "%20", `"`, "%22", `\`, "%5C").Replace(tt.target)
		got := s.ask(t, tt.who, "GET", target, "", tt.headers...)
		got.is(t, name, tt.status, tt.body)
		if span := got.header.Get("Content-Range"); span != tt.span {
			t.Errorf("%s: Content-Range %q, want %q", name, span, tt.span)
		}
	}
	head := s.ask(t, anon, "HEAD", "songs?select=*", "", "Prefer", counted)
	head.is(t, "HEAD", 200, "")
	if got := head.header.Get("Content-Range"); got != "0-1/2" {
		t.Errorf("HEAD: Content-Range %q", got)
	}
}

func TestWrite(t *testing.T) {
	const all = "songs?select=id,title,published&order=id"
	const before = `[{"id":1,"title":"Clap","published":true},{"id":2,"title":"Stomp, \"loud\"","published":true},{"id":3,"title":"Hum","published":false}]`
	tests := []struct {
		name, who, method, target, body string
		prefer                          string
		status                          int
		answer                          string
		changes                         bool
	}{
		{"insert", teacher, "POST", "songs", `{"id":4,"title":"Tap"}`, "", 201, ``, true},
		{"insert, minimal", teacher, "POST", "songs", `{"id":4,"title":"Tap"}`, "return=minimal", 201, ``, true},
		{"insert, shown", teacher, "POST", "songs?select=id,published", `{"id":4,"title":"Tap"}`, shown, 201, `[{"id":4,"published":true}]`, true},
		{"insert several", service, "POST", "songs?select=id", `[{"id":5,"title":"Tap"},{"id":4,"title":"Tip"}]`, shown, 201, `[{"id":5},{"id":4}]`, true},
		{"insert none", teacher, "POST", "songs", `[]`, shown, 201, `[]`, false},
		{"insert some columns", teacher, "POST", `songs?columns="id","title"&select=id,bpm`, `[{"id":4,"title":"Tap","bpm":1}]`, shown, 201, `[{"id":4,"bpm":null}]`, true},
		{"insert different keys", teacher, "POST", `songs?columns=id,title,bpm,published&select=id,bpm,published`, `[{"id":4,"title":"a","bpm":1},{"id":5,"title":"b","published":false}]`, shown, 201, `[{"id":4,"bpm":1,"published":true},{"id":5,"bpm":null,"published":false}]`, true},
		{"insert a taken key", teacher, "POST", "songs", `[{"id":4,"title":"Tap"},{"id":1,"title":"Tap"}]`, "", 409, "code 23505", false},
		{"insert without a title", teacher, "POST", "songs", `{"id":4}`, "", 400, "code 23502", false},
		{"insert a column too many", teacher, "POST", "songs", `{"id":4,"title":"Tap","colour":1}`, "", 400, "code PGRST204", false},
		{"insert columns that are not there", teacher, "POST", "songs?columns=colour", `{"id":4,"title":"Tap"}`, "", 400, "code PGRST204", false},
		{"insert a bad number", teacher, "POST", "songs", `{"id":"four","title":"Tap"}`, "", 400, "code 22P02", false},
		{"insert different keys without columns", teacher, "POST", "songs", `[{"id":4,"title":"a"},{"id":5,"title":"b","bpm":1}]`, "", 400, "code PGRST102", false},
		{"insert as anon", anon, "POST", "songs", `{"id":4,"title":"Tap"}`, "", 401, "code 42501", false},
		{"insert as a pupil", pupil, "POST", "songs", `{"id":4,"title":"Tap"}`, "", 403, "code 42501", false},
		{"insert no JSON", teacher, "POST", "songs", `{"id":`, "", 400, "code PGRST102", false},
		{"insert nothing", teacher, "POST", "songs", ``, "", 400, "code PGRST102", false},
		{"insert a string", teacher, "POST", "songs", `"song"`, "", 400, "code PGRST102", false},
		{"insert null", teacher, "POST", "songs", `null`, "", 400, "code PGRST102", false},
		{"insert two values", teacher, "POST", "songs", `{"id":4,"title":"a"}{"id":5,"title":"b"}`, "", 400, "code PGRST102", false},
		{"insert what is not UTF-8", teacher, "POST", "songs", "{\"id\":4,\"title\":\"\xff\"}", "", 400, "code PGRST102", false},
		{"insert an array without an end", teacher, "POST", "songs", `[{"id":4,"title":"a"}`, "", 400, "code PGRST102", false},
		{"insert too many", teacher, "POST", "songs", "[" + strings.Repeat(`{},`, store.MaxRows) + "{}]", "", 413, "code 54000", false},
		{"insert too much", teacher, "POST", "songs", `{"id":4,"title":"` + strings.Repeat("a", rest.MaxBody) + `"}`, "", 413, "code 54000", false},

		{"upsert a new row", teacher, "POST", "songs?on_conflict=id&select=id", `{"id":4,"title":"Tap"}`, "resolution=merge-duplicates," + shown, 201, `[{"id":4}]`, true},
		{"upsert an old row", teacher, "POST", "songs?select=id,title,bpm", `{"id":1,"title":"Tap"}`, "resolution=merge-duplicates," + shown, 200, `[{"id":1,"title":"Tap","bpm":90}]`, true},
		{"upsert, ignoring", teacher, "POST", "songs?select=id", `[{"id":1,"title":"Tap"},{"id":4,"title":"Tap"}]`, "resolution=ignore-duplicates," + shown, 201, `[{"id":4}]`, true},
		{"upsert a row twice", teacher, "POST", "songs", `[{"id":4,"title":"a"},{"id":4,"title":"b"}]`, "resolution=merge-duplicates", 400, "code 21000", false},
		{"upsert by another column", teacher, "POST", "songs?on_conflict=title", `{"id":4,"title":"Tap"}`, "resolution=merge-duplicates", 400, "code 42P10", false},
		{"upsert as anon", anon, "POST", "songs", `{"id":1,"title":"Tap"}`, "resolution=merge-duplicates", 401, "code 42501", false},

		{"update", teacher, "PATCH", "songs?id=eq.1", `{"title":"Tap"}`, "", 204, ``, true},
		{"update, shown", teacher, "PATCH", "songs?bpm=gt.1&select=id,title&order=id.desc", `{"title":"Tap"}`, shown, 200, `[{"id":2,"title":"Tap"},{"id":1,"title":"Tap"}]`, true},
		{"update nothing", teacher, "PATCH", "songs?id=eq.9", `{"title":"Tap"}`, shown, 200, `[]`, false},
		{"update one of one", teacher, "PATCH", "songs?id=eq.1&limit=1", `{"title":"Tap"}`, "", 204, ``, true},
		{"update one of two", teacher, "PATCH", "songs?bpm=gt.1&limit=1", `{"title":"Tap"}`, "", 400, "code PGRST124", false},
		{"update at most one", teacher, "PATCH", "songs?bpm=gt.1", `{"title":"Tap"}`, "handling=strict,max-affected=1", 400, "code PGRST124", false},
		{"update at most one, perhaps", teacher, "PATCH", "songs?bpm=gt.1", `{"title":"Tap"}`, "max-affected=1", 204, ``, true},
		{"update with a wish unknown", teacher, "PATCH", "songs?bpm=gt.1", `{"title":"Tap"}`, "handling=strict,tx=rollback", 400, "code PGRST122", false},
		{"update everything", teacher, "PATCH", "songs", `{"title":"Tap"}`, "", 400, "code 21000", false},
		{"update to null", teacher, "PATCH", "songs?id=eq.1", `{"title":null}`, "", 400, "code 23502", false},
		{"update two at once", teacher, "PATCH", "songs?id=eq.1", `[{"title":"a"},{"title":"b"}]`, "", 400, "code PGRST102", false},
		{"update as anon", anon, "PATCH", "songs?id=eq.1", `{"title":"Tap"}`, shown, 200, `[]`, false},

		{"delete", teacher, "DELETE", "songs?id=eq.1", ``, "", 204, ``, true},
		{"delete, shown", teacher, "DELETE", "songs?id=gt.1&select=id", ``, shown, 200, `[{"id":2},{"id":3}]`, true},
		{"delete everything", teacher, "DELETE", "songs", ``, "", 400, "code 21000", false},
		{"delete as a pupil", pupil, "DELETE", "songs?id=eq.1", ``, "", 204, ``, false},
		{"put", teacher, "PUT", "songs?id=eq.1", `{"id":1,"title":"Tap"}`, "", 405, "code PGRST117", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t).with(t)
			s.ask(t, tt.who, tt.method, tt.target, tt.body, "Prefer", tt.prefer).is(t, tt.name, tt.status, tt.answer)
			after := s.ask(t, teacher, "GET", all, "")
			if changed := after.body != strings.ReplaceAll(before, "},{", "},\n{"); changed != tt.changes {
				t.Errorf("changed: %v, want %v: %s", changed, tt.changes, after.body)
			}
		})
	}
}

// TestSingleObjectOfAWrite asks for one object. Either one comes back, or the
// write changes nothing.
func TestSingleObjectOfAWrite(t *testing.T) {
	s := newSite(t).with(t)
	one := []string{"Prefer", shown, "Accept", object}
	s.ask(t, teacher, "PATCH", "songs?id=eq.1&select=title", `{"title":"Tap"}`, one...).is(t, "update one", 200, `{"title":"Tap"}`)
	s.ask(t, teacher, "PATCH", "songs?id=gt.1", `{"title":"Tap"}`, one...).is(t, "update two", 406, "code PGRST116")
	s.ask(t, teacher, "DELETE", "songs?id=eq.9", ``, one...).is(t, "delete none", 406, "code PGRST116")
	s.ask(t, teacher, "POST", "songs?select=id", `{"id":4,"title":"a"}`, one...).is(t, "insert one", 201, `{"id":4}`)
	s.ask(t, teacher, "POST", "songs", `[{"id":5,"title":"a"},{"id":6,"title":"b"}]`, one...).is(t, "insert two", 406, "code PGRST116")
	s.ask(t, teacher, "GET", "songs?select=id,title&title=in.(a,Tap)", "").is(t, "what is left", 200, `[{"id":1,"title":"Tap"},{"id":4,"title":"a"}]`)
}

func TestWritesAreCounted(t *testing.T) {
	s := newSite(t).with(t)
	got := s.ask(t, teacher, "PATCH", "songs?bpm=gt.1", `{"bpm":60}`, "Prefer", counted+", return=minimal")
	got.is(t, "update", 204, "")
	if span, applied := got.header.Get("Content-Range"), got.header.Get("Preference-Applied"); span != "*/2" || applied != "count=exact, return=minimal" {
		t.Errorf("Content-Range %q, Preference-Applied %q", span, applied)
	}
}

func TestCallers(t *testing.T) {
	s := newSite(t).with(t)
	expired, err := s.signer.Mint(auth.Claims{Role: service}, -time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := s.signer.Mint(auth.Claims{Role: "postgres"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	good, hidden := s.token(t, service), "songs?select=id&id=eq.3"
	tests := []struct {
		name, target string
		headers      []string
		status       int
		body         string
	}{
		{"no key", hidden, []string{"apikey", ""}, 401, "code PGRST302"},
		{"a key that is none", hidden, []string{"apikey", "secret"}, 401, "code PGRST301"},
		{"another's key", hidden, []string{"apikey", good + "x"}, 401, "code PGRST301"},
		{"an expired key", hidden, []string{"apikey", expired}, 401, "code PGRST303"},
		{"a role that there is none of", hidden, []string{"apikey", stranger}, 401, "code 22023"},
		{"a key", hidden, []string{"apikey", good}, 200, `[{"id":3}]`},
		{"a key in the address", hidden + "&apikey=" + good, []string{"apikey", ""}, 200, `[{"id":3}]`},
		{"a token beside anon's key", hidden, []string{"Authorization", "Bearer " + good}, 200, `[{"id":3}]`},
		{"anon's token beside a key", hidden, []string{"Authorization", "bearer " + s.token(t, anon), "apikey", good}, 200, `[]`},
		{"an expired token beside a key", hidden, []string{"Authorization", "Bearer " + expired, "apikey", good}, 401, "code PGRST303"},
		{"another scheme", hidden, []string{"Authorization", "Basic eDp5", "apikey", good}, 200, `[{"id":3}]`},
	}
	for _, tt := range tests {
		s.ask(t, anon, "GET", tt.target, "", tt.headers...).is(t, tt.name, tt.status, tt.body)
	}
}

func TestBrokenDisk(t *testing.T) {
	s := newSite(t)
	_ = s.store.Close()
	s.ask(t, teacher, "POST", "songs", `{"id":4,"title":"Tap"}`).is(t, "write", 500, "code XX000")
	s.ask(t, teacher, "GET", "songs", "").is(t, "read", 500, "code XX000")
}

func TestNewNeedsItsParts(t *testing.T) {
	if _, err := rest.New(rest.Config{}); err == nil {
		t.Error("no error")
	}
}

// FuzzRequest sends any requests. The answer must be JSON, and never a fault of
// the box.
func FuzzRequest(f *testing.F) {
	f.Add("GET", "select=id,b:body->>x&id=eq.1&or=(id.eq.1,title.like.*a*)&order=id.desc", "1-2", "count=exact", object, "")
	f.Add("POST", `columns="id","title"&on_conflict=id`, "", "resolution=merge-duplicates,return=representation", "*/*", `[{"id":4,"title":"a"}]`)
	f.Add("PATCH", "title=not.in.(a,\"b\")&limit=1", "-", "handling=strict,max-affected=1", "", `{"body":{"a":[1e9]}}`)
	f.Add("DELETE", "body->n=is.null", "", "", "a/b;c", "")
	s := newSite(f).with(f)
	token, handler := s.token(f, teacher), s.Config.Handler
	f.Fuzz(func(t *testing.T, method, query, span, prefer, accept, body string) {
		switch method {
		case "GET", "POST", "PATCH", "DELETE":
		default:
			method = "GET"
		}
		req := httptest.NewRequest(method, rest.Prefix+"songs", strings.NewReader(body))
		req.URL.RawQuery = query
		req.Header = http.Header{"Authorization": {"Bearer " + token}, "Range": {span}, "Prefer": {prefer}, "Accept": {accept}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code >= 500 || w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
