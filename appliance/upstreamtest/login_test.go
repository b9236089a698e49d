package upstreamtest

import (
	"fmt"
	"strings"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/sync/upstream"
)

const notAdmitted = "the school's database does not admit this box: an administrator has to admit its login, or has revoked it"

func TestWhatAnAdministratorHasToDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		prepare func(s *school) (url string)
		want    string
		mend    func(s *school)
	}{
		{
			"no schema",
			func(s *school) string {
				login := s.database + "_early"
				if err := s.server.Login(login); err != nil {
					s.t.Fatal(err)
				}
				return s.url(login)
			},
			"the school's database is not prepared: an administrator has to run: downbeat upstream migrate",
			func(s *school) {
				s.migrate()
				s.exec(fmt.Sprintf("select downbeat.admit('%s_early')", s.database))
			},
		},
		{
			"no such database",
			func(s *school) string { return s.server.URL("nowhere", "postgres") },
			"the school's server has no database of the name in --upstream",
			nil,
		},
		{
			"wrong password",
			func(s *school) string {
				s.migrate()
				url := s.admit("music1")
				s.exec(fmt.Sprintf("alter role %s_music1 password 'another'", s.database))
				return url
			},
			"the school's database refuses the name or the password in --upstream",
			func(s *school) { s.exec(fmt.Sprintf("alter role %[1]s_music1 password '%[1]s_music1'", s.database)) },
		},
		{
			"not admitted",
			func(s *school) string {
				s.migrate()
				if err := s.server.Login(s.database + "_stranger"); err != nil {
					s.t.Fatal(err)
				}
				return s.url(s.database + "_stranger")
			},
			notAdmitted,
			func(s *school) { s.exec(fmt.Sprintf("select downbeat.admit('%s_stranger')", s.database)) },
		},
		{
			"a table of somebody else",
			func(s *school) string {
				s.migrate()
				s.exec("drop table lesson_plans; create table lesson_plans (id bigint primary key, title text)")
				return s.admit("music1")
			},
			"the table public.lesson_plans of the school's database has no column id of type uuid: an administrator has to run: downbeat upstream migrate",
			nil,
		},
		{
			"a newer schema that this box cannot bear",
			func(s *school) string {
				s.migrate()
				s.exec("insert into downbeat.migrations (version, name, checksum, oldest_box) values (1000, 'later', '', 1000)")
				return s.admit("music1")
			},
			"the school's database is of a newer Downbeat: this box has to be updated",
			func(s *school) { s.exec("update downbeat.migrations set oldest_box = 1") },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := emptySchool(t)
			b := runBox(t, "", c.prepare(s))
			b.insert("one")
			eventually(t, "the sync", "paused, 1 pending, 0 aside: "+c.want, b.state)
			if c.mend == nil {
				return
			}
			c.mend(s)
			b.insert("two") // wakes it
			eventually(t, "upstream", "one two", s.plans)
			inStep(t, s, b)
		})
	}
}

func (s *school) migrate() {
	s.t.Helper()
	if _, err := appliance.MigrateUpstream(s.t.Context(), s.url("postgres")); err != nil {
		s.t.Fatal(err)
	}
}

func TestARevokedBoxSeesAndWritesNothing(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	b := runBox(t, "", s.admit("music1"))
	b.insert("one")
	inStep(t, s, b)
	s.exec(fmt.Sprintf("select downbeat.revoke('%s_music1')", s.database))
	b.insert("two")
	s.exec("insert into lesson_plans (title) values ('secret')")
	eventually(t, "the sync", "paused, 1 pending, 0 aside: "+notAdmitted, b.state)
	if got := b.plans(); got != "one two" {
		t.Errorf("a revoked box has %q", got)
	}
	s.exec(fmt.Sprintf("select downbeat.admit('%s_music1')", s.database))
	b.insert("three")
	eventually(t, "the box", "one secret three two", b.plans)
	inStep(t, s, b)
}

// TestSchoolsInOneDatabase has two schools and a stranger in one database. Each
// login sees the rows of its school, and writes no others.
func TestSchoolsInOneDatabase(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	urls := [2]string{s.admit("north"), s.admit("south")}
	s.exec(fmt.Sprintf("select downbeat.admit('%[1]s_north', 'north'), downbeat.admit('%[1]s_south', 'south')", s.database))
	north, south := runBox(t, "", urls[0]), runBox(t, "", urls[1])
	north.insert("fjord")
	south.insert("desert")
	eventually(t, "upstream", "desert fjord", s.plans)
	inStepApart := func(b *box, want string) {
		eventually(t, "the sync", "working, 0 pending, 0 aside: ", b.state)
		eventually(t, "the box", want, b.plans)
	}
	inStepApart(north, "fjord")
	inStepApart(south, "desert")
	as := func(login, sql string) string {
		_, err := s.server.Query(s.database, fmt.Sprintf("set session authorization %s_%s; %s", s.database, login, sql))
		return fmt.Sprint(err)
	}
	for sql, want := range map[string]string{
		"insert into lesson_plans (title, school) values ('x', 'south')": "row-level security",
		"update lesson_plans set school = 'south'":                       "row-level security",
		"delete from lesson_plans":                                       "permission denied",
		"select * from downbeat.logins":                                  "permission denied",
		"select downbeat.admit('x')":                                     "permission denied",
		"alter table lesson_plans disable row level security":            "must be owner",
		"create publication all_of_it for all tables":                    "permission denied",
		"select pg_create_logical_replication_slot('s', 'pgoutput')":     "replication",
	} {
		if got := as("north", sql); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
	}
}

