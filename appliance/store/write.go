package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"syscall"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/table"
)

// MaxKey and MaxValue bound one row: far more than a room of 64 needs, and too
// little to hurt a small disk. Larger rows are refused.
const (
	MaxKey   = 1 << 10 // bytes
	MaxValue = 4 << 20 // bytes
)

// Op is one change of one row. A nil Value deletes the row.
type Op struct {
	Bucket Bucket
	Key    string
	Value  []byte
	// Owner is the student whose key seals the value, so that it is forgotten with
	// them. Empty means the box's own key.
	Owner string
}

// plan reads and decides what to write. It sees the writes of the plans before
// it in the same commit. Its error goes only to its caller: the commit continues
// without the plan. It may run more than once before it is committed.
type plan func(tx *bbolt.Tx) (effect, error)

// effect is the result of a plan.
type effect struct {
	ops      []Op
	changes  []table.Change // for the watchers, once the ops are stored
	rows     []table.Row    // for the caller
	inserted int            // how many of rows are new
	versions []version      // of the rows of changes, for the outbox
	also     func(tx *bbolt.Tx) error
}

// write is a caller's plan that waits for a commit.
type write struct {
	plan   plan
	effect effect     // of the plan; read after done
	err    error      // of the plan
	done   chan error // holds one: the error of the commit
}

// Put writes a value as JSON, and returns once it is on the disk.
func (s *Store) Put(ctx context.Context, b Bucket, key string, value any) error {
	op, err := JSON(b, key, value)
	if err != nil {
		return err
	}
	return s.Write(ctx, op)
}

// JSON returns the Op that writes a value as JSON.
func JSON(b Bucket, key string, value any) (Op, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return Op{}, fmt.Errorf("write %s: %w", b, err)
	}
	return Op{Bucket: b, Key: key, Value: raw}, nil
}

// Delete removes a row, and returns once that is on the disk. A missing row is no
// error.
func (s *Store) Delete(ctx context.Context, b Bucket, key string) error {
	return s.Write(ctx, Op{Bucket: b, Key: key})
}

// Write applies all ops or none, and returns once they are on the disk. If ctx
// ends first the outcome is unknown: they may be stored.
func (s *Store) Write(ctx context.Context, ops ...Op) error {
	for _, op := range ops {
		if err := s.valid(op); err != nil {
			return err
		}
	}
	_, err := s.do(ctx, func(*bbolt.Tx) (effect, error) { return effect{ops: ops}, nil })
	return err
}

// do applies a plan, and returns its effect once that is on the disk. If ctx
// ends first the outcome is unknown.
func (s *Store) do(ctx context.Context, p plan) (effect, error) {
	w := &write{plan: p, done: make(chan error, 1)}
	s.mu.Lock()
	s.pending = append(s.pending, w) // bounded by the number of callers: all of them wait
	s.mu.Unlock()

	select {
	case err := <-w.done: // it was in the commit of another caller
		return w.outcome(err)
	case <-ctx.Done():
		s.forget(w)
		return effect{}, context.Cause(ctx)
	case s.committing <- struct{}{}:
		s.commitPending()
		<-s.committing
		return w.outcome(<-w.done) // it was in this commit or an earlier one
	}
}

func (w *write) outcome(err error) (effect, error) {
	if err != nil {
		return effect{}, err
	}
	return w.effect, nil
}

// valid refuses what bbolt would refuse, so that a mistake of one caller never
// fails the commit of others.
func (s *Store) valid(op Op) error {
	switch {
	case op.Bucket == meta || !slices.Contains(s.buckets, op.Bucket):
		return fmt.Errorf("write: no bucket %q", op.Bucket)
	case op.Key == "" || len(op.Key) > MaxKey:
		return fmt.Errorf("write %s: key of %d bytes", op.Bucket, len(op.Key))
	case len(op.Value) > MaxValue:
		return fmt.Errorf("write %s: value of %d bytes", op.Bucket, len(op.Value))
	}
	return nil
}

// forget removes a write whose commit has not begun.
func (s *Store) forget(w *write) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, p := range s.pending {
		if p == w {
			s.pending = append(s.pending[:i], s.pending[i+1:]...)
			return
		}
	}
}

