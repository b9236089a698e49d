package musicroom

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// disk is what a test's saver writes to.
type disk struct {
	mu     sync.Mutex // guards what follows
	broken bool
	wrote  []string
}

var errFull = errors.New("no space left on device")

func (d *disk) write(_ context.Context, key string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return errFull
	}
	d.wrote = append(d.wrote, key)
	return nil
}

func (d *disk) fail(broken bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = broken
}

// startSaver runs a saver until the test ends; its log is returned too.
func startSaver(t *testing.T, d *disk) (*saver, *strings.Builder) {
	var log strings.Builder
	s := newSaver(d.write, slog.New(slog.NewTextHandler(&log, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return s, &log
}

// change changes a room and waits as a request does.
func change(t *testing.T, s *saver, key string) (kept bool) {
	t.Helper()
	s.poke(key)
	return s.settle(t.Context(), key)
}

func TestTheSaverWritesWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		s, _ := startSaver(t, d)
		began := time.Now()
		if !change(t, s, "MUSIC-2024") || !change(t, s, "CHOIR-1000") || !s.settle(t.Context(), "OTHER-1000") {
			t.Error("what is written does not count as kept")
		}
		if diff := cmp.Diff([]string{"MUSIC-2024", "CHOIR-1000"}, d.wrote); diff != "" || time.Since(began) > 0 {
			t.Errorf("wrote after %v (-want +got):\n%s", time.Since(began), diff)
		}
	})
}

func TestTheSaverRetriesAndLogsSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{broken: true}
		s, log := startSaver(t, d)
		began := time.Now()
		for range 30 {
			if change(t, s, "MUSIC-2024") {
				t.Error("a write that failed counts as kept")
			}
		}
		if waited := time.Since(began); waited > 0 {
			t.Errorf("a failing disk delayed thirty joins by %v", waited)
		}
		s.poke("MUSIC-2024")
		synctest.Wait() // the write has failed before the request asks
		if s.settle(t.Context(), "MUSIC-2024") || time.Since(began) > 0 {
			t.Errorf("a request that comes after the write failed waits %v for the next", time.Since(began))
		}
		time.Sleep(remindWrite + time.Minute)
		synctest.Wait()
		if got := strings.Count(log.String(), "cannot save"); got != 2 {
			t.Errorf("logged %d times, want at the start and after %v:\n%s", got, remindWrite, log)
		}
		d.fail(false)
		time.Sleep(retryWrite)
		synctest.Wait()
		if diff := cmp.Diff([]string{"MUSIC-2024"}, d.wrote); diff != "" {
			t.Errorf("wrote in the end (-want +got):\n%s", diff)
		}
		if !strings.Contains(log.String(), "saved again") {
			t.Errorf("the log does not say that saving works again:\n%s", log)
		}
	})
}

func TestNobodyWaitsLongForASlowDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		s := newSaver(func(context.Context, string) error { <-stuck; return nil }, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.run(ctx) })
		began := time.Now()
		change(t, s, "MUSIC-2024")
		if waited := time.Since(began); waited != saveWithin {
			t.Errorf("waited %v, want %v", waited, saveWithin)
		}
		cancel()
		close(stuck)
		running.Wait()
		began = time.Now()
		change(t, s, "CHOIR-1000")
		if waited := time.Since(began); waited > 0 {
			t.Errorf("when the box stops, waited %v", waited)
		}
	})
}

func TestTheSaverFinishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{broken: true}
		s := newSaver(d.write, slog.New(slog.DiscardHandler))
		s.poke("MUSIC-2024")
		s.finish()
		d.fail(false)
		s.finish()
		if diff := cmp.Diff([]string{"MUSIC-2024"}, d.wrote); diff != "" {
			t.Errorf("wrote (-want +got):\n%s", diff)
		}
	})
}
