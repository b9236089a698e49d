package transport

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"downbeat.local/appliance/wire"
	"github.com/google/go-cmp/cmp"
)

type source struct{ name string }

func (*source) Resync() {}

func message(text string) wire.Packet { return wire.Seal(append(wire.Buffer(0), text...), false) }

// texts returns the payloads of items.
func texts(items []item) []string {
	var all []string
	for _, it := range items {
		all = append(all, string(it.packet.Payload()))
	}
	return all
}

func TestQueueDropsTheOldestNote(t *testing.T) {
	q := queue{limits: Limits{Notes: 2, State: 10, Bytes: 1000}}
	q.push(item{packet: message("r1"), kind: reply})
	for i := range 4 {
		q.push(item{packet: message("n" + strconv.Itoa(i)), kind: note})
	}
	q.push(item{packet: message("r2"), kind: reply})
	items, _ := q.take(nil)
	if diff := cmp.Diff([]string{"r1", "n2", "n3", "r2"}, texts(items)); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	if want := (dropCount{notes: 2}); q.dropped != want {
		t.Errorf("got %+v dropped, want %+v", q.dropped, want)
	}
}

// TestQueueKeepsTheOrder checks that what stays in a queue leaves in order, even if
// notes between are dropped.
func TestQueueKeepsTheOrder(t *testing.T) {
	q := queue{limits: Limits{Notes: 3, State: 10, Bytes: 1 << 20}}
	a := &source{"a"}
	for round := range 3 {
		var want []string
		for i := range 100 {
			name := fmt.Sprint(round, " ", i)
			switch {
			case i%10 == 0:
				q.push(item{packet: message(name), kind: reply})
				want = append(want, name)
			case i%25 == 1:
				q.push(item{packet: message(name), kind: state, source: a})
				want = append(want, name)
			default:
				q.push(item{packet: message(name), kind: note})
				if i > 96 {
					want = append(want, name)
				}
			}
		}
		items, _ := q.take(nil)
		if diff := cmp.Diff(want, texts(items)); diff != "" {
			t.Errorf("what is left (-want +got):\n%s", diff)
		}
	}
}

// BenchmarkNoteBehindWords drops the oldest note of a client that has much else to
// read.
func BenchmarkNoteBehindWords(b *testing.B) {
	for _, words := range []int{0, 1000, 30_000} {
		b.Run(strconv.Itoa(words), func(b *testing.B) {
			q := queue{limits: Limits{}.withDefaults()}
			it := item{packet: message("a note of some length, as JSON has it"), kind: note}
			for range words {
				q.push(item{packet: it.packet, kind: reply})
			}
			b.ReportAllocs()
			for b.Loop() {
				q.push(it)
			}
		})
	}
}

func TestQueueReplacesStateWithASnapshot(t *testing.T) {
	a, b := &source{"a"}, &source{"b"}
	q := queue{limits: Limits{Notes: 2, State: 3, Bytes: 1000}}
	for i := range 3 {
		q.push(item{packet: message("a" + strconv.Itoa(i)), kind: state, source: a})
	}
	q.push(item{packet: message("r"), kind: reply})
	q.push(item{packet: message("a3"), kind: state, source: a}) // one too many
	q.push(item{packet: message("a4"), kind: state, source: a}) // already stale
	q.push(item{packet: message("b0"), kind: state, source: b}) // not stale
	items, stale := q.take(nil)
	if diff := cmp.Diff([]string{"r", "b0"}, texts(items)); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	if len(stale) != 1 || stale[0] != Resyncer(a) {
		t.Errorf("got %v to resync, want only a", stale)
	}
	q.push(item{packet: message("a5"), kind: state, source: a})
	if items, stale = q.take(nil); len(items) != 1 || len(stale) != 0 {
		t.Errorf("after the snapshot: got %d messages and %d stale, want 1 and 0", len(items), len(stale))
	}
}

func TestQueueRefusesRepliesThatDoNotFit(t *testing.T) {
	q := queue{limits: Limits{Notes: 2, State: 3, Bytes: 30 + 2*itemCost}}
	if !q.push(item{packet: message("0123456789"), kind: reply}) {
		t.Error("the first reply should fit")
	}
	if q.push(item{packet: message("012345678901234567890"), kind: reply}) {
		t.Error("the second reply should not fit")
	}
}

