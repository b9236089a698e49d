package store

import (
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

// MaxKey and MaxValue bound one row: far more than a room of 64 needs, far
// less than would hurt a small disk. Larger ones are refused, unwritten.
const (
	MaxKey   = 1 << 10 // bytes
	MaxValue = 4 << 20 // bytes
)

// Op is one change of one row. A nil Value deletes the row.
type Op struct {
	Bucket Bucket
	Key    string
	Value  []byte
}

// plan reads what it has to and says what to write. It sees what the plans
// before it in the same commit write. Its error is its caller's alone: nothing
// of the plan is applied, and the commit goes on without it.
type plan func(tx *bbolt.Tx) (effect, error)

// effect is what a plan comes to.
type effect struct {
	ops      []Op
	changes  []table.Change // told once the ops are kept
	rows     []table.Row    // what the caller gets
	inserted int            // of the rows, those that are new
}

// write is a caller's plan waiting for a commit.
type write struct {
	plan   plan
	effect effect     // of the plan; read it after done
	err    error      // the plan's own
	done   chan error // holds one: the outcome
}

// Put writes a value as JSON and returns once it is on the disk.
func (s *Store) Put(ctx context.Context, b Bucket, key string, value any) error {
	op, err := JSON(b, key, value)
	if err != nil {
		return err
	}
	return s.Write(ctx, op)
}

// JSON is the Op that puts a value as JSON.
func JSON(b Bucket, key string, value any) (Op, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return Op{}, fmt.Errorf("write %s: %w", b, err)
	}
	return Op{Bucket: b, Key: key, Value: raw}, nil
}

// Delete removes a row and returns once that is on the disk. A row that is
// not there is no error.
func (s *Store) Delete(ctx context.Context, b Bucket, key string) error {
	return s.Write(ctx, Op{Bucket: b, Key: key})
}

// Write applies the ops together or not at all and returns once they are on
// the disk. When ctx ends first the outcome is unknown: they may be kept.
func (s *Store) Write(ctx context.Context, ops ...Op) error {
	for _, op := range ops {
		if err := s.valid(op); err != nil {
			return err
		}
	}
	_, err := s.do(ctx, func(*bbolt.Tx) (effect, error) { return effect{ops: ops}, nil })
	return err
}

// do carries out a plan and returns its effect once that is on the disk. When
// ctx ends first the outcome is unknown.
func (s *Store) do(ctx context.Context, p plan) (effect, error) {
	w := &write{plan: p, done: make(chan error, 1)}
	s.mu.Lock()
	s.pending = append(s.pending, w) // bounded by the callers, who all wait
	s.mu.Unlock()

	select {
	case err := <-w.done: // somebody else's commit carried it
		return w.outcome(err)
	case <-ctx.Done():
		s.forget(w)
		return effect{}, context.Cause(ctx)
	case s.turn <- struct{}{}:
		s.commitPending()
		<-s.turn
		return w.outcome(<-w.done) // it was in this commit or in an earlier one
	}
}

func (w *write) outcome(err error) (effect, error) {
	if err != nil {
		return effect{}, err
	}
	return w.effect, nil
}

// valid refuses what bbolt would refuse, so that one caller's mistake never
// fails the commit that others share.
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

// forget takes back a write that nobody has begun to commit.
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

// commitPending commits everything that waits, tells the watchers and then the
// waiters. Only the holder of the turn calls it, so that changes are told in
// the order in which they were kept.
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
	}
	if err == nil {
		s.tell(batch)
	}
	for _, w := range batch {
		if w.err != nil {
			w.done <- w.err
		} else {
			w.done <- err
		}
	}
}

// errNothing rolls back a transaction that writes nothing: it costs no sync.
var errNothing = errors.New("nothing to write")

// commit carries out a batch in one transaction and one sync. bbolt panics on
// damaged pages; that too ends the writing, not the box.
func (s *Store) commit(batch []*write) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
			s.breakDown(err)
		}
	}()
	err = s.db.Update(func(tx *bbolt.Tx) error {
		written := 0
		for _, w := range batch {
			if w.effect, w.err = s.try(w.plan, tx); w.err != nil {
				continue
			}
			for _, op := range w.effect.ops {
				if err := op.apply(tx); err != nil {
					return err
				}
			}
			written += len(w.effect.ops)
		}
		if written == 0 {
			return errNothing
		}
		return nil
	})
	if err == nil || errors.Is(err, errNothing) {
		return nil
	}
	err = fmt.Errorf("write store: %w", err)
	if errors.Is(err, syscall.EIO) {
		s.breakDown(err)
	}
	return err
}

// try makes a plan's effect. A plan only reads, so that one that panics harms
// nobody but its caller.
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

func (op Op) apply(tx *bbolt.Tx) error {
	b := tx.Bucket([]byte(op.Bucket))
	if op.Value == nil {
		return b.Delete([]byte(op.Key))
	}
	return b.Put([]byte(op.Key), op.Value)
}

// breakDown refuses all later writes: after a failed sync the kernel may have
// thrown the pages away, and a later commit would promise what is not there.
func (s *Store) breakDown(cause error) {
	s.mu.Lock()
	s.broken = fmt.Errorf("%w: %w", ErrBroken, cause)
	s.mu.Unlock()
	s.log.Error("store takes no more writes", "err", cause)
}
