package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/table"
)

// notes is a table in which everyone may read the public rows and write none.
var notes = func() *table.Table {
	t := &table.Table{
		Schema: "public", Name: "notes", Key: "id",
		Columns: []table.Column{
			{Name: "id", Type: table.Text, Required: true},
			{Name: "n", Type: table.Int4},
			{Name: "public", Type: table.Bool, Default: func(time.Time) any { return false }},
		},
	}
	public, err := t.ParseFilter("public=is.true", nil)
	if err != nil {
		panic(err)
	}
	t.Policy = table.Policy{{Who: table.Everyone, May: table.Select, Rows: public}, {Who: table.Teachers, May: table.Select | table.Write}}
	return t
}()

// teacher and pupil are notes with their rights.
func teacher(s *Store) *Rows {
	return s.Rows(notes, notes.Policy.For(table.Caller{Role: "authenticated", Teacher: true}))
}

func pupil(s *Store) *Rows {
	return s.Rows(notes, notes.Policy.For(table.Caller{Role: "authenticated"}))
}

func note(id string, n int) table.Row {
	return table.Row{"id": id, "n": json.Number(fmt.Sprint(n))}
}

func filterOf(t *testing.T, text string) table.Filter {
	t.Helper()
	f, err := notes.ParseFilter(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shown writes rows as id=n, with a + for a public row.
func shown(rows []table.Row) string {
	var all []string
	for _, row := range rows {
		text := fmt.Sprintf("%v=%v", row["id"], row["n"])
		if row["public"] == true {
			text += "+"
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

// kept is the whole table as shown writes it.
func kept(t *testing.T, s *Store) string {
	t.Helper()
	rows, total, err := s.Rows(notes, table.Full()).Select(t.Context(), Query{Limit: MaxRows, Count: true})
	if err != nil || total != len(rows) {
		t.Fatalf("%d rows of %d, %v", len(rows), total, err)
	}
	return shown(rows)
}

func filled(t *testing.T, rows ...table.Row) *Store {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), FileName))
	if _, err := teacher(s).Insert(t.Context(), rows, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSelect(t *testing.T) {
	hidden, public := note("c", 3), table.Row{"id": "d", "public": true}
	s := filled(t, note("a", 2), note("b", 1), hidden, public)
	order, err := notes.ParseOrder("n")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		rows  *Rows
		query Query
		want  string
		total int
	}{
		{"all", teacher(s), Query{Limit: 9, Count: true}, "a=2 b=1 c=3 d=<nil>+", 4},
		{"none", teacher(s), Query{Count: true}, "", 4},
		{"two", teacher(s), Query{Limit: 2}, "a=2 b=1", -1},
		{"the next two", teacher(s), Query{Offset: 2, Limit: 2, Count: true}, "c=3 d=<nil>+", 4},
		{"past the end", teacher(s), Query{Offset: 9, Limit: 2, Count: true}, "", 4},
		{"in order", teacher(s), Query{Order: order, Offset: 1, Limit: 2, Count: true}, "a=2 c=3", 4},
		{"a filter", teacher(s), Query{Filter: filterOf(t, "n=gt.1"), Limit: 9, Count: true}, "a=2 c=3", 2},
		{"a key", teacher(s), Query{Filter: filterOf(t, "id=eq.b"), Limit: 9, Count: true}, "b=1", 1},
		{"a key and more", teacher(s), Query{Filter: filterOf(t, "id=eq.b,n=eq.2"), Limit: 9, Count: true}, "", 0},
		{"no such key", teacher(s), Query{Filter: filterOf(t, "id=eq.x"), Limit: 9, Count: true}, "", 0},
		{"what a pupil sees", pupil(s), Query{Limit: 9, Count: true}, "d=<nil>+", 1},
		{"a key that a pupil does not see", pupil(s), Query{Filter: filterOf(t, "id=eq.a"), Limit: 9}, "", -1},
		{"without rights", s.Rows(notes, table.Rights{}), Query{Limit: 9, Count: true}, "", 0},
	}
	for _, tt := range tests {
		rows, total, err := tt.rows.Select(t.Context(), tt.query)
		if err != nil || shown(rows) != tt.want || total != tt.total {
			t.Errorf("%s: got %q of %d, %v, want %q of %d", tt.name, shown(rows), total, err, tt.want, tt.total)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("the client is gone")
	cancel(gone)
	if _, _, err := teacher(s).Select(ctx, Query{Limit: 9}); !errors.Is(err, gone) {
		t.Errorf("a request that ended: got %v, want %v", err, gone)
	}
	if _, _, err := s.Rows(table.LessonPlans, table.Full()).Select(t.Context(), Query{}); err == nil {
		t.Error("a table that the store was opened without: no error")
	}
}

func TestWrites(t *testing.T) {
	refuse := func([]table.Row) error { return errors.New("refused") }
	tests := []struct {
		name     string
		write    func(ctx context.Context, s *Store) (Edited, error)
		returned string
		inserted int
		code     string // of the error; "other" for one without
		kept     string
	}{
		{"insert", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Insert(ctx, []table.Row{note("c", 3), note("d", 4)}, nil)
		}, "c=3 d=4", 2, "", "a=1 b=2+ c=3 d=4"},
		{"insert a key that is taken", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Insert(ctx, []table.Row{note("c", 3), note("a", 4)}, nil)
		}, "", 0, table.CodeDuplicate, "a=1 b=2+"},
		{"insert a key twice", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Insert(ctx, []table.Row{note("c", 3), note("c", 4)}, nil)
		}, "", 0, table.CodeDuplicate, "a=1 b=2+"},
		{"insert without the right", func(ctx context.Context, s *Store) (Edited, error) {
			return pupil(s).Insert(ctx, []table.Row{note("a", 3)}, nil)
		}, "", 0, table.CodeForbidden, "a=1 b=2+"},
		{"insert a bad row", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Insert(ctx, []table.Row{note("c", 3), {"n": "x"}}, nil)
		}, "", 0, table.CodeNotNull, "a=1 b=2+"},
		{"insert an empty key", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Insert(ctx, []table.Row{note("", 3)}, nil)
		}, "", 0, table.CodeTooMuch, "a=1 b=2+"},
		{"insert a long key", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Insert(ctx, []table.Row{note(strings.Repeat("c", MaxKey+1), 3)}, nil)
		}, "", 0, table.CodeTooMuch, "a=1 b=2+"},
		{"insert a long row", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Insert(ctx, []table.Row{note(strings.Repeat("c", MaxRow+1), 3)}, nil)
		}, "", 0, table.CodeTooMuch, "a=1 b=2+"},
		{"insert too many", func(ctx context.Context, s *Store) (Edited, error) {
			var many []table.Row
			for i := range MaxRows + 1 {
				many = append(many, note(fmt.Sprintf("c%d", i), i))
			}
			return teacher(s).Insert(ctx, many, nil)
		}, "", 0, table.CodeTooMuch, "a=1 b=2+"},
		{"insert and refuse", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Insert(ctx, []table.Row{note("c", 3)}, refuse)
		}, "", 0, "other", "a=1 b=2+"},
		{"merge", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Merge(ctx, []table.Row{note("b", 5), note("c", 3)}, nil)
		}, "b=5+ c=3", 1, "", "a=1 b=5+ c=3"}, // b stays public
		{"merge a key twice", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Merge(ctx, []table.Row{note("a", 5), note("a", 6)}, nil)
		}, "", 0, table.CodeCardinality, "a=1 b=2+"},
		{"merge without the right", func(ctx context.Context, s *Store) (Edited, error) {
			return pupil(s).Merge(ctx, []table.Row{note("b", 5)}, nil)
		}, "", 0, table.CodeForbidden, "a=1 b=2+"},
		{"fill", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Fill(ctx, []table.Row{note("b", 5), note("c", 3), note("c", 4)}, nil)
		}, "c=3", 1, "", "a=1 b=2+ c=3"},
		{"update", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Update(ctx, filterOf(t, "n=lt.2"), table.Row{"n": "7", "public": true}, nil)
		}, "a=7+", 0, "", "a=7+ b=2+"},
		{"update a column that is not there", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Update(ctx, filterOf(t, "id=eq.x"), table.Row{"colour": 7}, nil)
		}, "", 0, table.CodeNoColumn, "a=1 b=2+"},
		{"update a key", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Update(ctx, filterOf(t, "id=eq.a"), table.Row{"id": "z"}, nil)
		}, "z=1", 0, "", "b=2+ z=1"},
		{"update a key to one that is taken", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Update(ctx, filterOf(t, "id=eq.a"), table.Row{"id": "b"}, nil)
		}, "", 0, table.CodeDuplicate, "a=1 b=2+"},
		{"update two keys to one", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Update(ctx, nil, table.Row{"id": "z"}, nil)
		}, "", 0, table.CodeDuplicate, "a=1 b=2+"},
		{"update without the right", func(ctx context.Context, s *Store) (Edited, error) {
			return pupil(s).Update(ctx, nil, table.Row{"n": "7"}, nil)
		}, "", 0, "", "a=1 b=2+"},
		{"delete", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Delete(ctx, filterOf(t, "n=lt.2"), nil)
		}, "a=1", 0, "", "b=2+"},
		{"delete and refuse", func(ctx context.Context, s *Store) (Edited, error) {
			return teacher(s).Delete(ctx, nil, refuse)
		}, "", 0, "other", "a=1 b=2+"},
		{"delete without the right", func(ctx context.Context, s *Store) (Edited, error) {
			return pupil(s).Delete(ctx, nil, nil)
		}, "", 0, "", "a=1 b=2+"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := filled(t, note("a", 1), table.Row{"id": "b", "n": "2", "public": true})
			done, err := tt.write(t.Context(), s)
			if got := codeOf(err); got != tt.code {
				t.Errorf("error: got %v, want %q", err, tt.code)
			}
			if shown(done.Rows) != tt.returned || done.Inserted != tt.inserted {
				t.Errorf("returned: got %q, %d new, want %q, %d new", shown(done.Rows), done.Inserted, tt.returned, tt.inserted)
			}
			if got := kept(t, s); got != tt.kept {
				t.Errorf("kept: got %q, want %q", got, tt.kept)
			}
		})
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	if problem, ok := errors.AsType[*table.Error](err); ok {
		return problem.Code
	}
	return "other"
}