// TestQueueFreesMemory checks that a sender frees the memory of a time in which its
// client did not read.
func TestQueueFreesMemory(t *testing.T) {
	stream := new(wsStream)
	c := &sender{stream: stream, shared: newCounters()}
	c.out.queue.limits = Limits{}.withDefaults()
	for _, n := range []int{3, keepItems * 10} {
		for range n {
			c.out.queue.push(item{packet: message("r"), kind: reply})
			c.out.queue.push(item{packet: message("n"), kind: note})
		}
		c.collect()
		stream.batch.reset()
		for name, items := range map[string][]item{"words": c.out.queue.words, "notes": c.out.queue.notes, "writer": c.out.items} {
			if got := cap(items); len(items) > 0 || got > keepItems {
				t.Errorf("after %d messages the %s keeps %d in room for %d", n, name, len(items), got)
			}
			for _, it := range items[:cap(items)] {
				if !it.packet.IsZero() {
					t.Errorf("after %d messages the %s still holds one", n, name)
				}
			}
		}
	}
}

// TestItemCost checks itemCost with a queue full of the smallest messages.
func TestItemCost(t *testing.T) {
	q := queue{limits: Limits{}.withDefaults()}
	before := heap()
	for q.push(item{packet: message(""), kind: reply}) {
	}
	used := heap() - before
	t.Logf("%d messages: %d bytes used, %d counted", len(q.words), used, q.bytes)
	if used > q.bytes {
		t.Errorf("what waits uses %d bytes, and is counted as %d", used, q.bytes)
	}
	runtime.KeepAlive(&q)
}

// heap returns how many bytes are in use.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// sized returns a message of so many bytes without its header.
func sized(bytes int) wire.Packet {
	return wire.Seal(append(wire.Buffer(bytes), make([]byte, bytes)...), true)
}

func TestReplyDropsNotesAndState(t *testing.T) {
	a := &source{"a"}
	two := []item{{packet: sized(600), kind: note}, {packet: sized(600), kind: note}}
	changes := []item{{packet: sized(600), kind: state, source: a}, {packet: sized(600), kind: state, source: a}}
	one := []item{two[0], changes[0]}
	for name, tt := range map[string]struct {
		waiting           []item
		words             int // bytes
		fits              bool
		notes, states     int // that still wait
		dropped, resynced int
	}{
		"there is room":         {two, 300, true, 2, 0, 0, 0},
		"a note gives way":      {two, 1000, true, 1, 0, 1, 0},
		"all notes give way":    {two, 1500, true, 0, 0, 2, 0},
		"state gives way":       {changes, 1000, true, 0, 0, 2, 1},
		"notes before state":    {one, 1000, true, 0, 1, 1, 0},
		"notes and then state":  {one, 1800, true, 0, 0, 2, 1},
		"nothing is enough":     {one, 3000, false, 0, 0, 2, 1},
		"only words, too many":  {[]item{{packet: sized(1000), kind: reply}}, 1000, false, 0, 0, 0, 0},
		"words, notes and more": {append(one[:1:1], item{packet: sized(600), kind: reply}), 1000, true, 0, 0, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			q := queue{limits: Limits{Notes: 10, State: 10, Bytes: 2000}}
			for _, it := range tt.waiting {
				q.push(it)
			}
			if fits := q.push(item{packet: sized(tt.words), kind: reply}); fits != tt.fits {
				t.Errorf("the words fit: %v, want %v", fits, tt.fits)
			}
			got := []int{len(q.notes), q.states, int(q.dropped.notes + q.dropped.states), len(q.stale)}
			if diff := cmp.Diff([]int{tt.notes, tt.states, tt.dropped, tt.resynced}, got); diff != "" {
				t.Errorf("notes, states, dropped, resynced (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQueueOfBytes(t *testing.T) {
	big := func() wire.Packet { return sized(600) }
	a := &source{"a"}
	q := queue{limits: Limits{Notes: 10, State: 10, Bytes: 2000}}
	for range 3 {
		if !q.push(item{packet: big(), kind: note}) {
			t.Fatal("a note ended the connection")
		}
	}
	if len(q.notes) != 2 || q.dropped.notes != 1 {
		t.Errorf("%d notes wait and %d were dropped, want 2 and 1", len(q.notes), q.dropped.notes)
	}
	if !q.push(item{packet: big(), kind: state, source: a}) {
		t.Fatal("state ended the connection")
	}
	if _, stale := q.take(nil); len(stale) != 1 {
		t.Error("state that did not fit is not owed")
	}
	fit := 0
	for q.push(item{packet: message(""), kind: reply}) {
		fit++
	}
	if fit > 2000/itemCost {
		t.Errorf("%d empty replies wait in 2000 bytes", fit)
	}
}
