package ratelimit

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestThrottleSlowsAndForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(ThrottleConfig{Free: 2, Window: time.Minute, Base: time.Second, Max: 5 * time.Second})
		for i, want := range []time.Duration{0, 0, 1, 2, 4, 5, 5} {
			th.Fail("192.168.1.20:5000")
			if got := th.Wait("192.168.1.20:6000"); got != want*time.Second {
				t.Errorf("after failure %d: got %v, want %v", i+1, got, want*time.Second)
			}
		}
		if got := th.Wait("192.168.1.21:5000"); got != 0 {
			t.Errorf("another address waits %v, want 0", got)
		}
		time.Sleep(5 * time.Second)
		if got := th.Wait("192.168.1.20:5000"); got != 0 {
			t.Errorf("after the delay: got %v, want 0", got)
		}
		time.Sleep(time.Minute)
		th.Fail("192.168.1.20:5000")
		if got := th.Wait("192.168.1.20:5000"); got != 0 {
			t.Errorf("first failure after a quiet window: got %v, want 0", got)
		}
		th.Fail("192.168.1.20:5000")
		th.Fail("192.168.1.20:5000")
		th.Clear("192.168.1.20:5000")
		if got := th.Wait("192.168.1.20:5000"); got != 0 {
			t.Errorf("after proving itself: got %v, want 0", got)
		}
	})
}

func TestThrottleForgives(t *testing.T) {
	th := NewThrottle(ThrottleConfig{Base: time.Minute, Max: time.Hour, Window: time.Hour})
	th.Fail("a")
	th.Forgive("a")
	th.Forgive("b")
	if got := th.Wait("a"); got != 0 {
		t.Errorf("forgiven: got %v, want 0", got)
	}
}

func TestThrottleTableIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(ThrottleConfig{Window: time.Hour, Base: time.Hour, Max: time.Hour, Size: 100})
		for i := range 1000 {
			th.Fail(fmt.Sprintf("10.0.%d.%d:80", i/256, i%256))
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
