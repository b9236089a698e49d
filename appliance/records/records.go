// Package records looks after what students have written: who read it, how long
// it stays, and how it leaves the box or is forgotten.
//
// [Records.Read] is told of every row of a student that somebody else reads. The
// access log keeps when, by whom and which rows; it holds no words. Entries wait
// for at most flushEvery, so that a class that answers at once costs the disk one
// write.
//
// Check-ins have no readers: see [Records.SumCheckIn] and [Records.OwnCheckIns].
//
// A student who would like to talk is a to-do of the teacher: see [Talk].
// [Records.Forget] erases a student, [Records.Shared] is what a teacher may take
// along, and [Records.Run] deletes what is older than the school keeps. It
// deletes only while the clock of the machine is set: a box without a battery
// would otherwise delete a term's words because it believes that years have
// passed.
package records

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// How long reads wait to be written, and how many may. Beyond that an entry is left
// out, and the log says so.
const (
	flushEvery = 2 * time.Second
	maxWaiting = 256
)

// DefaultKeep is how long reflections stay: a school term, and then some.
const DefaultKeep = 180 * 24 * time.Hour

// DefaultKeepCheckIns is how long check-ins stay. How somebody felt is of use for
// weeks, and of none for a term.
const DefaultKeepCheckIns = 30 * 24 * time.Hour

// keepAccess is how long the access log stays: longer than what it is about.
const keepAccess = 400 * 24 * time.Hour

// sweepEvery is how often old rows are deleted.
const sweepEvery = time.Hour

// Config is what Records need.
type Config struct {
	Store *store.Store
	Table *table.Table // of the reflections
	// Sessions are the lessons in which they were written. They stay as long. Nil
	// means that there are none.
	Sessions *table.Table
	// Keep is how long a reflection stays. 0 means DefaultKeep, and below 0 for
	// ever.
	Keep time.Duration
	// CheckIns are how students say they feel; nil means that there are none.
	CheckIns *table.Table
	// KeepCheckIns is how long one stays. 0 means DefaultKeepCheckIns, and below 0
	// for ever.
	KeepCheckIns time.Duration
	// Visits are swept with the reflections; nil means that there are none.
	Visits interface {
		Sweep(ctx context.Context, before time.Time) error
	}
	// ClockSet reports whether the wall clock of the machine is right.
	ClockSet func() bool
	Log      *slog.Logger
}

// Records is safe for concurrent use.
type Records struct {
	cfg Config

	counting sync.Mutex // held while a sum of check-ins is counted and kept

	mu      sync.Mutex // guards waiting
	waiting []Access
}

// New returns the records of a store.
func New(cfg Config) *Records {
	if cfg.Keep == 0 {
		cfg.Keep = DefaultKeep
	}
	if cfg.KeepCheckIns == 0 {
		cfg.KeepCheckIns = DefaultKeepCheckIns
	}
	return &Records{cfg: cfg}
}

// Stays says how long the box keeps what students wrote. 0 is for ever.
type Stays struct{ Reflections, CheckIns, Access time.Duration }

// Stays returns how long they are kept.
func (r *Records) Stays() Stays {
	s := Stays{max(0, r.cfg.Keep), max(0, r.cfg.KeepCheckIns), keepAccess}
	if s.Reflections == 0 { // nothing is swept with them
		s.Access = 0
	}
	return s
}

