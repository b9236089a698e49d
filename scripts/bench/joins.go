package main

import (
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/classroom"
)

// The number of joins, and of clients that connect at the same time.
const (
	newSockets = 2000
	connecting = 16
	moreJoins  = 10_000 // of a connected class
)

// joinAnew measures a school that switches its tablets on: every client opens a
// socket and joins the channel of its class.
func joinAnew(p *process, _ time.Duration) (result, error) {
	sockets := make([]*websocket.Conn, newSockets)
	defer closeAll(sockets)
	return p.joins(connecting, newSockets, func(_, n int) (err error) {
		if sockets[n], err = p.open(); err != nil {
			return err
		}
		return phxJoin(sockets[n], fmt.Sprint("class ", n/class), quiet)
	})
}

// joinMore measures programs that join many channels on one socket.
func joinMore(p *process, _ time.Duration) (result, error) {
	sockets, err := p.openMany(class)
	defer closeAll(sockets)
	if err != nil {
		return result{}, err
	}
	joined := make([]int, class) // by each
	return p.joins(class, moreJoins, func(worker, _ int) error {
		joined[worker]++
		return phxJoin(sockets[worker], fmt.Sprint("channel ", joined[worker]), quiet)
	})
}

// joins has workers join n times in all, and measures each from its start to the
// answer.
func (p *process) joins(workers, n int, join func(worker, n int) error) (result, error) {
	m := p.meter()
	took, err := abreast(workers, func(i int) bool { return i < n }, join)
	spent := m.read()
	r := result{sent: len(took), delivered: len(took), latency: classroom.Summarize(took)}
	r.figures = map[string]float64{"joins a second": float64(len(took)) / spent.elapsed.Seconds()}
	spent.into(&r)
	return r, err
}

// openMany opens sockets that have not joined a channel.
func (p *process) openMany(n int) (sockets []*websocket.Conn, err error) {
	for range n {
		ws, err := p.open()
		if err != nil {
			return sockets, err
		}
		sockets = append(sockets, ws)
	}
	return sockets, nil
}

func closeAll(sockets []*websocket.Conn) {
	for _, ws := range sockets {
		if ws != nil {
			_ = ws.Close()
		}
	}
}
