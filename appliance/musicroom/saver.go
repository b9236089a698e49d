package musicroom

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// saver writes what has changed, by key, soon after the change. Changes that come
// during a write share the next one. Only the saver writes, so that no older
// state overwrites a newer one. It retries a write that failed.
type saver struct {
	write  func(ctx context.Context, key string) error
	log    *slog.Logger
	wake   chan struct{} // holds one token while something is dirty
	ended  chan struct{} // closed when run has ended
	warned time.Time     // when the log last said that writing fails; zero if it works. Used by flush only

	mu      sync.Mutex // guards what follows
	dirty   map[string]*attempt
	writing map[string]*attempt // by the flush that goes on
}

// attempt is a write that is to come.
type attempt struct {
	done chan struct{}     // closed after the write
	late bool              // it waits for retryWrite, since the last one failed; saver.mu guards it
	kept bool              // it succeeded; read after done
	then []func(kept bool) // called after the write
}

const (
	// retryWrite is how long to wait after a write that failed.
	retryWrite = 5 * time.Second
	// remindWrite is how often the log says that writing still fails.
	remindWrite = 10 * time.Minute
	// saveWithin is how long a request waits for the store: many times what a
	// slow card takes, and not long to wait for a seat.
	saveWithin = time.Second
	// lastWrite bounds the last writes when the box stops.
	lastWrite = 2 * time.Second
)

func newSaver(write func(context.Context, string) error, log *slog.Logger) *saver {
	return &saver{
		write: write, log: log,
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
		dirty: make(map[string]*attempt),
	}
}

// poke says that key has changed. It never blocks. Each of then is called once
// the change is written or the write has failed, by the goroutine that writes.
func (s *saver) poke(key string, then ...func(kept bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.dirtyLocked(key)
	a.late = false
	a.then = append(a.then, then...)
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// dirtyLocked is the next write of key.
func (s *saver) dirtyLocked(key string) *attempt {
	a := s.dirty[key]
	if a == nil {
		a = &attempt{done: make(chan struct{})}
		s.dirty[key] = a
	}
	return a
}

// settle waits until the changes of key are written, at most saveWithin, and
// reports whether they are. If the store is slow or cannot be written, the class
// goes on and the saver retries.
func (s *saver) settle(ctx context.Context, key string) (kept bool) {
	a, late := s.pending(key)
	if a == nil || late {
		return a == nil
	}
	enough := time.NewTimer(saveWithin)
	defer enough.Stop()
	select {
	case <-a.done:
		return a.kept
	case <-enough.C:
	case <-s.ended:
	case <-ctx.Done():
	}
	return false
}

// pending is the write that the last change of key waits for, nil if there is none,
// and whether it is late.
func (s *saver) pending(key string) (a *attempt, late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.dirty[key]; a != nil {
		return a, a.late
	}
	return s.writing[key], false
}

// run writes until ctx ends. finish writes what is left then.
func (s *saver) run(ctx context.Context) {
	defer close(s.ended)
	retry := time.NewTimer(0)
	defer retry.Stop()
	for {
		select {
		case <-s.wake:
		case <-retry.C:
		case <-ctx.Done():
			return
		}
		if !s.flush(ctx) {
			retry.Reset(retryWrite)
		}
	}
}

// finish writes what is left, after run.
func (s *saver) finish() {
	ctx, cancel := context.WithTimeout(context.Background(), lastWrite)
	defer cancel()
	s.warned = time.Time{} // the last chance to log it
	s.flush(ctx)
}

// flush writes what is dirty. What fails stays dirty. It reports whether every
// write succeeded.
func (s *saver) flush(ctx context.Context) bool {
	s.mu.Lock()
	writing := s.dirty
	s.dirty, s.writing = make(map[string]*attempt), writing
	s.mu.Unlock()
	tried := len(writing)
	var failed []error
	for key, a := range writing { // finished removes them
		err := s.write(ctx, key)
		if err != nil {
			failed = append(failed, err)
		}
		s.finished(key, a, err == nil)
	}
	if tried > 0 && ctx.Err() == nil {
		s.report(errors.Join(failed...))
	}
	return len(failed) == 0
}

// finished ends an attempt. A key whose write failed is dirty again, for the next
// flush.
func (s *saver) finished(key string, a *attempt, kept bool) {
	s.mu.Lock()
	delete(s.writing, key)
	if !kept && s.dirty[key] == nil {
		s.dirtyLocked(key).late = true
	}
	s.mu.Unlock()
	a.kept = kept
	close(a.done)
	for _, f := range a.then {
		f(kept)
	}
}

// report logs now and then that writing fails, and once that it works again.
func (s *saver) report(err error) {
	switch {
	case err != nil && (s.warned.IsZero() || time.Since(s.warned) >= remindWrite):
		s.warned = time.Now()
		s.log.Error("cannot save rooms, trying again", "err", err)
	case err == nil && !s.warned.IsZero():
		s.warned = time.Time{}
		s.log.Info("rooms are saved again")
	}
}