// TestABadPlanHarmsNoOtherWrite shares one commit between a good write, one that
// conflicts with it, and one that panics.
func TestABadPlanHarmsNoOtherWrite(t *testing.T) {
	s := filled(t, note("a", 1))
	s.committing <- struct{}{} // no commit until all three wait
	var wg sync.WaitGroup
	var outcomes [3]error
	start := func(i int, write func() error) {
		wg.Go(func() { outcomes[i] = write() })
		for waiting := 0; waiting <= i; {
			runtime.Gosched()
			s.mu.Lock()
			waiting = len(s.pending)
			s.mu.Unlock()
		}
	}
	insert := func() error {
		_, err := teacher(s).Insert(t.Context(), []table.Row{note("b", 2)}, nil)
		return err
	}
	start(0, insert)
	start(1, insert)
	start(2, func() error {
		_, err := teacher(s).Delete(t.Context(), nil, func([]table.Row) error { panic("a bug") })
		return err
	})
	<-s.committing
	wg.Wait()
	if codeOf(outcomes[0]) != "" || codeOf(outcomes[1]) != table.CodeDuplicate || codeOf(outcomes[2]) != "other" {
		t.Errorf("got %v", outcomes)
	}
	if got, want := kept(t, s), "a=1 b=2"; got != want {
		t.Errorf("kept: got %q, want %q", got, want)
	}
	if err := insert(); codeOf(err) != table.CodeDuplicate {
		t.Errorf("a write afterwards: %v", err)
	}
}

