package transport

import (
	"log/slog"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/wire"
)

func TestTotalBacklogCountsSharedFramesOnce(t *testing.T) {
	b := newTotalBacklog(1 << 20)
	small, large := sized(100), sized(100_000)
	queues := make([]queue, 40)
	for i := range queues {
		queues[i] = queue{limits: Limits{}.withDefaults(), total: b}
		queues[i].push(item{packet: small, kind: reply})
		queues[i].push(item{packet: large, kind: reply})
	}
	want := int64(len(queues)*(len(small.Frame())+2*itemCost) + len(large.Frame()))
	if got := b.used.Load(); got != want {
		t.Errorf("%d bytes are counted for 40 queues, want %d", got, want)
	}
	loads := make([]inFlight, len(queues))
	for i := range queues {
		items, _ := queues[i].take(nil)
		b.send(&loads[i], items) // two each: they are copied together
	}
	if got, want := b.used.Load(), int64(len(queues))*int64(loads[0].size()); got != want {
		t.Errorf("%d bytes are counted while they are sent, want %d", got, want)
	}
	for i := range loads {
		b.sent(&loads[i])
	}
	if b.used.Load() != 0 || len(b.shared) != 0 {
		t.Errorf("%d bytes and %d frames are counted when nothing is left", b.used.Load(), len(b.shared))
	}
}

// TestTotalBacklogReturnsToZero does everything that can be done to a queue, in
// random order.
func TestTotalBacklogReturnsToZero(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) // the same each time
	packets := []wire.Packet{message(""), sized(500), sized(largeFrame), sized(60_000)}
	for range 50 {
		b := newTotalBacklog(1 << 20)
		queues, loads := make([]queue, 5), make([]inFlight, 5)
		for i := range queues {
			queues[i] = queue{limits: Limits{Notes: 5, State: 5, Bytes: 200_000}, total: b}
		}
		for range 500 {
			i := random.IntN(len(queues))
			q := &queues[i]
			switch random.IntN(10) {
			case 0:
				items, _ := q.take(nil)
				b.send(&loads[i], items)
			case 1:
				b.sent(&loads[i])
			case 2:
				q.slim()
			default:
				q.push(item{packet: packets[random.IntN(len(packets))], kind: kind(random.IntN(4)), source: &source{}})
			}
			if b.used.Load() < 0 {
				t.Fatalf("%d bytes are counted", b.used.Load())
			}
		}
		for i := range queues {
			queues[i].close()
			queues[i].push(item{packet: packets[1], kind: reply}) // too late
			b.sent(&loads[i])
		}
		if b.used.Load() != 0 || len(b.shared) != 0 {
			t.Fatalf("%d bytes and %d frames are counted when nothing is left", b.used.Load(), len(b.shared))
		}
	}
}

// TestRelieve fills the queues of a few clients that are never written to, and
// checks which of them stay.
func TestRelieve(t *testing.T) {
	const total = 4 << 20
	words := func(bytes int) item { return item{packet: sized(bytes), kind: reply} }
	notes := func(bytes int) item { return item{packet: sized(bytes), kind: note} }
	for name, tt := range map[string]struct {
		waiting [3][]item // of two students and a member of staff
		stays   [3]bool
		notes   [3]int // that still wait
	}{
		"there is room":    {[3][]item{{words(1 << 20)}, {notes(1 << 20)}, {}}, [3]bool{true, true, true}, [3]int{0, 1, 0}},
		"the fullest goes": {[3][]item{{words(3 << 20)}, {words(2 << 20)}, {}}, [3]bool{false, true, true}, [3]int{}},
		"notes go before":  {[3][]item{{notes(3 << 20)}, {words(2 << 20)}, {}}, [3]bool{true, true, true}, [3]int{}},
		"both if need be":  {[3][]item{{words(4 << 20)}, {words(4 << 20)}, {}}, [3]bool{false, false, true}, [3]int{}},
		"staff come last":  {[3][]item{{words(5 << 19)}, {}, {words(2 << 20)}}, [3]bool{false, true, true}, [3]int{}},
		"but they do come": {[3][]item{{}, {}, {words(3 << 20), words(2 << 20)}}, [3]bool{true, true, false}, [3]int{}},
		"little waits":     {[3][]item{{words(4 << 20), words(1 << 20)}, {words(blameless / 2), notes(blameless / 4)}, {}}, [3]bool{false, true, true}, [3]int{0, 1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewServer(Limits{Total: total}, slog.New(slog.DiscardHandler))
			conns := make([]*Conn, 3)
			for i := range conns {
				conns[i] = newConn(&wsStream{ws: new(websocket.Conn), nc: unconnected(t)}, Caller{Staff: i == 2}, s)
				s.open[conns[i]] = struct{}{}
				for _, it := range tt.waiting[i] {
					conns[i].push(it)
				}
			}
			select {
			case <-s.total.tight:
				s.relieve()
			default:
			}
			for i, c := range conns {
				if stays := !isClosed(c); stays != tt.stays[i] || len(c.out.queue.notes) != tt.notes[i] {
					t.Errorf("client %d stays: %v with %d notes, want %v with %d", i, stays, len(c.out.queue.notes), tt.stays[i], tt.notes[i])
				}
			}
			if used := s.total.used.Load(); used > total {
				t.Errorf("%d bytes wait for all, want at most %d", used, total)
			}
		})
	}
}

func isClosed(c *Conn) bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

// TestRelieveOnRealSockets floods clients that never read, and checks that another
// one is still served.
func TestRelieveOnRealSockets(t *testing.T) {
	const total, unread = 2 << 20, 8
	b := start(t, Limits{Total: total, WriteTimeout: time.Minute}, receiver{receive: echo})
	conns := make([]*Conn, unread)
	for i := range conns {
		_, conns[i] = b.dial(t)
	}
	fine, _ := b.dial(t)
	most := 0
	for {
		left := 0
		for _, c := range conns {
			if !isClosed(c) {
				left++
				c.Reply(sized(2000 + left)) // a frame of its own each
			}
		}
		most = max(most, b.Stats().Waiting)
		if b.Stats().Cut[cutAllQueuesFull] > 0 {
			break
		}
	}
	if want := total + total/4 + unread*blameless; most > want {
		t.Errorf("%d bytes waited, want at most %d", most, want)
	}
	if err := fine.WriteMessage(websocket.TextMessage, []byte("still here")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, fine); got != "still here" {
		t.Errorf("got %q", got)
	}
}

// unconnected returns one end of a pipe. Nothing reads the other.
func unconnected(t *testing.T) net.Conn {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _, _ = here.Close(), there.Close() })
	return here
}
