package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"downbeat.local/appliance"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
	"downbeat.local/sync/upstream/pgtest"
)

// queuedRows wait for the school's database at the start.
const queuedRows = 100_000

// farAway is the way to a server in another town, one way.
const farAway = 20 * time.Millisecond

// upstreamRows are rows a second, of a box with queuedRows and of the floor: the
// same statement without triggers, policies and versions.
type upstreamRows struct{ box, floor float64 }

// upstream measures the sync with a Postgres on this machine: how fast a long
// queue leaves, and how soon a row that is written there reaches subscribers.
func (s servers) upstream(binary string, each time.Duration) error {
	server, err := pgtest.Start()
	if errors.Is(err, pgtest.ErrMissing) {
		fmt.Println("the sync with Postgres is left out:", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer server.Close()
	near, err := drain(server, binary, 0)
	if err != nil {
		return err
	}
	far, err := drain(server, binary, farAway)
	if err != nil {
		return err
	}
	arrived, err := s.fromUpstream(server, binary, each)
	if err != nil {
		return err
	}
	fmt.Printf("\nsync with Postgres, %d queued rows\n", queuedRows)
	least("rows a second, local", near.box, near.floor, 20_000)
	least("rows a second, 40 ms away", far.box, far.floor, 10_000)
	target("written upstream to subscribers, p99 ms", arrived.latency.P99, 200)
	target("lost or doubled on that way", float64(arrived.lost+arrived.doubled), 0)
	return nil
}

func least(name string, figure, floor, least float64) {
	fmt.Printf("  %-42s %9.0f  bare %9.0f  at least %.0f  %s\n", name, figure, floor, least, verdict(figure >= least))
}

// drain fills the outbox of a box and measures how long it takes to empty.
func drain(server *pgtest.Server, binary string, delay time.Duration) (r upstreamRows, err error) {
	database, err := server.Database()
	if err != nil {
		return r, err
	}
	proxy, err := pgtest.NewProxy(server.Address())
	if err != nil {
		return r, err
	}
	defer proxy.Close()
	proxy.Set(pgtest.Faults{Delay: delay})
	ctx, url := context.Background(), pgtest.At(proxy.Address(), database, "postgres")
	if _, err := appliance.MigrateUpstream(ctx, server.URL(database, "postgres")); err != nil {
		return r, err
	}
	if r.floor, err = bareRows(ctx, server, database, url); err != nil {
		return r, err
	}
	dir, err := os.MkdirTemp("", "downbeat-bench-")
	if err != nil {
		return r, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := fill(ctx, dir); err != nil {
		return r, err
	}
	began := time.Now()
	p, err := startBoxOn(binary, dir, "--upstream", url)
	if err != nil {
		return r, err
	}
	defer p.stop()
	for pending := queuedRows; pending > 0; {
		if pending, err = p.pending(); err != nil {
			return r, err
		}
		time.Sleep(5 * time.Millisecond)
	}
	r.box = queuedRows / time.Since(began).Seconds()
	there, err := server.Query(database, "select count(*) from lesson_plans")
	if err == nil && there[0] != fmt.Sprint(queuedRows) {
		err = fmt.Errorf("%s of %d rows are there", there[0], queuedRows)
	}
	return r, err
}

// fill writes rows into a data folder as a box without a connection has them.
func fill(ctx context.Context, dir string) error {
	plans := []*table.Table{table.LessonPlans}
	st, err := store.Open(store.Config{Path: filepath.Join(dir, store.FileName), Tables: plans})
	if err != nil {
		return err
	}
	if err := st.Carry(plans); err != nil {
		return err
	}
	rows := st.Rows(table.LessonPlans, table.Full())
	for n := 0; n < queuedRows; n += store.MaxRows {
		some := make([]table.Row, store.MaxRows)
		for i := range some {
			some[i] = planRow(n + i)
		}
		if _, err := rows.Insert(ctx, some, nil); err != nil {
			return err
		}
	}
	return st.Close()
}

// planRow is a lesson plan of some 300 bytes.
func planRow(n int) table.Row {
	return table.Row{
		"title": fmt.Sprintf("Lesson %d: steady beat", n),
		"body":  map[string]any{"steps": []any{"clap the beat", "play it on one note", "play it in two groups", "reflect"}},
	}
}

// bareRows writes as many rows of the same size by the same kind of statement.
func bareRows(ctx context.Context, server *pgtest.Server, database, url string) (float64, error) {
	if err := server.Exec(database, "create table bare (id uuid primary key default gen_random_uuid(), title text, body jsonb)"); err != nil {
		return 0, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	const statement, statements = 500, 8 // rows, and statements in a round trip
	var titles, bodies []string
	for n := range statement {
		row := planRow(n)
		body, err := json.Marshal(row["body"])
		if err != nil {
			return 0, err
		}
		titles, bodies = append(titles, fmt.Sprint(row["title"])), append(bodies, string(body))
	}
	began := time.Now()
	for range queuedRows / statement / statements {
		b := &pgx.Batch{}
		for range statements {
			b.Queue("insert into bare (title, body) select t, b::jsonb from unnest($1::text[], $2::text[]) as u(t, b)", titles, bodies)
		}
		if err := conn.SendBatch(ctx, b).Close(); err != nil {
			return 0, err
		}
	}
	return queuedRows / time.Since(began).Seconds(), nil
}

// pending asks a box how many rows wait.
func (p *process) pending() (int, error) {
	answer, err := http.Get("http://" + p.addr + "/healthz")
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	var health struct{ Sync struct{ Pending int } }
	err = json.NewDecoder(answer.Body).Decode(&health)
	return health.Sync.Pending, err
}

// fromUpstream writes rows to the school's database while members of a box listen.
func (s servers) fromUpstream(server *pgtest.Server, binary string, each time.Duration) (r result, err error) {
	database, err := server.Database()
	if err != nil {
		return r, err
	}
	ctx, url := context.Background(), server.URL(database, "postgres")
	if _, err := appliance.MigrateUpstream(ctx, url); err != nil {
		return r, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return r, err
	}
	defer func() { _ = conn.Close(ctx) }()
	insert := func(n int) error {
		_, err := conn.Exec(ctx, "insert into lesson_plans (title) values ($1)", stamped(n))
		return err
	}
	return s.onFresh(binary, nil, []string{"--upstream", url}, func(p *process) (result, error) {
		for began := time.Now(); time.Since(began) < time.Second; time.Sleep(50 * time.Millisecond) { // until it listens
			if _, err := p.pending(); err != nil {
				return r, err
			}
		}
		return overHTTP(p, class, listenToPlans, func() ([]float64, error) { return ask(each, feedRate, 1, insert) })
	})
}
