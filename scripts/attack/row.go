package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/client"
)

// A class of thirty, of whom some come while the attack goes on.
const (
	students   = 20
	latecomers = 10
	rate       = 4 // notes a second of each
)

// result is one row of the table.
type result struct {
	rss      float64 // the most, MB
	cpu      float64 // of the box, in percent of one processor
	p50, p95 float64 // of the class's notes, ms
	gotIn    int     // latecomers that were in the room within two seconds
	worst    time.Duration
	remark   string
}

// row runs one attack beside a class.
func row(ctx context.Context, o options, a attack) (r result, err error) {
	b, err := startBox(o.binary)
	if err != nil {
		return r, err
	}
	defer b.stop()
	if b.group == "" {
		r.remark = "no memory cgroup"
	}
	lasts := time.Duration(o.seconds) * time.Second
	ctx, cancel := context.WithTimeout(ctx, lasts+time.Minute)
	defer cancel()
	end, err := b.attack(ctx, o, a)
	if err != nil {
		return r, err
	}
	defer end()
	busy, began := b.cpu(), time.Now()
	watching, stopWatching := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { r.rss = b.highest(watching) })
	var group errgroup.Group
	group.Go(func() error {
		report, err := classroom.Run(ctx, classroom.Config{
			URL: b.url, Room: room, Students: students, Rate: rate, Duration: lasts,
			Transport: classroom.TransportSocket, Arrival: classroom.ArrivalUniform, SameClock: true,
		})
		r.p50, r.p95 = report.Latency.P50, report.Latency.P95
		return err
	})
	group.Go(func() error {
		var refused error
		r.gotIn, r.worst, refused = b.comeLate(ctx, lasts/(latecomers+2))
		if refused != nil {
			r.remark = strings.TrimSpace(r.remark + " refused: " + refused.Error())
		}
		return nil
	})
	err = group.Wait()
	r.cpu = 100 * (b.cpu() - busy).Seconds() / time.Since(began).Seconds()
	stopWatching()
	watch.Wait()
	if b.dead() {
		return r, fmt.Errorf("the box is dead, after %.0f MB", r.rss)
	}
	return r, err
}

// attack starts the attacker, a process of its own, with a seat that it took as
// every student does. end stops it.
func (b *box) attack(ctx context.Context, o options, a attack) (end func(), err error) {
	if a.run == nil {
		return func() {}, nil
	}
	seat, err := client.TakeSeat(ctx, b.url, room)
	if err != nil {
		return nil, err
	}
	key, err := b.key()
	if err != nil {
		return nil, err
	}
	from := attackerAddress
	if o.nat {
		from = classAddress
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "nice", "-n", "19", self, "-attack", a.name, "-seconds", fmt.Sprint(o.seconds+5),
		"-url", b.url, "-from", from, "-member", seat.Token, "-key", key)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { _ = errors.Join(cmd.Process.Kill(), cmd.Wait()) }, nil
}

// highest is the most memory of the box until ctx ends.
func (b *box) highest(ctx context.Context) (most float64) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		most = max(most, b.rss())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return most
		}
	}
}

// comeLate lets latecomers join, one after the other. refused is why the last one did
// not come in at all; nil if all did.
func (b *box) comeLate(ctx context.Context, every time.Duration) (gotIn int, worst time.Duration, refused error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for range latecomers {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return gotIn, worst, refused
		}
		began := time.Now()
		c, err := client.Join(ctx, b.url, room)
		took := time.Since(began)
		worst = max(worst, took)
		if err != nil {
			refused = err
			continue
		}
		if took < 2*time.Second {
			gotIn++
		}
		defer c.Close()
	}
	return gotIn, worst, refused
}
