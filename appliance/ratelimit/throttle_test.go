package ratelimit

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestThrottleSlowsAndForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(ThrottleConfig{Free: 2, Window: time.Minute, Base: time.Second, Max: 5 * time.Second})
		for i, want := range []time.Duration{0, 0, 1, 2, 4, 5, 5} {
			try(t, th, "192.168.1.20:5000")
			wait := th.Wait("192.168.1.20:6000")
			if wait != want*time.Second {
				t.Errorf("after failure %d: got %v, want %v", i+1, wait, want*time.Second)
			}
			if wait > 0 {
				_, err := th.Try("192.168.1.20:7000")
				if slow, ok := errors.AsType[*SlowDownError](err); !ok || slow.Wait != wait {
					t.Errorf("too early after failure %d: got %v, want a wait of %v", i+1, err, wait)
				}
			}
			time.Sleep(wait)
		}
		if got := th.Wait("192.168.1.21:5000"); got != 0 {
			t.Errorf("another address waits %v, want 0", got)
		}
		time.Sleep(time.Minute + 1)
		try(t, th, "192.168.1.20:5000")
		if got := th.Wait("192.168.1.20:5000"); got != 0 {
			t.Errorf("first failure after a quiet window: got %v, want 0", got)
		}
		try(t, th, "192.168.1.20:5000")
		try(t, th, "192.168.1.20:5000")
		th.Clear("192.168.1.20:5000")
		if got := th.Wait("192.168.1.20:5000"); got != 0 {
			t.Errorf("after proving itself: got %v, want 0", got)
		}
	})
}

// try makes an attempt that the throttle has to pass.
func try(t *testing.T, th *Throttle, addr string) Attempt {
	t.Helper()
	a, err := th.Try(addr)
	if err != nil {
		t.Fatalf("%s: %v", addr, err)
	}
	return a
}

func TestThrottleForgives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(ThrottleConfig{Free: 1, Base: time.Second, Max: time.Hour, Window: time.Hour})
		try(t, th, "a").Forgive()
		try(t, th, "a")
		if got := th.Wait("a"); got != 0 {
			t.Errorf("the forgiven attempt counts: a wait of %v", got)
		}
		try(t, th, "a").Forgive()
		if got := th.Wait("a"); got != 0 {
			t.Errorf("the delay of a forgiven attempt stays: %v", got)
		}
	})
}

// An attempt that is taken back late must not take the delay of another with
// it, or a busy box would pass guesses at full speed.
func TestForgivingLeavesOtherDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(ThrottleConfig{Free: 1, Base: time.Second, Max: time.Hour, Window: time.Hour})
		busy := try(t, th, "a")
		try(t, th, "a")
		busy.Forgive()
		if got := th.Wait("a"); got != time.Second {
			t.Errorf("got %v, want 1s", got)
		}
	})
}

func TestThrottleCountsSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(ThrottleConfig{Free: 3, Base: time.Second, Max: time.Hour, Window: time.Hour})
		var passed atomic.Int32
		var trying sync.WaitGroup
		for range 100 {
			trying.Go(func() {
				if _, err := th.Try("a"); err == nil {
					passed.Add(1)
				}
			})
		}
		trying.Wait()
		if got := passed.Load(); got != 4 {
			t.Errorf("got %d attempts at once, want 3 free ones and the one that earns the delay", got)
		}
	})
}

func TestThrottleTableIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(ThrottleConfig{Window: time.Hour, Base: time.Hour, Max: time.Hour, Size: 100})
		for i := range 1000 {
			try(t, th, fmt.Sprintf("10.0.%d.%d:80", i/256, i%256))
			time.Sleep(time.Millisecond)
		}
		if got := len(th.entries); got != 100 {
			t.Errorf("got %d addresses, want 100", got)
		}
		if th.Wait("10.0.3.231:80") == 0 || th.Wait("10.0.0.0:80") != 0 {
			t.Error("the table does not hold the latest")
		}
	})
}

func TestThrottleKey(t *testing.T) {
	for addr, want := range map[string]string{
		"192.168.1.20:5000":          "192.168.1.20",
		"[::ffff:192.168.1.20]:5000": "192.168.1.20",
		"[2001:db8:1:2:3::9]:5000":   "2001:db8:1:2::/64",
		"[fe80::1%eth0]:5000":        "fe80::/64",
		"@":                          "@",
	} {
		if got := AddressKey(addr); got != want {
			t.Errorf("%s: got %q, want %q", addr, got, want)
		}
	}
}

// TestTheSameGuessCountsOnce lets a class type a wrong code from the board, and one
// device try many.
func TestTheSameGuessCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(JoinThrottle())
		for i := range 3 * JoinThrottle().Free {
			if err := th.Guess("192.0.2.7:1", "MUSIC-2023"); err != nil {
				t.Fatalf("time %d: %v", i, err)
			}
		}
		guesses := 0
		for i := range 100 {
			if th.Guess("192.0.2.7:2", fmt.Sprint("GUESS-", i)) == nil {
				guesses++
			}
		}
		if want := JoinThrottle().Free; guesses != want {
			t.Errorf("%d other guesses passed, want %d", guesses, want)
		}
		if err := th.Guess("192.0.2.7:1", fmt.Sprint("GUESS-", guesses-1)); err != nil {
			t.Errorf("the same again while the address waits: %v", err)
		}
		if n := len(th.entries["192.0.2.7"].made); n > madeKept {
			t.Errorf("%d guesses are remembered", n)
		}
		time.Sleep(JoinThrottle().Window + time.Second)
		if err := th.Guess("192.0.2.7:1", "LATER-0001"); err != nil {
			t.Errorf("after a quiet minute: %v", err)
		}
	})
}