// Run writes the access log and deletes what is old, until ctx ends.
func (r *Records) Run(ctx context.Context) error {
	flush, sweep := time.NewTicker(flushEvery), time.NewTicker(sweepEvery)
	defer flush.Stop()
	defer sweep.Stop()
	defer r.flush(context.WithoutCancel(ctx))
	r.sweep(ctx)
	for {
		select {
		case <-flush.C:
			r.flush(ctx)
		case <-sweep.C:
			r.sweep(ctx)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// sweep deletes what is older than it may become.
func (r *Records) sweep(ctx context.Context) {
	if !r.cfg.ClockSet() {
		return
	}
	err := r.sweepCheckIns(ctx)
	if r.cfg.Keep >= 0 {
		err = errors.Join(err, r.sweepRows(ctx), r.sweepBefore(ctx, r.cfg.Sessions, "started_at", r.cfg.Keep), r.sweepAccess(ctx))
		if r.cfg.Visits != nil {
			err = errors.Join(err, r.cfg.Visits.Sweep(ctx, time.Now().Add(-r.cfg.Keep)))
		}
	}
	if err != nil && ctx.Err() == nil {
		r.cfg.Log.Warn("cannot delete old words, trying again", "err", err)
	}
}

func (r *Records) sweepRows(ctx context.Context) error {
	before := table.FormatTime(time.Now().Add(-r.cfg.Keep))
	for {
		old, err := r.find(ctx, "created_at", "lt."+before, sweepAtOnce)
		if err != nil || len(old) == 0 {
			return err
		}
		if err := r.delete(ctx, old); err != nil {
			return err
		}
		r.cfg.Log.Info("old reflections were deleted", "rows", len(old))
	}
}

// sweepBefore deletes the rows of a table whose time in a column is longer ago than
// keep. It deletes nothing without a table, or if keep is below 0.
func (r *Records) sweepBefore(ctx context.Context, t *table.Table, column string, keep time.Duration) error {
	if t == nil || keep < 0 {
		return nil
	}
	before, err := t.ParseFilter(column+"=lt."+table.FormatTime(time.Now().Add(-keep)), nil)
	if err != nil {
		return err
	}
	rows := r.cfg.Store.Rows(t, table.Full())
	for {
		old, _, err := rows.Select(ctx, store.Query{Filter: before, Limit: sweepAtOnce})
		if err != nil || len(old) == 0 {
			return err
		}
		ids := make([]string, len(old))
		for i, row := range old {
			ids[i] = t.KeyOf(row)
		}
		these, err := t.ParseFilter("id=in.("+strings.Join(ids, ",")+")", nil)
		if err != nil {
			return err
		}
		if _, err := rows.Delete(ctx, these, nil); err != nil {
			return err
		}
	}
}

// sweepAtOnce is how many rows one write deletes.
const sweepAtOnce = 100

// find reads rows by a condition on one column.
func (r *Records) find(ctx context.Context, column, condition string, most int) ([]table.Row, error) {
	filter, err := r.cfg.Table.ParseFilter(column+"="+condition, nil)
	if err != nil {
		return nil, err
	}
	rows, _, err := r.cfg.Store.Rows(r.cfg.Table, table.Full()).Select(ctx, store.Query{Filter: filter, Limit: most})
	return rows, err
}

// delete deletes rows and their to-dos.
func (r *Records) delete(ctx context.Context, rows []table.Row) error {
	filter, err := r.cfg.Table.ParseFilter("id=in.("+strings.Join(r.keys(rows), ",")+")", nil)
	if err != nil {
		return err
	}
	if _, err := r.cfg.Store.Rows(r.cfg.Table, table.Full()).Delete(ctx, filter, nil); err != nil {
		return err
	}
	return r.dropTalks(ctx, rows)
}

// Forget erases a student for good: see [store.Store.Forget].
func (r *Records) Forget(ctx context.Context, student string) error {
	if err := uuid.Validate(student); err != nil {
		return ErrNoStudent
	}
	rows, err := r.all(ctx, r.cfg.Table, r.cfg.Table.Owner+"=eq."+student)
	if err != nil {
		return err
	}
	if err := r.cfg.Store.Forget(ctx, student); err != nil {
		return fmt.Errorf("forget a student: %w", err)
	}
	r.cfg.Log.Info("a student was forgotten", "rows", len(rows))
	return r.dropTalks(ctx, rows)
}

// ErrNoStudent is the error for an id that is no student's.
var ErrNoStudent = errors.New("no such student")

// Shared returns what a teacher may take along: the shared rows, of one student
// if the id is not empty, oldest first.
func (r *Records) Shared(ctx context.Context, by, student string) ([]table.Row, error) {
	filter := "shared=is.true"
	if student != "" {
		if err := uuid.Validate(student); err != nil {
			return nil, ErrNoStudent
		}
		filter += "," + r.cfg.Table.Owner + "=eq." + student
	}
	rows, err := r.all(ctx, r.cfg.Table, filter)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		rows[i] = r.cfg.Table.Project(row, nil)
	}
	r.note(Access{By: by, How: "export", Rows: r.keys(rows)})
	return rows, nil
}

// readAtOnce is how many rows one read returns. As many of the longest stay below
// store.MaxSorted.
const readAtOnce = 200

// all reads every row of a table that fits a filter, oldest first.
func (r *Records) all(ctx context.Context, t *table.Table, filter string) (all []table.Row, err error) {
	for next := filter; ; {
		only, err := t.ParseFilter(next, nil)
		if err != nil {
			return nil, err
		}
		rows, _, err := r.cfg.Store.Rows(t, table.Full()).Select(ctx, store.Query{Filter: only, Limit: readAtOnce})
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) < readAtOnce {
			return all, nil
		}
		next = filter + ",id=gt." + t.KeyOf(rows[len(rows)-1])
	}
}

func (r *Records) keys(rows []table.Row) (keys []string) {
	for _, row := range rows {
		keys = append(keys, r.cfg.Table.KeyOf(row))
	}
	return keys
}

// decode reads the values of a bucket, and leaves out those that are damaged.
func decode[T any](rows []store.Row) (all []T) {
	for _, row := range rows {
		var v T
		if json.Unmarshal(row.Value, &v) == nil {
			all = append(all, v)
		}
	}
	return all
}
