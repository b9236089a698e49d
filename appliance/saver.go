package appliance

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// saver writes what has changed, by key, soon after it has: changes that come
// while a write is under way share the next one.
type saver struct {
	write func(ctx context.Context, key string) error
	log   *slog.Logger
	rouse chan struct{}

	mu    sync.Mutex // guards dirty
	dirty map[string]struct{}
}

// lastWrite bounds the writes that are left when the box stops.
const lastWrite = 2 * time.Second

// retryWrite is how long to wait after a write that failed.
const retryWrite = 5 * time.Second

func newSaver(write func(context.Context, string) error, log *slog.Logger) *saver {
	return &saver{write: write, log: log, rouse: make(chan struct{}, 1), dirty: make(map[string]struct{})}
}

// poke says that key has changed. It never blocks.
func (s *saver) poke(key string) {
	s.mu.Lock()
	s.dirty[key] = struct{}{}
	s.mu.Unlock()
	select {
	case s.rouse <- struct{}{}:
	default:
	}
}

// run writes until ctx ends, and then what is left.
func (s *saver) run(ctx context.Context) {
	retry := time.NewTimer(0)
	defer retry.Stop()
	for {
		select {
		case <-s.rouse:
		case <-retry.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
			defer cancel()
			s.flush(last)
			return
		}
		if !s.flush(ctx) {
			retry.Reset(retryWrite)
		}
	}
}

// flush writes what is dirty; what fails stays dirty. It reports whether all
// went well.
func (s *saver) flush(ctx context.Context) bool {
	s.mu.Lock()
	dirty := s.dirty
	s.dirty = make(map[string]struct{})
	s.mu.Unlock()
	ok := true
	for key := range dirty {
		if err := s.write(ctx, key); err != nil {
			s.log.Error("cannot save a room, trying again", "err", err)
			s.mu.Lock()
			s.dirty[key] = struct{}{}
			s.mu.Unlock()
			ok = false
		}
	}
	return ok
}
