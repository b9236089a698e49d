package transport

import (
	"strconv"
	"sync"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// maxEchoes bounds the echoes that one client owes.
const maxEchoes = 1024

// echoes are what begins when a client answers a ping. One ping at a time is under
// way, because some clients drop a connection with more: ws 8.23 for Node.js when
// 60 of its pongs wait to be sent.
type echoes struct {
	mu       sync.Mutex // guards what follows
	last     uint64     // number of the latest ping
	underway bool       // the client owes the pong of the latest ping
	asked    []func()   // wait for the pong under way
	next     []func()   // came after its ping was sent, and wait for the next one
}

// Echo sends a ping behind everything that waits, and calls heard when its pong
// comes. A program answers a ping in the loop in which it reads its sockets, so
// by then it has looked at those that had something to read before. If the
// client cannot be pinged or owes many echoes, heard is called at once; if the
// connection ends, never. heard must not block.
func (c *Conn) Echo(heard func()) {
	if !c.stream.pings() || !c.echoes.add(heard) {
		heard()
		return
	}
	c.askEchoes()
}

// askEchoes sends a ping for the echoes that wait for one, unless one is under
// way.
func (c *Conn) askEchoes() {
	if number, ok := c.echoes.ask(); ok {
		c.Reply(wire.Control(0x89, strconv.FormatUint(number, 10)))
	}
}

func (e *echoes) add(heard func()) (ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.asked)+len(e.next) >= maxEchoes {
		return false
	}
	e.next = append(e.next, heard)
	return true
}

// ask returns the number of the ping to send.
func (e *echoes) ask() (number uint64, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.underway || len(e.next) == 0 {
		return 0, false
	}
	e.last, e.underway = e.last+1, true
	e.asked, e.next = e.next, nil
	return e.last, true
}

// take takes the echoes of a ping.
func (e *echoes) take(number uint64) (heard []func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.underway || number != e.last {
		return nil
	}
	heard, e.asked, e.underway = e.asked, nil, false
	return heard
}

// readPong takes a pong. Those of other pings have no number.
func (c *Conn) readPong(data string) error {
	c.signs.control.set(clock.Now())
	c.pace.wait(0, c.closed)
	number, err := strconv.ParseUint(data, 10, 64)
	if err != nil {
		return nil
	}
	for _, heard := range c.echoes.take(number) {
		heard()
	}
	c.askEchoes()
	return nil
}
