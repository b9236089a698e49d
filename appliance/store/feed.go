package store

import (
	"sync"
	"time"

	"downbeat.local/appliance/table"
)

// MaxBehind is how many changes a watcher may be behind before it misses some:
// four of the largest writes.
const MaxBehind = 4 * MaxRows

// feed sends the changes of rows to watchers.
type feed struct {
	mu       sync.Mutex // guards watchers and their fields
	watchers map[*watcher]struct{}
}

// watcher is the queue of one Watch.
type watcher struct {
	changes chan table.Change // holds MaxBehind; closed by cancel
	missed  int               // since the last change that was queued
}

// Watch calls deliver with every change of a row from now on, one at a time, in the
// order in which the changes were stored. A writer never waits for deliver. A
// watcher that is MaxBehind changes behind misses changes until it has caught
// up; its next change says how many. Rows are shared and must not be changed.
//
// When cancel returns, deliver has had every change from before, and is not called
// again. deliver must not call cancel. Call cancel before the store is closed.
func (s *Store) Watch(deliver func(table.Change)) (cancel func()) {
	w := &watcher{changes: make(chan table.Change, MaxBehind)}
	s.feed.add(w)
	var delivering sync.WaitGroup
	delivering.Go(func() {
		for c := range w.changes {
			deliver(c)
		}
	})
	return func() {
		s.feed.remove(w)
		delivering.Wait()
	}
}

func (f *feed) add(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watchers == nil {
		f.watchers = make(map[*watcher]struct{})
	}
	f.watchers[w] = struct{}{}
}

// remove ends a watcher. A second call does nothing.
func (f *feed) remove(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.watchers[w]; ok {
		delete(f.watchers, w)
		close(w.changes)
	}
}

// deliver hands the changes of a batch that was kept to every watcher.
func (s *Store) deliver(batch []*write) {
	at := time.Now().UTC()
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	for w := range s.feed.watchers {
		before := w.missed
		for _, kept := range batch {
			for _, c := range kept.effect.changes {
				c.At = at
				w.offer(c)
			}
		}
		if before == 0 && w.missed > 0 {
			s.log.Warn("a watcher of rows fell behind and misses changes", "behind", MaxBehind)
		}
	}
}

// offer queues a change, or counts it as missed if the queue is full.
func (w *watcher) offer(c table.Change) {
	c.Missed = w.missed
	select {
	case w.changes <- c:
		w.missed = 0
	default:
		w.missed++
	}
}
