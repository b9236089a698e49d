package upstream

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"

	"downbeat.local/sync/outbox"
)

// The size of a batch: one statement of at most so many rows and bytes. Several
// batches leave in one transaction, so that a server that is 40 ms away does not
// cost 40 ms for each.
const (
	batchRows  = 500
	batchBytes = 1 << 20
	batches    = 8 // in a transaction at most
)

// Row is a row that waits, with what it is now.
type Row struct {
	outbox.Entry
	Values map[string]any // nil if the row was deleted
}

// batch is rows of one table that travel in one statement.
type batch struct {
	table *prepared
	erase bool // the rows are deleted ones
	rows  []Row
	bytes int
	texts [][]*string // by column, then by row; of rows to erase only the keys
	hlcs  []int64
	times []int16 // qualities
}

func newBatch(t *prepared, erase bool) *batch {
	b := &batch{table: t, erase: erase}
	if erase {
		b.texts = make([][]*string, 1)
	} else {
		b.texts = make([][]*string, len(t.Columns))
	}
	return b
}

func (b *batch) add(r Row) error {
	if b.erase {
		b.texts[0] = append(b.texts[0], &r.Key)
		b.bytes += len(r.Key)
	} else {
		for i, c := range b.table.Columns {
			text, err := c.text(r.Values[c.Name])
			if err != nil {
				return err
			}
			if text != nil {
				b.bytes += len(*text)
			}
			b.texts[i] = append(b.texts[i], text)
		}
	}
	b.rows = append(b.rows, r)
	b.hlcs = append(b.hlcs, int64(r.At))
	b.times = append(b.times, int16(r.Quality))
	return nil
}

func (b *batch) full() bool { return len(b.rows) >= batchRows || b.bytes >= batchBytes }

// queue adds the statement to a pipeline.
func (b *batch) queue(to *pgx.Batch) {
	statement := b.table.upsert
	if b.erase {
		statement = b.table.erase
	}
	args := make([]any, 0, len(b.texts)+3)
	for _, column := range b.texts {
		args = append(args, column)
	}
	to.Queue(statement, append(args, b.hlcs, b.times, Schema)...)
}

// pack divides rows into batches. A row is in the outbox once, so that no batch
// has a key twice, which Postgres would refuse.
func (u *Upstream) pack(rows []Row) (packed []*batch, err error) {
	open := map[*prepared][2]*batch{} // the one that is filled, of rows to write and of rows to erase
	for _, r := range rows {
		t, erase := u.tableOf(r.Table), 0
		if r.Deleted {
			erase = 1
		}
		pair := open[t]
		if pair[erase] == nil || pair[erase].full() {
			pair[erase] = newBatch(t, r.Deleted)
			open[t] = pair
			packed = append(packed, pair[erase])
		}
		if err := pair[erase].add(r); err != nil {
			return nil, err
		}
	}
	return packed, nil
}

// transmit writes batches in one transaction and one round trip, and notes the
// number of the transaction, by which a restored upstream is noticed.
func (u *Upstream) transmit(ctx context.Context, conn *pgx.Conn, packed []*batch) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	number, err := u.out.Batch()
	if err != nil {
		return own(err)
	}
	pipeline := &pgx.Batch{}
	pipeline.Queue(asBox, u.sender)
	pipeline.Queue(noteBatch, u.sender, u.run.ID, cmp.Or(u.run.Before, u.run.ID), int64(number+1))
	for _, b := range packed {
		b.queue(pipeline)
	}
	if err := conn.SendBatch(ctx, pipeline).Close(); err != nil {
		return err
	}
	var sent []outbox.Entry
	for _, b := range packed {
		for _, r := range b.rows {
			sent = append(sent, r.Entry)
		}
	}
	u.status.progress()
	return own(u.out.Acknowledge(sent, number+1))
}

const noteBatch = "select downbeat.note($1::text::uuid, $2::text::uuid, $3::text::uuid, $4)"

// send sends what waits until nothing does, and reports whether that was
// anything. While the upstream writes some rows, the box reads the next.
func (u *Upstream) send(ctx context.Context, conn *pgx.Conn) (sent bool, err error) {
	next, err := u.read(0)
	for err == nil && len(next) > 0 {
		rows, last := next, next[len(next)-1].Place()
		var reading sync.WaitGroup
		var readErr error
		reading.Go(func() { next, readErr = u.read(last) })
		err = u.sendRows(ctx, conn, rows)
		reading.Wait()
		if err != nil {
			u.shrinkAfter(err)
			return sent, err
		}
		sent, err = true, readErr
		u.shrink = max(1, u.shrink/2)
		if err == nil && len(next) == 0 {
			next, err = u.read(0)
		}
	}
	return sent, err
}

// read returns the rows of the next transaction after a place in the outbox.
func (u *Upstream) read(after uint64) ([]Row, error) {
	rows, err := u.store.Outgoing(after, max(1, batches*batchRows/u.shrink), batches*batchBytes/u.shrink, u.holds)
	return rows, own(err)
}

// shrinkAfter makes the next transaction smaller if this one took too long.
func (u *Upstream) shrinkAfter(err error) {
	if errors.Is(err, context.DeadlineExceeded) && u.shrink < batches*batchRows {
		u.shrink *= 2
	}
}

// sendRows sends rows together, or in halves if some cannot be taken.
func (u *Upstream) sendRows(ctx context.Context, conn *pgx.Conn, rows []Row) error {
	packed, err := u.pack(rows)
	if err != nil {
		return err
	}
	err = u.transmit(ctx, conn, packed)
	if err == nil || explain(err).kind != poison {
		return err
	}
	for _, b := range packed {
		if err := u.isolate(ctx, conn, b); err != nil {
			return err
		}
	}
	return nil
}
