// Package upstream keeps the rows of a box in step with a Postgres that is
// somewhere else, and mostly not there.
//
// Out: what the outbox holds is sent in batches, several in one transaction and
// one round trip. A statement inserts rows, or updates those that are older, so
// that a batch that is sent twice changes nothing. Only after the commit does
// the outbox forget. A row that Postgres will never take is found by halving,
// and set aside with the reason; its neighbours pass.
//
// In: a [feed] tells what others have changed upstream, and the store takes what
// is newer than its own rows. A box that has lost rows of its own, because its
// data were restored, has a new name, and reads them as another's.
//
// The box logs in as a role that row-level security binds. It reads the version
// of the schema and never changes it: that is [Migrate], an administrator's. If
// anything is not as the box needs it, rows wait, and [Upstream.Status] says in a
// sentence what somebody has to do. Nothing is ever deleted because it could not
// be sent, and a failure here is no failure of the box.
//
// A database that was restored, or is another one, is noticed by its name and by
// the number of the last batch. Then everything is sent and read again.
package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"downbeat.local/sync/outbox"
)

// Store is the rows of the box.
type Store interface {
	// Outgoing returns the first rows that wait after a place in the outbox, as
	// many as fit the limits and at least one, without the tables for which skip
	// is true.
	Outgoing(after uint64, rows, bytes int, skip func(table string) bool) ([]Row, error)
	// Apply writes those of the changes that are newer than the box's rows, and
	// keeps a value under a name in the same transaction.
	Apply(ctx context.Context, table string, changes []Change, name string, value any) error
	// Requeue queues every row again.
	Requeue() error
	// Get reads a kept value; Put keeps one.
	Get(name string, value any) (bool, error)
	Put(ctx context.Context, name string, value any) error
}

// Config configures an Upstream.
type Config struct {
	URL    string // postgres://name:password@host/database
	Outbox *outbox.Outbox
	Store  Store
	Tables []Table      // the tables that are carried
	Log    *slog.Logger // nil means slog.Default()
}

// Upstream is the connection to one Postgres.
type Upstream struct {
	url    string
	sender string
	run    outbox.Run
	out    *outbox.Outbox
	store  Store
	tables []prepared
	log    *slog.Logger
	status status
	shrink int // by how much transactions are smaller than they may be

	mu   sync.Mutex        // guards held
	held map[string]string // why a table waits, by its name; of the session
}

// New checks the configuration. It connects to nothing.
func New(cfg Config) (*Upstream, error) {
	if err := ParseURL(cfg.URL); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	u := &Upstream{url: cfg.URL, sender: cfg.Outbox.Sender(), out: cfg.Outbox, store: cfg.Store, log: cfg.Log, shrink: 1}
	for _, t := range cfg.Tables {
		u.tables = append(u.tables, prepare(t))
	}
	u.status.begin()
	return u, nil
}

func (u *Upstream) tableOf(name string) *prepared {
	i := slices.IndexFunc(u.tables, func(t prepared) bool { return t.name == name })
	if i < 0 {
		return nil
	}
	return &u.tables[i]
}

// holds reports whether the rows of a table wait in this session.
func (u *Upstream) holds(table string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.held[table] != "" || u.tableOf(table) == nil
}

// hold lets the rows of a table wait until the session ends, while others pass.
func (u *Upstream) hold(table, why string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.held[table] = why
	u.log.Warn("rows wait for somebody to act", "table", table, "why", why)
	u.status.hold(u.held)
}

// Run keeps both sides in step until ctx ends.
func (u *Upstream) Run(ctx context.Context) (err error) {
	if u.run, err = u.out.StartRun(); err != nil {
		return err
	}
	var tries backoff
	for {
		err := u.session(ctx, &tries)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if news, ok := errors.AsType[again](err); ok {
			u.log.Info("looks at the school's database anew", "why", string(news))
			continue
		}
		p := explain(err)
		if u.status.failed(p) {
			u.log.Warn("out of step with the school's database", "why", p.sentence, "err", redact(p.cause))
		}
		wait(ctx, tries.next(), u.out.Queued())
	}
}

// session connects and works until something fails.
func (u *Upstream) session(ctx context.Context, tries *backoff) error {
	out, seen, err := u.open(ctx)
	if err != nil {
		return err
	}
	defer closeConn(out)
	in, err := connect(ctx, u.url)
	if err != nil {
		return err
	}
	defer closeConn(in)
	defer time.AfterFunc(aliveEvery, tries.reset).Stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return u.sendLoop(ctx, out, seen, tries) })
	group.Go(func() error { return u.receive(ctx, &xidFeed{conn: in, sender: u.sender, stalled: u.status.stall}) })
	return group.Wait()
}

