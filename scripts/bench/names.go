package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// nameFigure is a figure of BenchmarkNames, such as "1.2 p99-ms".
var nameFigure = regexp.MustCompile(`([\d.]+) (p50-ms|p99-ms|%core)`)

// names prints how soon downbeat.local is answered on another host, and what the
// names cost while nobody asks. It needs root, which makes the hosts.
func names() error {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "Names", "-benchtime", "200x", "./discovery")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w", bytes.TrimSpace(out), err)
	}
	figures := make(map[string]float64)
	for _, m := range nameFigure.FindAllSubmatch(out, -1) {
		figures[string(m[2])], _ = strconv.ParseFloat(string(m[1]), 64)
	}
	if len(figures) == 0 {
		fmt.Println("downbeat.local is left out: it needs root and Avahi (scripts/setup.sh)")
		return nil
	}
	target("downbeat.local asked for the first time, p99 ms", figures["p99-ms"], 150)
	target("names at rest, % of a core", figures["%core"], 0.2)
	return nil
}
