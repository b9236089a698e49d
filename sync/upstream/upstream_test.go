package upstream

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
	"go.etcd.io/bbolt"

	"downbeat.local/sync/outbox"
)

func TestWaitsGrowAndAreNeverLong(t *testing.T) {
	var b backoff
	for n := range 40 {
		limit := min(maxWait, firstWait<<min(n, 20))
		if got := b.next(); got <= 0 || got > limit {
			t.Errorf("after %d failures: got %v, want at most %v", n+1, got, limit)
		}
	}
	b.reset()
	if got := b.next(); got > firstWait {
		t.Errorf("after a success: got %v, want at most %v", got, firstWait)
	}
}

// TestAWriteShortensAWait wakes a box that waits for minutes: one write brings it
// back within wokenWait, and a hundred do not bring it back sooner.
func TestAWriteShortensAWait(t *testing.T) {
	for name, c := range map[string]struct {
		waits  time.Duration
		writes int
		want   time.Duration
	}{
		"no write":       {time.Minute, 0, time.Minute},
		"one write":      {time.Minute, 1, 10*time.Second + wokenWait},
		"many writes":    {time.Minute, 100, 10*time.Second + wokenWait},
		"almost over":    {12 * time.Second, 1, 12 * time.Second},
		"a write before": {5 * time.Second, 0, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wake := make(chan struct{}, 1)
				began := time.Now()
				var writing sync.WaitGroup
				writing.Go(func() {
					time.Sleep(10 * time.Second)
					for range c.writes {
						select {
						case wake <- struct{}{}:
						default:
						}
						time.Sleep(100 * time.Millisecond)
					}
				})
				wait(t.Context(), c.waits, wake)
				if got := time.Since(began); got != c.want {
					t.Errorf("waited %v, want %v", got, c.want)
				}
				writing.Wait()
			})
		})
	}
}

func TestFailuresAreSentences(t *testing.T) {
	pg := func(code string) error {
		return fmt.Errorf("batch: %w", &pgconn.PgError{Code: code, Message: "canary words"})
	}
	for _, c := range []struct {
		err    error
		kind   kind
		reason Reason
	}{
		{pg("28P01"), refused, Login},
		{pg("28000"), refused, Login},
		{pg("3D000"), refused, Login},
		{pg("42501"), poison, Rows},
		{pg("22001"), poison, Rows},
		{pg("22008"), poison, Rows},
		{pg("23514"), poison, Rows},
		{pg("54000"), poison, Rows},
		{pg("42P01"), refused, Outdated},
		{pg("25006"), passing, ReadOnly},
		{pg("53300"), passing, Busy},
		{pg("57P03"), passing, Busy},
		{pg("53100"), passing, Full},
		{pg("40001"), passing, Other},
		{pg("XX000"), passing, Other},
		{&net.DNSError{Name: "db.school.example"}, passing, Unreachable},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, passing, Unreachable},
		{errors.New("tls: failed to verify certificate"), passing, Untrusted},
		{fmt.Errorf("acknowledge: %w", own(syscall.ENOSPC)), passing, Other},
	} {
		p := explain(c.err)
		if p.kind != c.kind || p.reason != c.reason || p.sentence == "" || strings.Contains(p.sentence, "canary") {
			t.Errorf("%v: got kind %d, %s: %q, want %d, %s", c.err, p.kind, p.reason, p.sentence, c.kind, c.reason)
		}
		if strings.Contains(redact(p.cause), "canary") {
			t.Errorf("the log says %q", redact(p.cause))
		}
	}
}

