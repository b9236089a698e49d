package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"downbeat.local/appliance/classroom"
	"downbeat.local/scripts/impair"
)

// weather is a network over which a class plays, and what is heard there by
// transport.
type weather struct {
	name string
	impair.Conditions
	heard map[string]heardClass
}

// weathers have what the radio of a classroom does. Every packet takes a
// millisecond each way, and some more.
var weathers = []weather{
	{name: "nothing lost", Conditions: impair.Conditions{Delay: oneWay}},
	{name: "1 % lost", Conditions: impair.Conditions{Delay: oneWay, Loss: 0.01}},
	{name: "5 % lost", Conditions: impair.Conditions{Delay: oneWay, Loss: 0.05}},
	{name: "5 % lost in threes", Conditions: impair.Conditions{Delay: oneWay, Loss: 0.05, Burst: 3}},
	{name: "jitter of 30 ms", Conditions: impair.Conditions{Delay: oneWay, Jitter: 30 * time.Millisecond}},
	{name: "2 % late by 20 ms", Conditions: impair.Conditions{Delay: oneWay, Reorder: 0.02, Late: 20 * time.Millisecond}},
	{name: "1 % lost, jitter", Conditions: impair.Conditions{Delay: oneWay, Loss: 0.01, Jitter: 30 * time.Millisecond}},
}

const (
	oneWay = time.Millisecond
	// shaken is how many students there are: this machine does the work of all
	// their devices and of the radio as well, and packets that wait for a core
	// say nothing about a network.
	shaken = 16
	// seed makes the same packets late and lost in every run.
	seed = 4
	// classTimeout is how much longer than its playing a class may take, to
	// join and to leave.
	classTimeout = time.Minute
)

// heardClass is what a class over a bad network has heard.
type heardClass struct {
	classroom.Report
	Network classroom.Network
	packets float64 // of IP a second a member, both ways, acknowledgements too
}

// impaired prints, for each weather, what a class hears over WebSockets and
// over lanes.
func (s servers) impaired(binary string, wanted *regexp.Regexp, each time.Duration) error {
	var chosen []weather
	for _, w := range weathers {
		if wanted.MatchString("impaired, " + w.name) {
			chosen = append(chosen, w)
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	fmt.Printf("\nover bad networks: %d on the beat, %d notes a second each, %v; every packet takes %v each way\n", shaken, rate, each, oneWay)
	air, err := impair.OpenAir(impair.Conditions{}, seed)
	if err != nil {
		fmt.Printf("  left out: %v\n", err)
		return nil
	}
	defer air.Close()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { _ = air.Run(ctx) }) // if it breaks, nothing is heard
	fmt.Printf("%-20s %-10s %6s %6s %6s %8s %8s %8s %10s %10s %10s\n",
		"", "", "lost", "twice", "stuck", "p50 ms", "p99", "max", "<= 60 ms", "<= 150 ms", "packets/s")
	for i, w := range chosen {
		chosen[i].heard = make(map[string]heardClass)
		for _, over := range []string{classroom.TransportSocket, classroom.TransportLane} {
			h, err := s.playIn(air, w.Conditions, binary, over, each)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", w.name, over, err)
			}
			chosen[i].heard[over] = h
			fmt.Printf("%-20s %-10s %6d %6d %6d %8.1f %8.1f %8.1f %9.2f%% %9.2f%% %10.1f\n", w.name, over,
				h.Lost, h.Duplicated, h.Network.Stuck, h.Latency.P50, h.Latency.P99, h.Latency.Max,
				100*h.Network.Within[0], 100*h.Network.Within[1], h.packets)
		}
	}
	fmt.Println("targets")
	impairedTargets(chosen)
	return nil
}

// impairedTargets prints what the lane is for.
func impairedTargets(weathers []weather) {
	stuck, doubled := 0, 0
	for _, w := range weathers {
		socket, lane := w.heard[classroom.TransportSocket], w.heard[classroom.TransportLane]
		stuck += lane.Network.Stuck
		doubled += lane.Duplicated
		if w.Loss > 0 {
			ratio(w.name+": p99 of lane beside WebSocket", lane.Latency.P99, socket.Latency.P99, 1)
		}
		if w.Loss > 0 && w.Jitter == 0 {
			within, i := "60 ms", 0
			if w.Burst > 1 {
				within, i = "150 ms", 1
			}
			target(w.name+": not within "+within+", %", 100*(1-lane.Network.Within[i]), 0.1)
		}
	}
	target("stuck on the lane", float64(stuck), 0)
	target("heard twice on the lane", float64(doubled), 0)
}

// playIn lets a class play on a new box, in a weather from when all have
// joined.
func (s servers) playIn(air *impair.Air, weather impair.Conditions, binary, over string, each time.Duration) (h heardClass, err error) {
	dir, err := os.MkdirTemp("", "downbeat-bench-")
	if err != nil {
		return h, err
	}
	addr := netip.AddrPortFrom(impair.Server.Addr(), 80).String()
	box := boxCommand(binary, addr, dir)
	if err := air.Impair(impair.Conditions{}, seed); err != nil {
		return h, err
	}
	if err := air.Start(impair.Server, box); err != nil {
		_ = os.RemoveAll(dir)
		return h, err
	}
	s.fresh.Store(&process{cmd: box, dir: dir})
	defer func() { s.fresh.Swap(nil).stop() }()

	cmd, err := self("class", addr, dir, over, each.String())
	if err != nil {
		return h, err
	}
	timer := time.AfterFunc(each+classTimeout, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	answer, err := converse(air, cmd, func() error {
		return air.Impair(weather, seed)
	})
	if err != nil {
		return h, err
	}
	up, down := air.Counts()
	err = json.Unmarshal(answer, &h)
	h.packets = float64(up.Packets+down.Packets) / shaken / each.Seconds()
	return h, err
}

// converse starts a class, does something when all have joined, and gives its
// last word.
func converse(air *impair.Air, cmd *exec.Cmd, joined func() error) (answer []byte, err error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := air.Start(impair.Clients, cmd); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	if _, err = lines.ReadString('\n'); err == nil {
		if err = joined(); err == nil {
			_, err = in.Write([]byte("\n"))
		}
	}
	if err == nil {
		answer, err = lines.ReadBytes('\n')
	}
	_ = in.Close()
	if ended := cmd.Wait(); ended != nil {
		return nil, fmt.Errorf("%w: %s", ended, strings.TrimSpace(said.String()))
	}
	return answer, err
}

// playClass is a class of its own process: it makes a room on a new box, joins,
// says so, plays when it is told to, and prints what was heard.
func playClass(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("a class takes an address, a directory, a transport and a duration")
	}
	each, err := time.ParseDuration(args[3])
	if err != nil {
		return err
	}
	p := &process{addr: args[0], dir: args[1], cmd: new(exec.Cmd)}
	if err := p.waitUntilUp(); err != nil {
		return err
	}
	if err := p.makeRooms(rooms[:1]); err != nil {
		return err
	}
	r, err := classroom.Run(context.Background(), classroom.Config{
		URL: "http://" + p.addr, Room: rooms[0], Students: shaken, Rate: rate, Duration: each,
		Transport: args[2], Arrival: classroom.ArrivalBeat, SameClock: true,
		Joined: func() {
			fmt.Println("joined")
			_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		},
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(heardClass{Report: r, Network: r.Network})
}
