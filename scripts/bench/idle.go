package main

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// idleClients is how many idle connections one box must carry.
const idleClients = 2000

// restTime is how long they are idle while the CPU time is measured.
const restTime = 2 * time.Second

// goroutinesEach is a figure with a target.
const goroutinesEach = "goroutines a connection"

// idle measures the cost of idle connections, before and after they join a
// channel.
func idle(p *process, each time.Duration) (result, error) {
	time.Sleep(settle)
	goroutines, err := p.goroutines()
	if err != nil {
		return result{}, err
	}
	empty := p.rss()
	sockets, err := p.openMany(idleClients)
	var resting sync.WaitGroup
	defer resting.Wait()
	defer closeAll(sockets)
	if err != nil {
		return result{}, err
	}
	time.Sleep(settle)
	opened := p.rss()
	for i, ws := range sockets {
		if err := phxJoin(ws, fmt.Sprint("class ", i/class), quiet); err != nil {
			return result{}, err
		}
		resting.Go(func() { answerPings(ws) })
	}
	time.Sleep(settle)
	m := p.meter()
	time.Sleep(min(each, restTime))
	var r result
	m.read().into(&r)
	r.cpu = 0 // nothing is delivered
	more, err := p.goroutines()
	r.figures = map[string]float64{
		"box without clients, MB": empty,
		"connected, KB each":      (opened - empty) * 1024 / idleClients,
		"joined, KB each":         (r.rss - empty) * 1024 / idleClients,
		// In hundredths: the box's own goroutines come and go, two at a time.
		goroutinesEach: math.Round(float64(more-goroutines)/idleClients*100) / 100,
	}
	return r, err
}

// answerPings reads until the connection ends.
func answerPings(ws *websocket.Conn) {
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			return
		}
	}
}
