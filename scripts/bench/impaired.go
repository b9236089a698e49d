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

// weather is a network over which a class plays, with the results by transport.
type weather struct {
	name string
	impair.Conditions
	heard map[string]heardClass
}

// weathers are like the radio of a classroom. Every packet takes a millisecond
// each way, and some take longer.
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
	// shaken is the number of students. This machine does the work of all their
	// devices and of the radio, and packets that wait for a core would hide the
	// network.
	shaken = 16
	// seed delays and loses the same packets in every run.
	seed = 4
	// classTimeout is the time for a class to join and to leave, besides
	// playing.
	classTimeout = time.Minute
)

// heardClass is the result of a class over a bad network.
type heardClass struct {
	classroom.Report
	Network classroom.Network
	// up and down are IP packets a second from and to each member, with
	// acknowledgements.
	up, down float64
}

// impaired prints, for each weather, the results over WebSockets and over lanes.
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
	running.Go(func() { _ = air.Run(ctx) }) // if it breaks, no note arrives
	fmt.Printf("%-20s %-10s %6s %6s %6s %8s %8s %8s %10s %10s %8s %8s\n",
		"", "", "lost", "twice", "stuck", "p50 ms", "p99", "max", "<= 60 ms", "<= 150 ms", "up /s", "down /s")
	for i, w := range chosen {
		chosen[i].heard = make(map[string]heardClass)
		for _, over := range []string{classroom.TransportSocket, classroom.TransportLane} {
			h, err := s.playIn(air, w.Conditions, binary, over, each)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", w.name, over, err)
			}
			chosen[i].heard[over] = h
			fmt.Printf("%-20s %-10s %6d %6d %6d %8.1f %8.1f %8.1f %9.2f%% %9.2f%% %8.1f %8.1f\n", w.name, over,
				h.Lost, h.Duplicated, h.Network.Stuck, h.Latency.P50, h.Latency.P99, h.Latency.Max,
				100*h.Network.Within[0], 100*h.Network.Within[1], h.up, h.down)
		}
	}
	fmt.Println("targets")
	impairedTargets(chosen)
	return nil
}

// impairedTargets prints the targets of the lane over a bad network.
func impairedTargets(weathers []weather) {
	stuck, doubled := 0, 0
	for _, w := range weathers {
		socket, lane := w.heard[classroom.TransportSocket], w.heard[classroom.TransportLane]
		stuck += lane.Network.Stuck
		doubled += lane.Duplicated
		target(w.name+": fewer within 60 ms than by WebSocket, %", 100*max(0, socket.Network.Within[0]-lane.Network.Within[0]), 0.05)
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

// playIn has a class play on a new box. The weather begins when all have joined.
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
	h.up, h.down = aSecond(up, each), aSecond(down, each)
	return h, err
}

// aSecond is how many of the packets of a class each member has a second.
func aSecond(of impair.Count, each time.Duration) float64 {
	return float64(of.Packets) / shaken / each.Seconds()
}

// converse starts a class, calls a function when all have joined, and returns the
// last line that the class prints.
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

// playClass is a class in its own process. It opens a room on a new box, joins,
// reports that, plays on command, and prints the result.
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