func TestRowsSurviveReopeningAndOldOnesAreCompleted(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	s := open(t, path)
	if _, err := teacher(s).Insert(t.Context(), []table.Row{note("a", 1)}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), Op{Bucket: bucketOf(notes), Key: "b", Value: []byte(`{"id":"b"}`)}); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	rows, _, err := teacher(open(t, path)).Select(t.Context(), Query{Limit: 9})
	want := []table.Row{{"id": "a", "n": json.Number("1"), "public": false}, {"id": "b", "n": nil, "public": nil}}
	if diff := cmp.Diff(want, rows); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func BenchmarkInsert(b *testing.B) {
	s, err := Open(Config{Path: filepath.Join(b.TempDir(), FileName), Tables: []*table.Table{table.LessonPlans}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	rows := s.Rows(table.LessonPlans, table.Full())
	for b.Loop() {
		if _, err := rows.Insert(b.Context(), []table.Row{{"title": "Clapping"}}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSelectThousand(b *testing.B) {
	s, err := Open(Config{Path: filepath.Join(b.TempDir(), FileName), Tables: []*table.Table{table.LessonPlans}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	rows := s.Rows(table.LessonPlans, table.Full())
	for range 1000 {
		if _, err := rows.Insert(b.Context(), []table.Row{{"title": "Clapping"}}, nil); err != nil {
			b.Fatal(err)
		}
	}
	order, err := table.LessonPlans.ParseOrder("title.desc")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := rows.Select(b.Context(), Query{Order: order, Limit: 10, Count: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// essays is a table of long texts.
var essays = &table.Table{
	Schema: "public", Name: "essays", Key: "id",
	Columns: []table.Column{
		{Name: "id", Type: table.Text, Required: true},
		{Name: "n", Type: table.Int4},
		{Name: "text", Type: table.Text},
	},
}

// TestAnOrderedPageOfALargeTable reads two rows of a table that is larger than
// what a request may hold.
func TestAnOrderedPageOfALargeTable(t *testing.T) {
	s, err := Open(Config{Path: filepath.Join(t.TempDir(), FileName), Tables: []*table.Table{essays}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows := s.Rows(essays, table.Full())
	for i := range 12 {
		row := note(fmt.Sprintf("%02d", i), i%6)
		row["text"] = strings.Repeat("x", MaxRow-1000)
		if _, err := rows.Insert(t.Context(), []table.Row{row}, nil); err != nil {
			t.Fatal(err)
		}
	}
	order, err := essays.ParseOrder("n.desc")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		query Query
		want  string
	}{
		{Query{Order: order, Limit: 3, Count: true}, "05=5 11=5 04=4"},
		{Query{Order: order, Offset: 2, Limit: 2, Count: true}, "04=4 10=4"},
	} {
		got, total, err := rows.Select(t.Context(), tt.query)
		if err != nil || shown(got) != tt.want || total != 12 {
			t.Errorf("got %s of %d, %v; want %s", shown(got), total, err, tt.want)
		}
	}
	if _, _, err := rows.Select(t.Context(), Query{Order: order, Limit: 10}); err == nil || !strings.Contains(err.Error(), "ask for fewer") {
		t.Errorf("ten megabytes at once: %v", err)
	}
}
