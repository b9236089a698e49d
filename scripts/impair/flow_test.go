package impair

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// crossing sends n packets, a millisecond apart, through a new flow. It returns
// the time of each; a lost one has a negative time.
func crossing(c Conditions, seed uint64, n int) []time.Duration {
	f := newFlow(seed, 0)
	took := make([]time.Duration, n)
	for i := range took {
		now := time.Unix(0, int64(i)*int64(time.Millisecond))
		due, lost := f.fate(c, now)
		took[i] = due.Sub(now)
		if lost {
			took[i] = -1
		}
	}
	return took
}

func TestFlowIsTheSameWithTheSameSeed(t *testing.T) {
	c := Conditions{Delay: time.Millisecond, Jitter: 30 * time.Millisecond, Loss: 0.05, Burst: 3, Reorder: 0.02, Late: 20 * time.Millisecond}
	if diff := cmp.Diff(crossing(c, 7, 1000), crossing(c, 7, 1000)); diff != "" {
		t.Errorf("two flows of one seed (-first +second):\n%s", diff)
	}
	if cmp.Equal(crossing(c, 7, 1000), crossing(c, 8, 1000)) {
		t.Error("two seeds do the same")
	}
}

func TestFlowLosesItsShareInBursts(t *testing.T) {
	const n = 200_000
	for _, c := range []Conditions{{}, {Loss: 0.01}, {Loss: 0.05}, {Loss: 0.05, Burst: 3}, {Loss: 0.2, Burst: 10}} {
		lost, run, shortest := 0, 0, n
		for _, took := range crossing(c, 1, n) {
			if took < 0 {
				lost++
				run++
				continue
			}
			if run > 0 {
				shortest = min(shortest, run)
			}
			run = 0
		}
		if got := float64(lost) / n; math.Abs(got-c.Loss) > 0.1*c.Loss {
			t.Errorf("%+v lost %.4f", c, got)
		}
		if lost > 0 && shortest < max(1, c.Burst) {
			t.Errorf("%+v lost %d in a row, want at least %d", c, shortest, c.Burst)
		}
	}
}

func TestFlowKeepsItsOrderUnlessItShallNot(t *testing.T) {
	for _, test := range []struct {
		c         Conditions
		overtaken bool
	}{
		{Conditions{Jitter: 30 * time.Millisecond}, false},
		{Conditions{Delay: 2 * time.Millisecond, Reorder: 0.1, Late: 10 * time.Millisecond}, true},
	} {
		var last time.Duration
		overtaken := false
		for i, took := range crossing(test.c, 3, 10_000) {
			if most := test.c.Delay + test.c.Jitter + test.c.Late; took < test.c.Delay || took > most {
				t.Fatalf("%+v: packet %d took %v", test.c, i, took)
			}
			due := time.Duration(i)*time.Millisecond + took
			overtaken = overtaken || due < last
			last = max(last, due)
		}
		if overtaken != test.overtaken {
			t.Errorf("%+v: overtaken is %v", test.c, overtaken)
		}
	}
}

func TestConditionsThatMakeNoSense(t *testing.T) {
	for _, test := range []struct {
		c    Conditions
		want error
	}{
		{Conditions{}, nil},
		{Conditions{Loss: 0.99, Burst: MaxBurst, Delay: time.Second, Reorder: 0.5, Late: time.Second}, nil},
		{Conditions{Loss: 1}, ErrShare},
		{Conditions{Loss: math.NaN()}, ErrShare},
		{Conditions{Reorder: -0.1}, ErrShare},
		{Conditions{Jitter: -1}, ErrTime},
		{Conditions{Late: 2 * time.Second}, ErrTime},
		{Conditions{Burst: MaxBurst + 1}, ErrBurst},
		{Conditions{Burst: -1}, ErrBurst},
	} {
		if got := test.c.Validate(); !errors.Is(got, test.want) {
			t.Errorf("%+v: got %v, want %v", test.c, got, test.want)
		}
	}
}

func FuzzPortsOf(f *testing.F) {
	f.Add([]byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 53, 0, 54})
	f.Add([]byte{0x4f, 0, 0, 28, 0, 0, 0, 0, 64, 6, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 53, 0, 54})
	f.Add([]byte{0x60})
	f.Fuzz(func(t *testing.T, packet []byte) {
		if p, ok := portsOf(packet); ok && len(packet) < 24 && (p.from != 0 || p.to != 0) {
			t.Errorf("%x has ports %+v", packet, p)
		}
	})
}

func TestPortsOf(t *testing.T) {
	packet := []byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 53, 1, 0, 0, 0, 0, 0}
	if got, ok := portsOf(packet); !ok || got != (ports{udp, 53, 256}) {
		t.Errorf("got %+v, %v", got, ok)
	}
	packet[7] = 1 // a fragment that is not the first
	if got, ok := portsOf(packet); !ok || got != (ports{protocol: udp}) {
		t.Errorf("a fragment: got %+v, %v", got, ok)
	}
}
