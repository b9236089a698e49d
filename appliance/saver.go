package appliance

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// saver writes what has changed, by key, soon after it has: changes that come
// while a write is under way share the next one. It alone writes, so that no
// older state overwrites a newer one. While writing fails it goes on trying.
type saver struct {
	write func(ctx context.Context, key string) error
	log   *slog.Logger
	rouse chan struct{} // holds one token when something is dirty
	over  chan struct{} // closed when run has ended
	told  time.Time     // when the log was told that writing fails; zero if it does not. Used by flush only

	mu    sync.Mutex // guards dirty
	dirty map[string]chan struct{}
}

const (
	// retryWrite is how long to wait after a write that failed.
	retryWrite = 5 * time.Second
	// remindWrite is how often the log is told that writing still fails.
	remindWrite = 10 * time.Minute
	// saveWithin is how long somebody waits to hear that he is in the store:
	// many times what a slow card takes, and not long to wait for a seat.
	saveWithin = time.Second
	// lastWrite bounds the writes that are left when the box stops.
	lastWrite = 2 * time.Second
)

func newSaver(write func(context.Context, string) error, log *slog.Logger) *saver {
	return &saver{
		write: write, log: log,
		rouse: make(chan struct{}, 1), over: make(chan struct{}),
		dirty: make(map[string]chan struct{}),
	}
}

// poke says that key has changed. It never blocks. The channel that it returns
// is closed when the change has been written, or could not be.
func (s *saver) poke(key string) (tried <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.dirty[key]
	if !ok {
		c = make(chan struct{})
		s.dirty[key] = c
	}
	select {
	case s.rouse <- struct{}{}:
	default: // it will look anyway
	}
	return c
}

// settle writes key and waits for that, for a while: with a store that is
// slow or cannot be written the class goes on, and the write is tried again.
func (s *saver) settle(ctx context.Context, key string) {
	enough := time.NewTimer(saveWithin)
	defer enough.Stop()
	select {
	case <-s.poke(key):
	case <-enough.C:
	case <-s.over:
	case <-ctx.Done():
	}
}

// run writes until ctx ends; finish then writes what is left.
func (s *saver) run(ctx context.Context) {
	defer close(s.over)
	retry := time.NewTimer(0)
	defer retry.Stop()
	for {
		select {
		case <-s.rouse:
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
	s.told = time.Time{} // the last chance to say so
	s.flush(ctx)
}

// flush writes what is dirty; what fails stays dirty. It reports whether all
// went well.
func (s *saver) flush(ctx context.Context) bool {
	s.mu.Lock()
	dirty := s.dirty
	s.dirty = make(map[string]chan struct{})
	s.mu.Unlock()
	var failed []error
	for key, tried := range dirty {
		if err := s.write(ctx, key); err != nil {
			failed = append(failed, err)
			s.keep(key)
		}
		close(tried)
	}
	if len(dirty) > 0 && ctx.Err() == nil {
		s.report(errors.Join(failed...))
	}
	return len(failed) == 0
}

// keep makes a key dirty again without hurry.
func (s *saver) keep(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dirty[key] == nil {
		s.dirty[key] = make(chan struct{})
	}
}

// report logs once in a while that writing fails, and once that it works again.
func (s *saver) report(err error) {
	switch {
	case err != nil && (s.told.IsZero() || time.Since(s.told) >= remindWrite):
		s.told = time.Now()
		s.log.Error("cannot save rooms, trying again", "err", err)
	case err == nil && !s.told.IsZero():
		s.told = time.Time{}
		s.log.Info("rooms are saved again")
	}
}
