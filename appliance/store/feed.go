package store

import (
	"sync"
	"time"

	"downbeat.local/appliance/table"
)

// MaxBehind is how many changes a watcher may be behind before it misses some:
// four writes of as many rows as one may have.
const MaxBehind = 4 * MaxRows

// feed tells the changes of rows to those who watch.
type feed struct {
	mu       sync.Mutex // guards watchers and what is in them
	watchers map[*watcher]struct{}
}

// watcher is somebody who is told of changes.
type watcher struct {
	changes chan table.Change // holds MaxBehind; closed when he watches no more
	missed  int               // since the last one that was told
}

// Watch calls tell with every change of a row from now on, one after the other
// in the order in which they were kept, once they are. A writer never waits
// for tell: a watcher that is MaxBehind changes behind misses those that come
// until it has caught up, and the next that it is told says how many. Rows are
// shared and must not be changed.
//
// After cancel has returned tell is not called any more; what was kept before
// has been told. tell must not call it. Cancel before the store is closed.
func (s *Store) Watch(tell func(table.Change)) (cancel func()) {
	w := &watcher{changes: make(chan table.Change, MaxBehind)}
	s.feed.add(w)
	var telling sync.WaitGroup
	telling.Go(func() {
		for c := range w.changes {
			tell(c)
		}
	})
	return func() {
		s.feed.remove(w)
		telling.Wait()
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

// remove ends a watcher; a second time does nothing.
func (f *feed) remove(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.watchers[w]; ok {
		delete(f.watchers, w)
		close(w.changes)
	}
}

// tell hands the changes of a batch that was kept to every watcher.
func (s *Store) tell(batch []*write) {
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

// offer queues a change, or counts it when there is no room.
func (w *watcher) offer(c table.Change) {
	c.Missed = w.missed
	select {
	case w.changes <- c:
		w.missed = 0
	default:
		w.missed++
	}
}
