package upstreamtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"downbeat.local/sync/upstream/pgtest"
)

// behind puts a proxy before the school's server, and returns the URL through it.
func (s *school) behind(url string) (*pgtest.Proxy, string) {
	s.t.Helper()
	p, err := pgtest.NewProxy(s.server.Address())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(p.Close)
	return p, strings.Replace(url, s.server.Address(), p.Address(), 1)
}

// inStep waits until nothing waits any more and box and school have the same
// plans.
func inStep(t *testing.T, s *school, b *box) {
	t.Helper()
	eventually(t, "the sync", "working, 0 pending, 0 aside: ", b.state)
	eventually(t, "the box", s.plans(), b.plans)
}

// TestConnectionsCutInEveryPhase cuts the connections of a session after each of
// many numbers of bytes, up and down: while the box logs in, while it looks at
// the schema, in the middle of a batch, before and after its commit. What was
// cut heals by itself, with no further write.
func TestConnectionsCutInEveryPhase(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	url := s.admit("music1")
	measure, through := s.behind(url)
	b := runBox(t, "", through)
	b.insert("measured")
	inStep(t, s, b)
	b.stop()
	up, down := measure.Most()
	const steps = 12
	for i := range steps {
		for name, f := range map[string]pgtest.Faults{
			"up":   {CutUp: 1 + up*i/steps},
			"down": {CutDown: 1 + down*i/steps},
		} {
			t.Run(fmt.Sprintf("%s after %d", name, f.CutUp+f.CutDown), func(t *testing.T) {
				t.Parallel()
				s := *s
				s.t = t
				proxy, through := s.behind(url)
				proxy.Set(f)
				b := runBox(t, "", through)
				b.insert(fmt.Sprintf("cut %s %d", name, i))
				eventually(t, "a cut", "true", func() string { return fmt.Sprint(b.sync().Problem != "" || b.sync().Pending == 0) })
				proxy.Set(pgtest.Faults{})
				proxy.CutAll()
				eventually(t, "pending", "0", func() string { return fmt.Sprint(b.sync().Pending) })
				got := s.query(fmt.Sprintf("select count(*) from lesson_plans where title = 'cut %s %d'", name, i))
				if got[0] != "1" {
					t.Errorf("got %v rows, want 1", got)
				}
			})
		}
	}
}

func TestOneFailureAndNoFurtherWrites(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	proxy, through := s.behind(s.admit("music1"))
	b := runBox(t, "", through)
	b.insert("before")
	inStep(t, s, b)
	proxy.Set(pgtest.Faults{Refuse: true})
	proxy.CutAll()
	b.insert("during")
	eventually(t, "refused", "true", func() string { return fmt.Sprint(proxy.Refused() > 0) })
	proxy.Set(pgtest.Faults{})
	healed := time.Now()
	inStep(t, s, b)
	t.Logf("drained %v after the network was there again", time.Since(healed).Round(time.Millisecond))
}

func TestASlowServerIsServed(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	proxy, through := s.behind(s.admit("music1"))
	proxy.Set(pgtest.Faults{Delay: 150 * time.Millisecond})
	b := runBox(t, "", through)
	for i := range 5 {
		b.insert(fmt.Sprintf("slow%d", i))
	}
	s.exec("insert into lesson_plans (title) values ('home')")
	eventually(t, "the box", "home slow0 slow1 slow2 slow3 slow4", b.plans)
	inStep(t, s, b)
}

func TestRowsThatTheSchoolCannotTake(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.exec("alter table lesson_plans add constraint polite check (title <> 'rude')")
	b := runBox(t, "", s.admit("music1"))
	var titles []string
	for i := range 60 {
		titles = append(titles, fmt.Sprintf("plan%02d", i))
	}
	titles[17], titles[18], titles[44] = "rude", "rude", "rude"
	b.insert(titles...)
	eventually(t, "the sync", "working, 0 pending, 3 aside: ", b.state)
	if got := len(s.query("select 1 from lesson_plans")); got != 57 {
		t.Errorf("%d of the other 57 plans are there", got)
	}
	if got := b.sync().Reasons; len(got) != 1 || !strings.Contains(got[0], "polite") {
		t.Errorf("the reasons are %q", got)
	}
	b.must("PATCH", "lesson_plans?title=eq.rude", map[string]any{"title": "kind"})
	inStep(t, s, b)
}

// TestATableThatTakesNothing is a fault of the school's, not of the rows: none is
// set aside, and all go up by themselves when it is mended.
func TestATableThatTakesNothing(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	b := runBox(t, "", s.admit("music1"))
	b.insert("before")
	inStep(t, s, b)
	s.exec("alter table lesson_plans add column room text not null default ''; alter table lesson_plans alter room drop default")
	var titles []string
	for i := range 50 {
		titles = append(titles, fmt.Sprintf("plan%02d", i))
	}
	b.insert(titles...)
	eventually(t, "the sync", "paused, 50 pending, 0 aside: "+
		"the school's database takes no row of table public.lesson_plans (the school's database cannot take the row: its room may not be empty)", b.state)
	s.exec("alter table lesson_plans drop column room")
	inStep(t, s, b)
}

func TestAReadOnlyServer(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.exec(fmt.Sprintf("alter database %s set default_transaction_read_only = on", s.database))
	b := runBox(t, "", s.admitReadOnly("music1"))
	b.insert("one")
	eventually(t, "the sync", "waiting, 1 pending, 0 aside: the school's database takes no changes at the moment: it is read-only", b.state)
	s.exec(fmt.Sprintf("begin read write; alter database %s reset default_transaction_read_only; commit", s.database))
	inStep(t, s, b)
}

// admitReadOnly is admit in a database whose transactions do not write.
func (s *school) admitReadOnly(name string) string {
	s.t.Helper()
	login := s.database + "_" + name
	if err := s.server.Login(login); err != nil {
		s.t.Fatal(err)
	}
	s.exec(fmt.Sprintf("begin read write; select downbeat.admit('%s'); commit", login))
	return s.url(login)
}