// open makes the first connection of a session and everything that is only done
// while nothing is sent or received.
func (u *Upstream) open(ctx context.Context) (*pgx.Conn, *server, error) {
	conn, err := connect(ctx, u.url)
	if err != nil {
		return nil, nil, err
	}
	seen, err := u.meet(ctx, conn)
	if err != nil {
		closeConn(conn)
		return nil, nil, err
	}
	return conn, seen, nil
}

// meet checks the upstream, corrects the clock and begins anew if the upstream is
// not the one that it was.
func (u *Upstream) meet(ctx context.Context, conn *pgx.Conn) (*server, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	seen, err := u.look(ctx, conn)
	if err != nil {
		return nil, err
	}
	unfit := map[string]string{}
	for i := range u.tables {
		if why := u.tables[i].mismatch(seen.columns[u.tables[i].name]); why != "" {
			unfit[u.tables[i].name] = why
		}
	}
	u.mu.Lock()
	u.held = unfit
	u.mu.Unlock()
	u.status.hold(unfit)
	if err := errors.Join(u.out.Retry(), u.out.Correct(seen.now)); err != nil {
		return nil, own(err)
	}
	return seen, own(u.recognize(ctx, seen))
}

// epochName is the kept value that names the upstream.
const epochName = "upstream_epoch"

// recognize begins anew if the upstream is another one than before, or an older
// state of it. If it has batches that this box did not send, a copy of the box's
// data has sent them, or its data was restored: the box takes a new name.
func (u *Upstream) recognize(ctx context.Context, seen *server) error {
	var epoch string
	if _, err := u.store.Get(epochName, &epoch); err != nil {
		return err
	}
	batch, err := u.out.Batch()
	if err != nil {
		return err
	}
	known, ahead := epoch == seen.epoch, seen.batch-int64(batch)
	if known && u.mine(seen) && (ahead == 0 || ahead == 1) { // one, if the answer to a batch was lost
		return nil
	}
	if known && (ahead > 1 || !u.mine(seen)) {
		if u.sender, err = u.out.Rename(); err != nil {
			return err
		}
		u.log.Warn("these data were copied or restored: the box has a new name for the school's database")
	}
	if epoch != "" {
		u.log.Warn("the school's database is another one or was restored: everything is sent and read again")
		if err := u.store.Requeue(); err != nil {
			return err
		}
	}
	for i := range u.tables {
		if err := u.store.Put(ctx, u.tables[i].cursorName(), Cursor{}); err != nil {
			return err
		}
	}
	return u.store.Put(ctx, epochName, seen.epoch)
}

// mine reports whether this box has sent the last batch under its name.
func (u *Upstream) mine(seen *server) bool {
	return seen.run == "" || seen.run == u.run.ID || seen.run == u.run.Before
}

// sendLoop sends whenever there is something.
func (u *Upstream) sendLoop(ctx context.Context, conn *pgx.Conn, seen *server, tries *backoff) error {
	begun := time.Now()
	for {
		sent, err := u.send(ctx, conn)
		if err != nil {
			return err
		}
		if sent {
			tries.reset()
		}
		if u.status.working() {
			u.log.Info("in step with the school's database")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-u.out.Queued():
		case <-time.After(aliveEvery):
			if err := u.alive(ctx, conn, seen, begun); err != nil {
				return err
			}
		}
	}
}

// aliveEvery is how often a connection without rows is tried. A login that was
// revoked, and a table that somebody has changed, are noticed within this time.
const aliveEvery = 20 * time.Second

// again ends a session that has not failed: it says why the next begins at once.
type again string

func (a again) Error() string { return string(a) }

// The reasons to begin anew.
const (
	changed again = "it has changed"
	retried again = "rows that it refused are tried again"
)

// alive looks at the upstream again. Rows that were refused are tried again when
// its rules have changed, and after a while.
func (u *Upstream) alive(ctx context.Context, conn *pgx.Conn, before *server, begun time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	seen, err := u.look(ctx, conn)
	if err != nil {
		return err
	}
	waiting, err := u.Status()
	switch {
	case err != nil:
		return own(err)
	case seen.rules != before.rules || !u.mine(seen) || !maps.EqualFunc(seen.columns, before.columns, maps.Equal):
		return changed
	case time.Since(begun) > maxWait && (waiting.Aside > 0 || waiting.State == Paused):
		return retried
	}
	return nil
}

// redact is an error for the log, without what Postgres quotes of rows.
func redact(err error) string {
	if err == nil {
		return ""
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fmt.Sprintf("%s: SQLSTATE %s", pg.Severity, pg.Code)
	}
	return err.Error()
}
