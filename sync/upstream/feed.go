package upstream

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"downbeat.local/sync/hlc"
	"downbeat.local/sync/outbox"
)

// Change is a row of the upstream as it is now.
type Change struct {
	Key     string
	Version outbox.Version
	Row     []byte // a JSON object with at least the columns of the table; nil if it was deleted
}

// Cursor is how far the changes of a table were read. The zero Cursor has read
// nothing. First every row is read once, by its key and whatever its
// transaction: in a database that was copied from another cluster those numbers
// mean nothing. Then rows are read by transaction.
type Cursor struct {
	Scanned bool   `json:"scanned"` // every row was read once
	Horizon string `json:"horizon"` // the first transaction that the scan may have missed
	Xid     string `json:"xid"`     // of the last row
	Key     string `json:"key"`     // of the last row
}

func (p *prepared) cursorName() string { return "upstream_cursor:" + p.name }

// feed tells what has changed upstream.
type feed interface {
	// Changes returns the next changes of a table after a cursor, and the cursor
	// after them. There may be more if there are feedRows of them.
	Changes(ctx context.Context, t *prepared, after Cursor) ([]Change, Cursor, error)
	// Wait returns when there may be something new, or after a while.
	Wait(ctx context.Context) error
}

// The pace of a feed.
const (
	feedRows = 500
	// pollEvery is how often to look without having been called. It is the delay
	// of a change behind a pooler, which passes on no notifications.
	pollEvery = 2 * time.Second
)

// noKey is before every key, firstXid before every transaction.
const (
	noKey    = "00000000-0000-0000-0000-000000000000"
	firstXid = "0"
)

// xidFeed reads rows by the transaction that wrote them. A row is told once all
// transactions that began before have ended, because one that is still open may
// commit a row with an earlier number. A session that stays open for hours
// delays the feed for as long.
type xidFeed struct {
	conn      *pgx.Conn
	sender    string
	listening bool
	stall     stall
	stalled   func(bool) // hears whether the feed stands still
}

// stallAfter is how long one open session may delay the feed before a person
// should look.
const stallAfter = 5 * time.Minute

// stall notices a horizon that stands still while transactions come after it.
type stall struct {
	horizon string
	since   time.Time
}

func (s *stall) seen(horizon string, open bool, now time.Time) bool {
	if horizon != s.horizon || !open {
		s.horizon, s.since = horizon, now
	}
	return now.Sub(s.since) > stallAfter
}

func (f *xidFeed) Changes(ctx context.Context, t *prepared, after Cursor) (changes []Change, next Cursor, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	next = after
	if after == (Cursor{}) {
		next = Cursor{Xid: firstXid, Key: noKey}
	}
	var now string // before the rows are read, so that none is missed
	var open bool
	b := &pgx.Batch{}
	b.Queue(asBox, f.sender)
	b.Queue(horizon).QueryRow(func(row pgx.Row) error { return row.Scan(&now, &open) })
	gather := func(rows pgx.Rows) error { return collect(rows, &changes, &next) }
	if after.Scanned {
		b.Queue(t.poll, f.sender, next.Xid, next.Key, feedRows).Query(gather)
	} else {
		b.Queue(t.scan, f.sender, next.Key, feedRows).Query(gather)
	}
	if err := f.conn.SendBatch(ctx, b).Close(); err != nil {
		return nil, after, err
	}
	f.stalled(f.stall.seen(now, open, time.Now()))
	switch {
	case after == (Cursor{}):
		next.Horizon = now
	case len(changes) == feedRows: // there may be more
	case after.Scanned:
		next = Cursor{Scanned: true, Xid: now, Key: noKey}
	default:
		next = Cursor{Scanned: true, Xid: after.Horizon, Key: noKey}
	}
	return changes, next, nil
}

// horizon asks for the first transaction that has not ended, and whether others
// came after it.
const horizon = "select pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s) > pg_snapshot_xmin(s) from pg_current_snapshot() as s"

// collect reads rows, and moves the cursor to the last.
func collect(rows pgx.Rows, changes *[]Change, next *Cursor) error {
	var c Change
	var xid string
	var at int64
	var quality int16
	var deleted bool
	var row []byte
	_, err := pgx.ForEachRow(rows, []any{&c.Key, &xid, &at, &quality, &deleted, &row}, func() error {
		c.Version = outbox.Version{At: hlc.Time(at), Quality: hlc.Quality(quality), Deleted: deleted}
		c.Row = row
		if deleted {
			c.Row = nil
		}
		*changes = append(*changes, c)
		next.Xid, next.Key, row = xid, c.Key, nil
		return nil
	})
	return err
}

// Wait waits for a notification, at most pollEvery.
func (f *xidFeed) Wait(ctx context.Context) error {
	if !f.listening {
		if _, err := f.conn.Exec(ctx, "listen downbeat"); err != nil {
			return err
		}
		f.listening = true
		return nil // what came before is read first
	}
	waiting, cancel := context.WithTimeout(ctx, pollEvery)
	defer cancel()
	_, err := f.conn.WaitForNotification(waiting)
	if waiting.Err() != nil && ctx.Err() == nil && !f.conn.IsClosed() {
		return nil
	}
	return err
}

// receive applies what has changed upstream, until something fails.
func (u *Upstream) receive(ctx context.Context, from feed) error {
	cursors := make([]Cursor, len(u.tables))
	for i := range u.tables {
		if _, err := u.store.Get(u.tables[i].cursorName(), &cursors[i]); err != nil {
			return own(err)
		}
	}
	for {
		for i := range u.tables {
			if t := &u.tables[i]; !u.holds(t.name) {
				if err := u.catchUp(ctx, from, t, &cursors[i]); err != nil {
					return err
				}
			}
		}
		if err := from.Wait(ctx); err != nil {
			return err
		}
	}
}

// catchUp applies the changes of one table until there are no more. A cursor that
// moves without changes is not kept: after a restart the few rows are looked for
// again, which costs the disk nothing.
func (u *Upstream) catchUp(ctx context.Context, from feed, t *prepared, cursor *Cursor) error {
	for {
		changes, next, err := from.Changes(ctx, t, *cursor)
		if err != nil {
			return err
		}
		if len(changes) > 0 || !cursor.Scanned {
			if err := u.store.Apply(ctx, t.name, u.believable(changes), t.cursorName(), next); err != nil {
				return own(err)
			}
		}
		scanning := !cursor.Scanned
		*cursor = next
		if len(changes) < feedRows && !scanning {
			return nil
		}
	}
}

// believable leaves out changes that are further ahead of the time than the
// upstream allows: somebody has switched its triggers off.
func (u *Upstream) believable(changes []Change) []Change {
	limit := hlc.Of(u.out.Clock().Moment().Add(2 * outbox.MaxAhead))
	kept := changes[:0]
	for _, c := range changes {
		if c.Version.At <= limit {
			kept = append(kept, c)
			continue
		}
		u.log.Warn("a row of the school's database is ahead of its time and is left alone", "at", c.Version.At.Wall())
	}
	return kept
}
