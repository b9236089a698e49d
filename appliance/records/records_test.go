package records

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

const (
	ana = "0198c0de-0000-7000-8000-00000000000a"
	bea = "0198c0de-0000-7000-8000-00000000000b"
)

// kept is records over a store of their own.
type kept struct {
	*Records
	t     *testing.T
	store *store.Store
	log   *bytes.Buffer
}

func open(t *testing.T, adjust func(*Config)) kept {
	t.Helper()
	s, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), store.FileName), Tables: []*table.Table{table.Reflections, table.Sessions, table.CheckIns}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	log := &bytes.Buffer{}
	cfg := Config{Store: s, Table: table.Reflections, Sessions: table.Sessions, CheckIns: table.CheckIns, ClockSet: func() bool { return true }, Log: slog.New(slog.NewTextHandler(log, nil))}
	if adjust != nil {
		adjust(&cfg)
	}
	return kept{Records: New(cfg), t: t, store: s, log: log}
}

// write stores a reflection and returns its id.
func (k kept) write(student string, age time.Duration, more table.Row) string {
	k.t.Helper()
	row := table.Row{"id": uuid.Must(uuid.NewV7()).String(), "student_id": student, "text": "canary", "created_at": table.FormatTime(time.Now().Add(-age))}
	for name, value := range more {
		row[name] = value
	}
	if _, err := k.store.Rows(table.Reflections, table.Full()).Insert(k.t.Context(), []table.Row{row}, nil); err != nil {
		k.t.Fatal(err)
	}
	return row["id"].(string)
}

func (k kept) rows() int {
	k.t.Helper()
	_, n, err := k.store.Rows(table.Reflections, table.Full()).Select(k.t.Context(), store.Query{Limit: 1, Count: true})
	if err != nil {
		k.t.Fatal(err)
	}
	return n
}

var (
	shared = table.Row{"shared": true}
	talk   = table.Row{"shared": true, "talk": true}
)

func TestOldReflectionsAreDeleted(t *testing.T) {
	for name, tt := range map[string]struct {
		adjust func(*Config)
		want   int // of 250 that are 100 days old, and 1 of today
	}{
		"by default":          {nil, 251},
		"after 99 days":       {func(c *Config) { c.Keep = 99 * day }, 1},
		"after 101 days":      {func(c *Config) { c.Keep = 101 * day }, 251},
		"never":               {func(c *Config) { c.Keep = -1 }, 251},
		"without a set clock": {func(c *Config) { c.Keep, c.ClockSet = 99*day, func() bool { return false } }, 251},
	} {
		k := open(t, tt.adjust)
		var rows []table.Row
		for range 250 {
			rows = append(rows, table.Row{"student_id": ana, "text": "canary", "created_at": table.FormatTime(time.Now().Add(-100 * day))})
		}
		if _, err := k.store.Rows(table.Reflections, table.Full()).Insert(t.Context(), rows, nil); err != nil {
			t.Fatal(err)
		}
		k.write(bea, 0, nil)
		k.sweep(t.Context())
		if got := k.rows(); got != tt.want {
			t.Errorf("%s: %d reflections are left, want %d", name, got, tt.want)
		}
		if strings.Contains(k.log.String(), "canary") {
			t.Errorf("%s: the log has words: %s", name, k.log)
		}
	}
}

func TestOldSessionsAreDeleted(t *testing.T) {
	k := open(t, nil)
	sessions := k.store.Rows(table.Sessions, table.Full())
	var rows []table.Row
	for range 250 {
		rows = append(rows, table.Row{"room": "MUSIC-2024", "started_at": table.FormatTime(time.Now().Add(-DefaultKeep - time.Hour))})
	}
	rows = append(rows, table.Row{"room": "MUSIC-2024", "started_at": table.FormatTime(time.Now().Add(time.Hour - DefaultKeep))})
	if _, err := sessions.Insert(t.Context(), rows, nil); err != nil {
		t.Fatal(err)
	}
	k.sweep(t.Context())
	if _, left, err := sessions.Select(t.Context(), store.Query{Count: true}); err != nil || left != 1 {
		t.Errorf("%d sessions are left, %v, want 1", left, err)
	}
}