// TestALoginThatMayDoEverything is refused, because a thief of the box would have
// it, until it may do no more than a box needs.
func TestALoginThatMayDoEverything(t *testing.T) {
	t.Parallel()
	for _, right := range []string{"superuser", "replication", "bypassrls"} {
		t.Run(right, func(t *testing.T) {
			t.Parallel()
			s := newSchool(t)
			url := s.admit("music1")
			s.exec(fmt.Sprintf("alter role %s_music1 %s", s.database, right))
			b := runBox(t, "", url)
			b.insert("one")
			eventually(t, "the sync", "paused, 1 pending, 0 aside: the login in --upstream may read everything in the school's database: give this box one of its own", b.state)
			if got := s.plans(); got != "" {
				t.Errorf("upstream has %q", got)
			}
			s.exec(fmt.Sprintf("alter role %s_music1 no%s", s.database, right))
			b.insert("two") // wakes it
			eventually(t, "upstream", "one two", s.plans)
			inStep(t, s, b)
		})
	}
}

// TestMigrations applies the schema twice, and at the same time, and on a database
// of which a file cannot be applied.
func TestMigrations(t *testing.T) {
	t.Parallel()
	s := emptySchool(t)
	errs := make(chan error, 3)
	for range cap(errs) {
		go func() { // the channel waits for it
			_, err := appliance.MigrateUpstream(t.Context(), s.url("postgres"))
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if applied, err := appliance.MigrateUpstream(t.Context(), s.url("postgres")); err != nil || len(applied) > 0 {
		t.Errorf("again: got %v, %v", applied, err)
	}
	if got := len(s.query("select version from downbeat.migrations")); got != upstream.Schema {
		t.Errorf("%d migrations, want %d", got, upstream.Schema)
	}
	s.exec("update downbeat.migrations set checksum = 'x' where version = 1")
	if _, err := appliance.MigrateUpstream(t.Context(), s.url("postgres")); err == nil || !strings.Contains(err.Error(), "different Downbeat") {
		t.Errorf("another file: got %v", err)
	}
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := emptySchool(t)
	s.exec("create table lesson_plans (id int)")
	applied, err := appliance.MigrateUpstream(t.Context(), s.url("postgres"))
	if err == nil || !strings.Contains(err.Error(), "lesson_plans") {
		t.Fatalf("got %v, want an error about lesson_plans", err)
	}
	if got := s.query("select count(*) from downbeat.migrations"); got[0] != fmt.Sprint(len(applied)) {
		t.Errorf("%v migrations are noted, %v were applied", got, applied)
	}
	s.exec("drop table lesson_plans")
	s.migrate()
	b := runBox(t, "", s.admit("music1"))
	b.insert("one")
	inStep(t, s, b)
}

// TestOtherVersions runs this box with a database of an earlier schema, which lacks
// a table, and then of a later one, which has more columns, tables and rules that
// this box does not break.
func TestOtherVersions(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.exec("drop table reflections, check_ins; delete from downbeat.migrations where version >= 3")
	b, ana := classroom(t, configOf(t.TempDir(), s.admit("music1")))
	ana.must("POST", "reflections", map[string]any{"id": sharedID, "text": "words", "shared": true})
	b.insert("one")
	eventually(t, "upstream", "one", s.plans)
	eventually(t, "the sync", "paused, 1 pending, 0 aside: the school's database has no table public.reflections: an administrator has to run: downbeat upstream migrate", b.state)
	s.migrate()
	eventually(t, "upstream", "t words t f f", s.reflections)
	s.exec(`insert into downbeat.migrations (version, name, checksum, oldest_box) select 100, 'later', '', 1;
		alter table lesson_plans add column room text, add column stars integer not null default 3;
		update lesson_plans set stars = 5, title = 'uno' where title = 'one'`)
	eventually(t, "the box", "uno", b.plans)
	b.must("PATCH", "lesson_plans?title=eq.uno", map[string]any{"title": "eins"})
	b.insert("two")
	eventually(t, "upstream", "eins two", s.plans)
	if got := s.query("select stars from lesson_plans order by title"); len(got) != 2 || got[0] != "5" || got[1] != "3" {
		t.Errorf("the stars are %v, want 5 and 3", got)
	}
	inStep(t, s, b)
}

// TestAVersionFarAhead writes a row as a box whose clock is years ahead: the database
// refuses it, so that it never makes a row that nobody can change.
func TestAVersionFarAhead(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	for ahead, want := range map[string]string{"4 minutes": "<nil>", "6 minutes": "five minutes ahead", "10 years": "five minutes ahead"} {
		_, err := s.server.Query(s.database, fmt.Sprintf(`select set_config('downbeat.sender', gen_random_uuid()::text, false);
			insert into lesson_plans (title, hlc) values ('x', (extract(epoch from now() + interval '%s') * 1000)::bigint << 16)`, ahead))
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s ahead: got %v, want %s", ahead, err, want)
		}
	}
}
