package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/client"
	"downbeat.local/sync/clock"
)

// joinedAll is a figure with a target.
const joinedAll = "all, s"

// laneJoins measures joins from the room's code to the first note over the lane,
// one after another and all at once.
func (s servers) laneJoins(binary string) []row {
	on := func(name string, abreastBy, n int) row {
		return row{name: name, measure: func(time.Duration) (result, error) {
			return s.onFresh(binary, rooms[:1], nil, func(p *process) (result, error) {
				return p.laneJoins(abreastBy, n)
			})
		}}
	}
	return []row{on("lane joins", 1, class/2), on("lane joins at once", class, class)}
}

func (p *process) laneJoins(workers, n int) (result, error) {
	var (
		mu   sync.Mutex // guards here
		here []*player
	)
	defer func() {
		for _, player := range here {
			_ = player.conn.Close()
		}
	}()
	m := p.meter()
	took, err := abreast(workers, func(i int) bool { return i < n }, func(int, int) error {
		player, err := p.joinAndHear()
		if player != nil {
			mu.Lock()
			here = append(here, player)
			mu.Unlock()
		}
		return err
	})
	spent := m.read()
	r := result{sent: len(took), delivered: len(took), latency: classroom.Summarize(took)}
	r.figures = map[string]float64{joinedAll: spent.elapsed.Seconds()}
	spent.into(&r)
	return r, err
}

// noSeat is a seat that no room has.
const noSeat = 255

// joinAndHear takes a new seat, opens a lane, plays a note on it and waits for the
// note in a room frame.
func (p *process) joinAndHear() (*player, error) {
	ctx, cancel := context.WithTimeout(context.Background(), laneTimeout)
	defer cancel()
	seat, err := client.TakeSeat(ctx, "http://"+p.addr, rooms[0])
	if err != nil {
		return nil, err
	}
	player, err := openLane(p, rooms[0], seat, noSeat)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = player.conn.Close() })
	defer stop()
	if err := player.conn.WriteMessage(player.note(1, float64(clock.Now()))); err != nil {
		return player, err
	}
	for heard := false; !heard; {
		_, message, err := player.conn.ReadMessage()
		if err != nil {
			return player, fmt.Errorf("no note came within %v: %w", laneTimeout, err)
		}
		player.heard(message, func(from, _ int, _ float64) { heard = heard || from == int(seat.Member.Seat) })
	}
	return player, nil
}
