package upstreamtest

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/sync/upstream/pgtest"
)

// rounds is how often TestKilledAtAnyMoment kills: a short form by default, and
// hundreds in `make faults-sync`.
var rounds = flag.Int("rounds", 8, "how often to kill the box or Postgres")

// tally counts what happened, for a person to read.
type tally struct {
	boxKills, postgresKills       int
	byTheBox, byTheSchool, repeat atomic.Int64 // writes
}

// TestKilledAtAnyMoment kills the box's process and its Postgres at random moments
// while programs write to both. What was acknowledged is there at the end, once,
// and both sides have the same.
func TestKilledAtAnyMoment(t *testing.T) {
	if postgres == nil {
		t.Skip(pgtest.ErrMissing)
	}
	t.Parallel()
	server, err := pgtest.Start() // one of its own, to kill
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	database, err := server.Database()
	if err != nil {
		t.Fatal(err)
	}
	s := &school{t: t, server: server, database: database}
	s.migrate()
	p := &process{t: t, dir: t.TempDir(), upstream: s.admit("music1")}
	p.start()
	defer p.kill()
	var count tally
	var writers []*writer
	for n := range 3 {
		writers = append(writers, &writer{name: n, acknowledged: &count.byTheBox, put: func(id, title string) bool { return putAtTheBox(p.box(), id, title) }})
	}
	writers = append(writers, &writer{name: 3, acknowledged: &count.byTheSchool, put: func(id, title string) bool { return putAtTheSchool(s, id, title) }})
	var stop atomic.Bool
	var writing sync.WaitGroup
	for _, w := range writers {
		w.repeated, w.titles = &count.repeat, map[string]string{}
		writing.Go(func() {
			for !stop.Load() {
				w.step()
			}
		})
	}
	for range *rounds {
		<-time.After(time.Duration(rand.N(int64(400 * time.Millisecond))))
		if rand.N(3) > 0 {
			p.kill()
			p.start()
			count.boxKills++
			continue
		}
		server.Kill()
		if err := server.Run(); err != nil {
			t.Fatal(err)
		}
		count.postgresKills++
	}
	stop.Store(true)
	writing.Wait()
	b := p.box()
	eventually(t, "the sync", "working, 0 pending, 0 aside: ", b.state)
	var titles []string
	for _, w := range writers {
		titles = slices.AppendSeq(titles, maps.Values(w.titles))
	}
	slices.Sort(titles)
	eventually(t, "the box", strings.Join(titles, " "), b.plans)
	if diff := cmp.Diff(titles, s.query(`select title from lesson_plans where deleted_at is null order by title collate "C"`)); diff != "" {
		t.Errorf("the school (-want +got):\n%s", diff)
	}
	t.Logf("killed the box %d times and Postgres %d times; %d writes acknowledged by the box and %d by the school, %d sent again; %d plans at the end, none lost, none doubled",
		count.boxKills, count.postgresKills, count.byTheBox.Load(), count.byTheSchool.Load(), count.repeat.Load(), len(titles))
}

// writer makes plans, changes them and deletes them. It repeats each write until
// it is acknowledged.
type writer struct {
	name                   int
	put                    func(id, title string) bool
	acknowledged, repeated *atomic.Int64

	steps  int
	titles map[string]string // by id, of what is there
}

func (w *writer) step() {
	w.steps++
	title, id := fmt.Sprintf("w%d-%d", w.name, w.steps), ""
	for older := range w.titles { // any
		id = older
		break
	}
	switch {
	case id == "" || w.steps%3 == 0:
		id = fmt.Sprintf("%08d-0000-7000-8000-%012d", w.name, w.steps)
	case w.steps%7 == 0:
		title = "" // delete
	}
	for !w.put(id, title) {
		w.repeated.Add(1)
		<-time.After(20 * time.Millisecond)
	}
	w.acknowledged.Add(1)
	if w.titles[id] = title; title == "" {
		delete(w.titles, id)
	}
}

// putAtTheBox writes a plan, or deletes it if it has no title, and reports whether
// that was acknowledged.
func putAtTheBox(b *box, id, title string) bool {
	method, query, body := "POST", "lesson_plans?on_conflict=id", any(map[string]any{"id": id, "title": title})
	if title == "" {
		method, query, body = "DELETE", "lesson_plans?id=eq."+id, nil
	}
	status, _, err := b.ask(method, query, body)
	return err == nil && status < 300
}

func putAtTheSchool(s *school, id, title string) bool {
	sql := fmt.Sprintf("insert into lesson_plans (id, title) values ('%s', '%s') on conflict (id) do update set title = excluded.title", id, title)
	if title == "" {
		sql = fmt.Sprintf("delete from lesson_plans where id = '%s'", id)
	}
	return s.server.Exec(s.database, sql) == nil
}
