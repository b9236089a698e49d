package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// parsed is a figure of BenchmarkParser.
var parsed = regexp.MustCompile(`([\d.e+]+) (messages/s|allocs/op)`)

// parsing prints how fast one core turns the bytes of MIDI keyboards into notes.
func parsing() error {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "Parser", "-benchtime", "1s", "./midi")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w", bytes.TrimSpace(out), err)
	}
	figures := make(map[string]float64)
	for _, m := range parsed.FindAllSubmatch(out, -1) {
		figures[string(m[2])], _ = strconv.ParseFloat(string(m[1]), 64)
	}
	if figures["messages/s"] == 0 {
		return fmt.Errorf("the benchmark of the parser says: %s", bytes.TrimSpace(out))
	}
	target("MIDI parser: ns a message (1,000 is a million a second)", 1e9/figures["messages/s"], 1000)
	target("MIDI parser: allocations", figures["allocs/op"], 0)
	return nil
}
