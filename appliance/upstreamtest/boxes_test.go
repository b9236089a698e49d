package upstreamtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"downbeat.local/appliance"
)

// contents are all plans of a box, by id, with what changes.
func (b *box) contents() string {
	b.t.Helper()
	_, text, err := b.ask("GET", "lesson_plans?select=id,title,body,published,created_at,updated_at&order=id", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// converge waits until all boxes have the same plans as the school.
func converge(t *testing.T, s *school, boxes ...*box) {
	t.Helper()
	for _, b := range boxes {
		eventually(t, "the sync", "working, 0 pending, 0 aside: ", b.state)
	}
	for _, b := range boxes {
		eventually(t, "the box", strings.Join(s.query("select title from lesson_plans where deleted_at is null order by title collate \"C\""), " "), b.plans)
		eventually(t, "the box", boxes[0].contents(), b.contents)
	}
}

// TestTwoBoxesAndAHome write the same plans at the same time, and delete some.
func TestTwoBoxesAndAHome(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	boxes := []*box{runBox(t, "", s.admit("music1")), runBox(t, "", s.admit("music2"))}
	var ids []string
	for i := range 6 {
		ids = append(ids, fmt.Sprintf("00000000-0000-7000-8000-%012d", i))
		boxes[i%2].must("POST", "lesson_plans", map[string]any{"id": ids[i], "title": fmt.Sprintf("plan%d", i)})
	}
	converge(t, s, boxes...)
	var writing sync.WaitGroup
	for n, b := range boxes {
		writing.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 1))
			for i := range 40 {
				row := "lesson_plans?id=eq." + ids[r.IntN(5)]
				if _, _, err := b.ask("PATCH", row, map[string]any{"title": fmt.Sprintf("box%d-%d", n, i)}); err != nil {
					t.Error(err)
				}
			}
			_, _, _ = b.ask("DELETE", "lesson_plans?id=eq."+ids[5], nil)
		})
	}
	writing.Go(func() {
		for i := range 20 {
			s.exec(fmt.Sprintf("update lesson_plans set title = 'home-%d' where id = '%s'", i, ids[i%5]))
		}
	})
	writing.Wait()
	converge(t, s, boxes...)
	if got := len(s.query("select 1 from lesson_plans where deleted_at is null")); got != 5 {
		t.Errorf("%d plans, want 5", got)
	}
}

// TestACopiedCard runs a box and a copy of its data side by side.
func TestACopiedCard(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	url := s.admit("music1")
	first := runBox(t, "", url)
	first.insert("one", "two")
	inStep(t, s, first)
	first.stop()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(first.dir)); err != nil {
		t.Fatal(err)
	}
	boxes := []*box{runBox(t, first.dir, url), runBox(t, dir, url)}
	boxes[0].insert("three")
	boxes[1].insert("four")
	boxes[1].must("PATCH", "lesson_plans?title=eq.one", map[string]any{"title": "uno"})
	boxes[0].must("DELETE", "lesson_plans?title=eq.two", nil)
	converge(t, s, boxes...)
	if got, want := s.plans(), "four three uno"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestClocksThatAreYearsWrong has boxes whose clocks are right, years ahead and
// years behind. The last edit wins, and nobody's row is stuck in the future.
func TestClocksThatAreYearsWrong(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	jumps := []time.Duration{0, 20 * 365 * 24 * time.Hour, -20 * 365 * 24 * time.Hour}
	var boxes []*box
	var mu sync.Mutex // guards shifts
	shifts := make([]time.Duration, len(jumps))
	for i := range jumps {
		cfg := configOf(t.TempDir(), s.admit(fmt.Sprintf("music%d", i)))
		cfg.Wall = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(shifts[i])
		}
		shifts[i] = jumps[i]
		boxes = append(boxes, runConfig(t, cfg))
	}
	const id = "00000000-0000-7000-8000-000000000001"
	boxes[1].must("POST", "lesson_plans", map[string]any{"id": id, "title": "made in the future"})
	converge(t, s, boxes...)
	for round := range 2 {
		for i, b := range boxes {
			title := fmt.Sprintf("round %d of box %d", round, i)
			b.must("PATCH", "lesson_plans?id=eq."+id, map[string]any{"title": title})
			converge(t, s, boxes...)
			if got := s.plans(); got != title {
				t.Fatalf("got %q, want %q", got, title)
			}
		}
		mu.Lock()
		for i := range shifts { // the clocks jump
			shifts[i] = jumps[(i+round+1)%len(jumps)]
		}
		mu.Unlock()
	}
	if got := s.query("select count(*) from lesson_plans where hlc > (extract(epoch from now() + interval '5 minutes') * 1000)::bigint << 16"); got[0] != "0" {
		t.Errorf("%v plans are in the future", got)
	}
}

// TestADatabaseFromLastWeek restores the school's database from a backup, and then
// puts a new one in its place.
func TestADatabaseFromLastWeek(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	url := s.admit("music1")
	b := runBox(t, "", url)
	b.insert("one", "two")
	s.exec("insert into lesson_plans (title) values ('home')")
	eventually(t, "the box", "home one two", b.plans)
	inStep(t, s, b)
	b.stop()
	admin := func(sql string) {
		t.Helper()
		if err := s.server.Exec("postgres", sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	admin(fmt.Sprintf("create database %s_backup template %[1]s", s.database))
	b = runBox(t, b.dir, url)
	b.insert("three")
	b.must("DELETE", "lesson_plans?title=eq.two", nil)
	s.exec("insert into lesson_plans (title) values ('work')")
	eventually(t, "the box", "home one three work", b.plans)
	inStep(t, s, b)
	admin(fmt.Sprintf("alter database %s with allow_connections false", s.database))
	admin(fmt.Sprintf("drop database %s with (force)", s.database))
	admin(fmt.Sprintf("create database %[1]s template %[1]s_backup", s.database))
	eventually(t, "upstream", "home one three work", s.plans)
	inStep(t, s, b)
	b.stop()
	admin(fmt.Sprintf("drop database %s with (force)", s.database))
	admin(fmt.Sprintf("create database %s", s.database))
	s.migrate()
	s.exec(fmt.Sprintf("select downbeat.admit('%s_music1'); insert into lesson_plans (title) values ('new')", s.database))
	b = runBox(t, b.dir, url)
	eventually(t, "upstream", "home new one three work", s.plans)
	inStep(t, s, b)
}

// TestAWeekWithoutTheFlag runs a box without its upstream for a while.
func TestAWeekWithoutTheFlag(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	url := s.admit("music1")
	b := runBox(t, "", url)
	b.insert("one", "two")
	inStep(t, s, b)
	b.stop()
	b = runConfig(t, appliance.Config{Listen: "127.0.0.1:0", DataDir: b.dir, JWTSecret: testSecret, Log: configOf("", "").Log})
	b.insert("three")
	b.must("DELETE", "lesson_plans?title=eq.one", nil)
	b.stop()
	b = runBox(t, b.dir, url)
	eventually(t, "upstream", "three two", s.plans)
	inStep(t, s, b)
}
