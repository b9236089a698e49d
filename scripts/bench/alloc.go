package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// fanOuts are the benchmarks of appliance/realtime that send one message to 40 and
// to 200 members.
var fanOuts = []struct{ benchmark, what string }{
	{"FanOut", "broadcast"},
	{"PresenceDiff", "presence diff"},
	{"Changed", "postgres_changes"},
}

var benchmarked = regexp.MustCompile(`(?m)^Benchmark(\w+)/(\d+)\S*\s.*\s(\d+) allocs/op`)

// allocations prints the allocations of one message to many members. They must be
// the same for 200 as for 40; otherwise something is encoded for each.
func allocations() error {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "FanOut|PresenceDiff|Changed", "-benchtime", "1000x", "./appliance/realtime")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w", bytes.TrimSpace(out), err)
	}
	allocs := make(map[string]float64)
	for _, m := range benchmarked.FindAllSubmatch(out, -1) {
		allocs[string(m[1])+string(m[2])], _ = strconv.ParseFloat(string(m[3]), 64)
	}
	for _, f := range fanOuts {
		ratio("allocations a "+f.what+", 200 beside 40", allocs[f.benchmark+"200"], allocs[f.benchmark+"40"], 1)
	}
	return nil
}