func TestTheAccessLogSaysWhoReadWhat(t *testing.T) {
	k := open(t, nil)
	rows := []table.Row{{"id": "1", "student_id": ana}, {"id": "2", "student_id": bea}}
	teacher := table.Caller{Role: "authenticated", Teacher: true, Subject: "t"}
	k.Read(teacher, "read", table.Reflections, rows[:1])
	k.Read(teacher, "read", table.Reflections, rows[1:])
	k.Read(teacher, "live", table.Reflections, rows)
	k.Read(table.Caller{Role: "service_role", Teacher: true}, "read", table.Reflections, rows)
	k.Read(table.Caller{Role: "authenticated", Subject: ana}, "read", table.Reflections, rows[:1]) // their own
	k.Read(teacher, "read", table.LessonPlans, rows)
	entries, err := k.Log(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, fmt.Sprintf("%s %s %v", e.By, e.How, e.Rows))
		if time.Since(e.At) > time.Minute {
			t.Errorf("at %v", e.At)
		}
	}
	want := []string{"service read [1 2]", "teacher t live [1 2]", "teacher t read [1 2]"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOldEntriesOfTheAccessLogGo(t *testing.T) {
	k := open(t, nil)
	old := Access{At: time.Now().Add(-keepAccess - time.Hour), By: "teacher", How: "read", Rows: []string{"1"}}
	if err := k.store.Put(t.Context(), store.Accesses, "1", old); err != nil {
		t.Fatal(err)
	}
	k.note(Access{By: "teacher", How: "read", Rows: []string{"2"}})
	k.flush(t.Context())
	k.sweep(t.Context())
	if entries, err := k.Log(t.Context()); err != nil || len(entries) != 1 || entries[0].Rows[0] != "2" {
		t.Errorf("got %v, %v", entries, err)
	}
}

func TestTalks(t *testing.T) {
	k := open(t, nil)
	wish, other := k.write(ana, 0, talk), k.write(bea, 0, shared)
	for _, state := range States {
		if _, err := k.SetTalk(t.Context(), wish, state); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		id, state string
		want      error
	}{{other, Seen, ErrNoTalk}, {uuid.NewString(), Seen, ErrNoTalk}, {"x", Seen, ErrNoTalk}, {wish, "done", ErrBadState}} {
		if _, err := k.SetTalk(t.Context(), tt.id, tt.state); !errors.Is(err, tt.want) {
			t.Errorf("%s %s: got %v, want %v", tt.id, tt.state, err, tt.want)
		}
	}
	talks, err := k.Talks()
	if err != nil || len(talks) != 1 || talks[0].Reflection != wish || talks[0].State != PassedOn {
		t.Errorf("got %+v, %v", talks, err)
	}
}

func TestForgettingAStudent(t *testing.T) {
	k := open(t, nil)
	wish := k.write(ana, 0, talk)
	k.write(ana, 0, nil)
	k.write(bea, 0, shared)
	if _, err := k.SetTalk(t.Context(), wish, Seen); err != nil {
		t.Fatal(err)
	}
	if err := k.Forget(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	talks, err := k.Talks()
	if n := k.rows(); n != 1 || err != nil || len(talks) != 0 {
		t.Errorf("%d rows and %v are left, %v", n, talks, err)
	}
	if err := k.Forget(t.Context(), "x' or 1=1"); !errors.Is(err, ErrNoStudent) {
		t.Errorf("no id: %v", err)
	}
	if strings.Contains(k.log.String(), ana) {
		t.Errorf("the log names the student: %s", k.log)
	}
}

func TestTheExportHasSharedRowsAlone(t *testing.T) {
	k := open(t, nil)
	k.write(ana, 0, nil)
	mine, other := k.write(ana, 0, shared), k.write(bea, 0, shared)
	for student, want := range map[string][]string{"": {mine, other}, ana: {mine}, uuid.NewString(): nil} {
		rows, err := k.Shared(t.Context(), "teacher", student)
		if err != nil || strings.Join(k.keys(rows), " ") != strings.Join(want, " ") {
			t.Errorf("of %q: got %v, %v, want %v", student, rows, err, want)
		}
		for _, row := range rows {
			if _, ok := row["room"]; ok {
				t.Errorf("a hidden column: %v", row)
			}
		}
	}
	if entries, err := k.Log(t.Context()); err != nil || len(entries) != 1 || entries[0].How != "export" {
		t.Errorf("access log: %v, %v", entries, err)
	}
}
