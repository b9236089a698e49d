package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// jitterFigure is a figure of BenchmarkClockJitter.
var jitterFigure = regexp.MustCompile(`([\d.e+-]+) ((?:floor-)?p\d\d-ms)`)

// clockJitter prints how late the ticks of MIDI clock come out of a pipe, beside a
// thread that does nothing but send them. The rows above have the delay of a
// pseudo-terminal, too, which the kernel empties when it has time.
func clockJitter() error {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "ClockJitter", "-benchtime", "1x", "./appliance/midiout")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w", bytes.TrimSpace(out), err)
	}
	figures := make(map[string]float64)
	for _, m := range jitterFigure.FindAllSubmatch(out, -1) {
		figures[string(m[2])], _ = strconv.ParseFloat(string(m[1]), 64)
	}
	if len(figures) == 0 {
		fmt.Println("the jitter of MIDI clock is left out: only Linux has raw MIDI devices")
		return nil
	}
	figure("MIDI clock in a pipe: p50 ms", figures["p50-ms"])
	target("MIDI clock in a pipe: jitter, p99 ms", figures["p99-ms"], 1)
	figure("MIDI clock in a pipe: p99 of the bare timer loop, ms", figures["floor-p99-ms"])
	return nil
}
