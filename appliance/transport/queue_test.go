package transport

import (
	"strconv"
	"testing"

	"downbeat.local/appliance/wire"
	"github.com/google/go-cmp/cmp"
)

type source struct{ name string }

func (*source) Resync() {}

func message(text string) wire.Packet { return wire.Seal(append(wire.Buffer(0), text...), false) }

// texts are what a queue would send, in order.
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
	if q.dropped != 2 {
		t.Errorf("got %d dropped, want 2", q.dropped)
	}
}

func TestQueueTurnsTooMuchStateIntoASnapshot(t *testing.T) {
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

func TestQueueRefusesWordsThatDoNotFit(t *testing.T) {
	q := queue{limits: Limits{Notes: 2, State: 3, Bytes: 30 + 2*itemCost}}
	if !q.push(item{packet: message("0123456789"), kind: reply}) {
		t.Error("the first reply should fit")
	}
	if q.push(item{packet: message("012345678901234567890"), kind: reply}) {
		t.Error("the second reply should not fit")
	}
}

func TestQueueOfBytes(t *testing.T) {
	big := func() wire.Packet { return wire.Seal(append(wire.Buffer(600), make([]byte, 600)...), true) }
	a := &source{"a"}
	q := queue{limits: Limits{Notes: 10, State: 10, Bytes: 2000}}
	for range 3 {
		if !q.push(item{packet: big(), kind: note}) {
			t.Fatal("a note ended the connection")
		}
	}
	if q.notes != 2 || q.dropped != 1 {
		t.Errorf("%d notes wait and %d were dropped, want 2 and 1", q.notes, q.dropped)
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
