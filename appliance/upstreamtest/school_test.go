package upstreamtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/sync/upstream/pgtest"
)

// school is a database with Downbeat's schema.
type school struct {
	t        *testing.T
	server   *pgtest.Server
	database string
}

// newSchool makes a database that is prepared as an administrator does it.
func newSchool(t *testing.T) *school {
	t.Helper()
	s := emptySchool(t)
	if _, err := appliance.MigrateUpstream(t.Context(), s.url("postgres")); err != nil {
		t.Fatal(err)
	}
	return s
}

func emptySchool(t *testing.T) *school {
	t.Helper()
	if postgres == nil {
		t.Skip(pgtest.ErrMissing)
	}
	name, err := postgres.Database()
	if err != nil {
		t.Fatal(err)
	}
	return &school{t: t, server: postgres, database: name}
}

func (s *school) url(login string) string { return s.server.URL(s.database, login) }

// admit makes a login for a box and returns its URL.
func (s *school) admit(name string) string {
	s.t.Helper()
	login := s.database + "_" + name
	if err := s.server.Login(login); err != nil {
		s.t.Fatal(err)
	}
	s.exec(fmt.Sprintf("select downbeat.admit('%s')", login))
	return s.url(login)
}

func (s *school) exec(sql string) {
	s.t.Helper()
	if err := s.server.Exec(s.database, sql); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

func (s *school) query(sql string) []string {
	s.t.Helper()
	rows, err := s.server.Query(s.database, sql)
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// plans are the titles of the lesson plans that are not deleted, in order.
func (s *school) plans() string {
	s.t.Helper()
	return strings.Join(s.query("select title from lesson_plans where deleted_at is null order by title"), " ")
}

// patience is how long a test waits for what should come soon.
const patience = 90 * time.Second

// eventually waits until get returns want.
func eventually(t *testing.T, what string, want string, get func() string) {
	t.Helper()
	got := get()
	for until := time.Now().Add(patience); got != want && time.Now().Before(until); got = get() {
		<-time.After(20 * time.Millisecond)
	}
	if got != want {
		t.Fatalf("%s: got %q, want %q", what, got, want)
	}
}

func sorted(words []string) string {
	slices.Sort(words)
	return strings.Join(words, " ")
}
