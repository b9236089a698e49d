package midi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"syscall"
	"time"
)

// search says when to look for devices, and what is in the way of finding them.
type search struct {
	system System
	told   func() // called when Problem has another answer; may be nil
	log    *slog.Logger

	changed chan struct{} // holds a token when the folder of devices has changed
	look    chan struct{} // holds a token when it is to be looked at anyway

	mu      sync.Mutex   // guards trouble
	trouble [parts]error // nil for a part that works
}

// What can fail when devices are looked for, the worst first.
const (
	listing  = iota // the folder cannot be read
	watching        // the kernel does not report changes of the folder
	parts
)

// lookEvery is how often the folder is looked at while the kernel does not report
// its changes, and how often the kernel is asked again.
const lookEvery = 2 * time.Second

func newSearch(system System, told func(), log *slog.Logger) *search {
	return &search{
		system: system, told: told, log: log,
		changed: make(chan struct{}, 1), look: make(chan struct{}, 1),
	}
}

// watch watches the folder until ctx ends.
func (s *search) watch(ctx context.Context) {
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-again.C:
		case <-ctx.Done():
			return
		}
		err := watchFolder(ctx, s.system.withDefaults().Devices, func() {
			s.note(watching, nil)
			poke(s.changed)
		})
		if ctx.Err() != nil {
			return
		}
		s.note(watching, fmt.Errorf("a device that is plugged in appears up to %.0f seconds late: %w", lookEvery.Seconds(), explainWatch(err)))
		poke(s.look)
		again.Reset(lookEvery)
	}
}

// poke leaves a token, unless there is one already.
func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// explainWatch says what to do when the kernel refuses to watch a folder.
func explainWatch(err error) error {
	switch {
	case errors.Is(err, syscall.EMFILE):
		return fmt.Errorf("%w; close programs that watch many files, or raise fs.inotify.max_user_instances with sysctl", err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w; close programs that watch many files, or raise fs.inotify.max_user_watches with sysctl", err)
	}
	return err
}

// note notes that a part fails, or with nil that it works. The log hears of changes
// only: what fails is tried again for as long as it takes.
func (s *search) note(part int, err error) {
	s.mu.Lock()
	was := s.trouble[part]
	s.trouble[part] = err
	s.mu.Unlock()
	switch {
	case err == nil && was == nil, err != nil && was != nil && err.Error() == was.Error():
		return
	case err != nil:
		s.log.Warn("cannot look for MIDI devices as usual, trying again", "err", err)
	default:
		s.log.Info("looking for MIDI devices as usual again")
	}
	if s.told != nil {
		s.told()
	}
}

// Problem says in one sentence why devices may be found late or not at all; nil if
// they are found at once.
func (s *search) Problem() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, err := range s.trouble {
		if err != nil {
			return err
		}
	}
	return nil
}