// commitPending commits everything that waits, then sends the changes to the
// watchers, then answers the callers. Only the goroutine that filled committing
// calls it, so that changes go out in the order in which they were stored.
func (s *Store) commitPending() {
	s.mu.Lock()
	batch, err := s.pending, s.broken
	s.pending = nil
	s.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	if err == nil {
		err = s.commit(batch)
		s.note(err)
	}
	if err == nil {
		s.deliver(batch)
	}
	for _, w := range batch {
		if w.err != nil {
			w.done <- w.err
		} else {
			w.done <- err
		}
	}
}

// Failing returns why the last write of the store failed, and nil if it
// succeeded. A full disk heals when there is space again and something is
// written.
func (s *Store) Failing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.broken, s.failing)
}

func (s *Store) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = err
}

// errNothing rolls back a transaction that writes nothing, to save the sync.
var errNothing = errors.New("nothing to write")

// commit applies a batch in one transaction and one sync. A write that cannot be
// applied fails alone: bbolt takes back whole transactions only, so the others are
// applied again without it. bbolt panics on damaged pages; that ends all writing,
// but not the box.
func (s *Store) commit(batch []*write) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
			s.breakDown(err)
		}
	}()
	for rest := slices.Clone(batch); ; {
		unfit, err := s.commitAll(rest)
		if unfit == nil {
			return s.committed(err)
		}
		unfit.effect, unfit.err = effect{}, err
		rest = slices.DeleteFunc(rest, func(w *write) bool { return w == unfit })
	}
}

// commitAll applies all of a batch whose plans succeed. If one cannot be applied,
// nothing is, and it is returned with the reason.
func (s *Store) commitAll(batch []*write) (unfit *write, err error) {
	err = s.db.Update(func(tx *bbolt.Tx) error {
		written := 0
		for _, w := range batch {
			if w.effect, w.err = s.try(w.plan, tx); w.err != nil {
				continue
			}
			if err := s.apply(tx, w.effect); err != nil {
				unfit = w
				return err
			}
			written += w.effect.size()
		}
		if written == 0 {
			return errNothing
		}
		return nil
	})
	return unfit, err
}

// committed judges the end of a commit. After a failed sync the store takes no
// more writes.
func (s *Store) committed(err error) error {
	if err == nil || errors.Is(err, errNothing) {
		return nil
	}
	err = fmt.Errorf("write store: %w", err)
	if errors.Is(err, syscall.EIO) {
		s.breakDown(err)
	}
	return err
}

// try runs a plan. A plan only reads, so a panic in it harms only its caller.
func (s *Store) try(p plan, tx *bbolt.Tx) (e effect, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("a write panicked", "panic", p, "stack", string(debug.Stack()))
			e, err = effect{}, fmt.Errorf("write: %v", p)
		}
	}()
	if e, err = p(tx); err != nil {
		return effect{}, err
	}
	for _, op := range e.ops {
		if err := s.valid(op); err != nil {
			return effect{}, err
		}
	}
	return e, nil
}

// apply carries out what a plan has decided.
func (s *Store) apply(tx *bbolt.Tx, e effect) error {
	for _, op := range e.ops {
		if err := s.put(tx, op); err != nil {
			return err
		}
	}
	for _, v := range e.versions {
		if err := v.record(tx, s.outbox); err != nil {
			return err
		}
	}
	if e.also == nil {
		return nil
	}
	return e.also(tx)
}

// size counts what an effect writes.
func (e effect) size() int {
	n := len(e.ops) + len(e.versions)
	if e.also != nil {
		n++
	}
	return n
}

// put applies one op.
func (s *Store) put(tx *bbolt.Tx, op Op) error {
	b := tx.Bucket([]byte(op.Bucket))
	if op.Value == nil {
		return b.Delete([]byte(op.Key))
	}
	sealed, err := s.sealing.seal(tx, op)
	if err != nil {
		return err
	}
	return b.Put([]byte(op.Key), sealed)
}

// breakDown refuses all later writes. After a failed sync the kernel may have
// dropped the pages, and a later commit would acknowledge data that is gone.
func (s *Store) breakDown(cause error) {
	s.mu.Lock()
	s.broken = fmt.Errorf("%w: %w", ErrBroken, cause)
	s.mu.Unlock()
	s.log.Error("store takes no more writes", "err", cause)
}
