package discovery_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"downbeat.local/discovery/netlab"
)

// rest is how long a box is idle while its CPU time is measured. The kernel
// counts in hundredths of a second.
const rest = 30 * time.Second

// BenchmarkNames asks a box for its name from another host, as a device does that
// knows nothing yet, and then leaves it alone.
func BenchmarkNames(b *testing.B) {
	l := netlab.New(b)
	l.Switch("hub")
	l.Host("box")
	l.Host("pc")
	l.Plug("box", "lan0", "hub", "10.77.0.1/24")
	l.Plug("pc", "lan0", "hub", "10.77.0.2/24")
	box := runOn(b, l, "box", "x7k2")
	box.is(both)
	var took []float64
	for b.Loop() {
		a := result(b, l, "pc", "ask", func(a answer) bool { return len(a.Addresses) > 0 }, "downbeat.local.")
		took = append(took, a.MS)
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "p50-ms")
	b.ReportMetric(took[(len(took)-1)*99/100], "p99-ms")
	before := cpuTime(b, box.cmd.Process.Pid)
	<-time.After(rest)
	b.ReportMetric(100*(cpuTime(b, box.cmd.Process.Pid)-before).Seconds()/rest.Seconds(), "%core")
}

// cpuTime is what a process has used so far.
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(raw), ") ") // the name of the program may have spaces
	var user, system int64
	if _, err := fmt.Sscanf(after, "%s %d %d %d %d %d %d %d %d %d %d %d %d", new(string), new(int), new(int), new(int), new(int), new(int),
		new(int64), new(int64), new(int64), new(int64), new(int64), &user, &system); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