func TestAddressesOfUpstreams(t *testing.T) {
	for address, ok := range map[string]bool{
		"postgres://music1:secret@db.example/lessons":     true,
		"postgresql://db.example/lessons?sslmode=disable": true,
		"http://music1:secret@db.example/lessons":         false,
		"postgres://music1:secret@db.example:port/x":      false,
		"db.example": false,
	} {
		err := ParseURL(address)
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

func TestValuesTravelAsTexts(t *testing.T) {
	for _, c := range []struct {
		column Column
		value  any
		want   string
	}{
		{Column{Type: "text"}, `say "hi"`, `say "hi"`},
		{Column{Type: "boolean"}, true, "true"},
		{Column{Type: "bigint"}, json.Number("9007199254740993"), "9007199254740993"},
		{Column{Type: jsonb}, "text", `"text"`},
		{Column{Type: jsonb}, map[string]any{"a": []any{json.Number("1"), nil}}, `{"a":[1,null]}`},
		{Column{Type: jsonb}, false, "false"},
	} {
		if got, err := c.column.text(c.value); err != nil || got == nil || *got != c.want {
			t.Errorf("%v as %s: got %v, %v, want %s", c.value, c.column.Type, got, err, c.want)
		}
		if got, err := c.column.text(nil); got != nil || err != nil {
			t.Errorf("null as %s: got %v, %v", c.column.Type, got, err)
		}
	}
}

// TestBatchesAreBounded packs rows of two tables, some of them deleted.
func TestBatchesAreBounded(t *testing.T) {
	u := &Upstream{}
	for _, name := range []string{"plans", "songs"} {
		u.tables = append(u.tables, prepare(Table{Schema: "public", Name: name, Key: "id", Columns: []Column{{Name: "id", Type: "uuid"}, {Name: "body", Type: "text"}}}))
	}
	row := func(table string, size int, deleted bool) (r Row) {
		r.Table, r.Deleted = table, deleted
		if !deleted {
			r.Values = map[string]any{"id": "x", "body": strings.Repeat("x", size)}
		}
		return r
	}
	var rows []Row
	for range batchRows + 1 {
		rows = append(rows, row("public.plans", 10, false), row("public.songs", 0, true))
	}
	for range 3 {
		rows = append(rows, row("public.songs", batchBytes, false))
	}
	packed, err := u.pack(rows)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range packed {
		got = append(got, fmt.Sprintf("%s %d erase=%t", b.table.Name, len(b.rows), b.erase))
	}
	want := []string{
		"plans 500 erase=false", "songs 500 erase=true", "plans 1 erase=false", "songs 1 erase=true",
		"songs 1 erase=false", "songs 1 erase=false", "songs 1 erase=false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func TestMigrationsAreNumbered(t *testing.T) {
	if Schema != len(migrations) || Schema < OldestSchema || Schema < OldestBox {
		t.Errorf("schema %d of %d files, oldest %d and %d", Schema, len(migrations), OldestSchema, OldestBox)
	}
	for _, files := range [][]string{{"0002_b.sql"}, {"0001_a.sql", "0003_c.sql"}, {"0001.sql"}, {"first_a.sql"}} {
		fs := fstest.MapFS{}
		for _, name := range files {
			fs["schema/"+name] = &fstest.MapFile{}
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v are taken", files)
				}
			}()
			readMigrations(fs)
		}()
	}
}

// TestStuckAfterAMinute has a row that waits, and then one that moves.
func TestStuckAfterAMinute(t *testing.T) {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "rows.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	synctest.Test(t, func(t *testing.T) {
		out, err := outbox.Open(outbox.Config{DB: db})
		if err == nil {
			err = out.Carry([]string{"plans"}, func(*bbolt.Tx, string, func(string) error) error { return nil })
		}
		if err != nil {
			t.Fatal(err)
		}
		u, err := New(Config{URL: "postgres://127.0.0.1:1/school", Outbox: out})
		if err != nil {
			t.Fatal(err)
		}
		expect := func(when string, pending int, stuck bool, lag time.Duration) {
			t.Helper()
			s, err := u.Status()
			if err != nil || s.Pending != pending || s.Stuck != stuck || s.Lag != lag {
				t.Errorf("%s: got %+v, %v", when, s, err)
			}
		}
		time.Sleep(time.Hour)
		expect("nothing waits", 0, false, 0)
		u.status.progress()
		if err := db.Update(func(tx *bbolt.Tx) error { return out.Record(tx, "plans", "a", false) }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(Patience)
		expect("after a minute", 1, false, Patience)
		time.Sleep(time.Second)
		u.status.failed(explain(&net.DNSError{}))
		expect("after more", 1, true, Patience+time.Second)
		u.status.progress()
		expect("something has moved", 1, false, Patience+time.Second)
	})
}

func TestAFeedThatStandsStill(t *testing.T) {
	var s stall
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		after   time.Duration
		horizon string
		open    bool
		want    bool
	}{
		{0, "100", true, false},
		{stallAfter, "100", true, false},
		{time.Second, "100", true, true},
		{time.Second, "101", true, false},
		{2 * stallAfter, "101", false, false}, // nobody writes
		{stallAfter, "101", true, false},
		{time.Second, "101", true, true},
	} {
		now = now.Add(c.after)
		if got := s.seen(c.horizon, c.open, now); got != c.want {
			t.Errorf("step %d: got %t, want %t", i, got, c.want)
		}
	}
}
