package impair

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// maxWaiting is how many packets one direction holds: one second of forty members
// with a hundred packets each. More are dropped, as in a router.
const maxWaiting = 4096

// maxFlows is how many flows one direction keeps apart. Packets of other flows
// are dropped.
const maxFlows = 4096

// link carries packets in one direction. K names its flows.
type link[K comparable] struct {
	seed uint64
	// deliver passes a packet on. Only run calls it.
	deliver func(flow K, packet []byte)

	mu         sync.Mutex // guards what follows
	conditions Conditions
	flows      map[K]*flow
	waiting    held[K]
	came       int
	count      Count
	earlier    chan struct{} // holds one value when the first in the queue has changed
}

func newLink[K comparable](c Conditions, seed uint64, deliver func(K, []byte)) *link[K] {
	return &link[K]{
		seed: seed, deliver: deliver, conditions: c,
		flows: make(map[K]*flow), earlier: make(chan struct{}, 1),
	}
}

// take takes a packet over, and loses, drops or queues it.
func (l *link[K]) take(key K, packet []byte, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.Packets++
	f := l.flowLocked(key)
	if f == nil || len(l.waiting) >= maxWaiting {
		l.count.Dropped++
		return
	}
	due, lost := f.fate(l.conditions, now)
	if lost {
		l.count.Lost++
		return
	}
	l.came++
	heap.Push(&l.waiting, waiter[K]{due, l.came, key, packet})
	if l.waiting[0].came == l.came {
		select {
		case l.earlier <- struct{}{}:
		default:
		}
	}
}

func (l *link[K]) flowLocked(key K) *flow {
	f := l.flows[key]
	if f == nil && len(l.flows) < maxFlows {
		f = newFlow(l.seed, len(l.flows))
		l.flows[key] = f
	}
	return f
}

// run delivers packets when they are due, until ctx ends.
func (l *link[K]) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait := l.deliverDue(time.Now())
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-l.earlier:
		case <-ctx.Done():
			return
		}
	}
}

// deliverDue delivers the due packets, and returns how long the next one waits.
func (l *link[K]) deliverDue(now time.Time) time.Duration {
	for {
		l.mu.Lock()
		if len(l.waiting) == 0 {
			l.mu.Unlock()
			return time.Hour
		}
		if wait := l.waiting[0].due.Sub(now); wait > 0 {
			l.mu.Unlock()
			return wait
		}
		w := heap.Pop(&l.waiting).(waiter[K])
		l.mu.Unlock()
		l.deliver(w.key, w.packet)
	}
}

// impair changes the conditions for later packets, and resets the flows and the
// counts.
func (l *link[K]) impair(c Conditions, seed uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conditions, l.seed, l.count = c, seed, Count{}
	clear(l.flows)
}

func (l *link[K]) counted() Count {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// waiter is a packet until it is due. Packets due together keep their order.
type waiter[K comparable] struct {
	due    time.Time
	came   int
	key    K
	packet []byte
}

// held is a heap with the first due packet on top.
type held[K comparable] []waiter[K]

func (h held[K]) Len() int      { return len(h) }
func (h held[K]) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h held[K]) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].came < h[j].came
	}
	return h[i].due.Before(h[j].due)
}

func (h *held[K]) Push(w any) { *h = append(*h, w.(waiter[K])) }

func (h *held[K]) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = waiter[K]{}
	*h = (*h)[:len(*h)-1]
	return last
}
