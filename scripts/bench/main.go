// Bench measures the box beside its floors, in one run on one machine. The floors
// are raw echoes over TCP and UDP, and bare hubs that only copy bytes, in the
// best known form: a gorilla hub (one queue for each connection, all of it in one
// write), and a pion hub for data channels (one queue and one goroutine for each
// peer). It prints every figure and, below, each target with its floor.
//
// The rows over data channels that are compared with the hub have no keep-awake
// frames and no repeats, because the hub has neither. The rows "class" have both,
// beside the same class over WebSockets.
//
// A class also plays over bad networks. The box and the students are then in
// network namespaces, so that the kernel's TCP loses packets as the lane's
// datagrams do. That needs root; without it, a sentence says that it is left out.
//
// Then it measures the load of Supabase programs, each kind on its own box:
// joins, presence, changes of tables, broadcasts over HTTP, and the number of
// clients that one box carries. A MIDI keyboard is a named pipe, and a device that is
// sent MIDI clock a pseudo-terminal. Last come the names of the box on the network,
// the allocations of one message to many members, the jitter of MIDI clock and the
// parser of MIDI, from the benchmarks of discovery, of appliance/realtime, of
// appliance/midiout and of midi.
//
// Servers are processes of their own, so that their CPU and memory can be
// measured. Their clients are the same code in this process, apart from decoding.
// Runs are interleaved and medians taken, because two shared cores are noisy:
// read the ratios.
//
//	go run ./scripts/bench -runs 5 -seconds 20
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"time"

	"downbeat.local/appliance/classroom"
)

func main() {
	runs := flag.Int("runs", env("BENCH_RUNS", 5), "interleaved runs to take medians of (BENCH_RUNS)")
	seconds := flag.Int("seconds", env("BENCH_SECONDS", 20), "seconds of each run (BENCH_SECONDS)")
	binary := flag.String("box", "bin/downbeat", "the box's binary")
	only := flag.String("only", "", "measure only what has a name that this regular expression matches")
	serve := flag.String("serve", "", "be a server: hub, peer-hub, echo or udp-echo; or, with arguments, a class, a device or a clock")
	flag.Parse()
	var err error
	switch *serve {
	case "hub":
		err = serveHub()
	case "peer-hub":
		err = servePeerHub()
	case "echo":
		err = serveEcho()
	case "udp-echo":
		err = serveUDPEcho()
	case "class":
		err = playClass(flag.Args())
	case "device":
		err = serveDevice(flag.Arg(0))
	case "clock":
		err = tickBarely(flag.Arg(0), flag.Arg(1), flag.Arg(2))
	default:
		err = bench(*binary, *only, *runs, time.Duration(*seconds)*time.Second)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func env(name string, missing int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return missing
}

func bench(binary, only string, runs int, each time.Duration) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d cores, %s; %d runs of %v, medians\n\n", cpuModel(), runtime.NumCPU(), runtime.Version(), runs, each)
	servers, err := startAll(binary)
	defer servers.stop()
	if err != nil {
		return err
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	go func() { // ends with the process
		<-interrupted
		servers.stop()
		os.Exit(1)
	}()
	var floors [2]classroom.Percentiles
	if floors[0], err = echoLatency("udp", servers.udpEcho); err != nil {
		return err
	}
	if floors[1], err = echoLatency("tcp", servers.echo); err != nil {
		return err
	}
	rows := slices.Concat(servers.playing(), servers.lanes(binary), servers.supabase(binary), servers.keyboard(binary), servers.midiOutputs(binary))
	results := make(map[string][]result)
	for run := range runs {
		for _, row := range rows {
			if !wanted.MatchString(row.name) || row.once && run > 0 {
				continue
			}
			fmt.Fprintf(os.Stderr, "\rrun %d of %d: %-40s", run+1, runs, row.name)
			r, err := row.measure(each)
			if err != nil {
				return fmt.Errorf("%s: %w", row.name, err)
			}
			results[row.name] = append(results[row.name], r)
		}
	}
	fmt.Fprintf(os.Stderr, "\r%60s\r", "")
	report(servers, floors, rows, results, binary)
	if err := servers.impaired(binary, wanted, min(each, longRooms)); err != nil {
		return err
	}
	if wanted.MatchString("names") {
		if err := names(); err != nil {
			return err
		}
	}
	if wanted.MatchString("upstream") {
		if err := servers.upstream(binary, min(each, longRooms)); err != nil {
			return err
		}
	}
	if wanted.MatchString("kept") {
		if err := kept(binary, min(each, longRooms)); err != nil {
			return err
		}
	}
	if wanted.MatchString("allocations") {
		if err := allocations(); err != nil {
			return err
		}
	}
	if wanted.MatchString("MIDI clock in a pipe") {
		if err := clockJitter(); err != nil {
			return err
		}
	}
	if wanted.MatchString("MIDI parser") {
		return parsing()
	}
	return nil
}

// self is a child process that serves something. It prints its address, if it has
// one, as its first line.
func self(serve string, args ...string) (*exec.Cmd, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return exec.Command(path, append([]string{"-serve", serve}, args...)...), nil
}
