package impair

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// maxWaiting is how many packets one direction holds at most: a second of
// forty members with a hundred packets each. More are dropped, as a router
// does.
const maxWaiting = 4096

// maxFlows is how many flows one direction tells apart at most; packets of
// others are dropped.
const maxFlows = 4096

// line is one direction. K names its flows.
type line[K comparable] struct {
	seed uint64
	// deliver hands a packet on. It is called by run alone.
	deliver func(flow K, packet []byte)

	mu         sync.Mutex // guards what follows
	conditions Conditions
	flows      map[K]*flow
	waiting    held[K]
	came       int
	count      Count
	earlier    chan struct{} // holds one token when the first to wait is new
}

func newLine[K comparable](c Conditions, seed uint64, deliver func(K, []byte)) *line[K] {
	return &line[K]{
		seed: seed, deliver: deliver, conditions: c,
		flows: make(map[K]*flow), earlier: make(chan struct{}, 1),
	}
}

// take decides what becomes of a packet, which belongs to the line from then
// on.
func (l *line[K]) take(key K, packet []byte, now time.Time) {
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

func (l *line[K]) flowLocked(key K) *flow {
	f := l.flows[key]
	if f == nil && len(l.flows) < maxFlows {
		f = newFlow(l.seed, len(l.flows))
		l.flows[key] = f
	}
	return f
}

// run delivers packets when they are due, until ctx ends.
func (l *line[K]) run(ctx context.Context) {
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

// deliverDue delivers what is due, and says how long the next has to wait.
func (l *line[K]) deliverDue(now time.Time) time.Duration {
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

// impair changes the conditions for packets to come, and begins the flows and
// the counts anew.
func (l *line[K]) impair(c Conditions, seed uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conditions, l.seed, l.count = c, seed, Count{}
	clear(l.flows)
}

func (l *line[K]) counted() Count {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// waiter is a packet until it is due; those due together keep their order.
type waiter[K comparable] struct {
	due    time.Time
	came   int
	key    K
	packet []byte
}

// held is a heap, the first due on top.
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
