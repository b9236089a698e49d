package ratelimit

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// ThrottleConfig says when guessing is slowed and how much.
type ThrottleConfig struct {
	Free   int           // failures within Window that cost nothing; 0 means none
	Window time.Duration // a failure is forgotten this long after the last one
	Base   time.Duration // the first delay; doubles with each further failure
	// Max is the longest delay. It is what a child at the same address as a
	// guesser has to wait, so it stays short enough to sit out.
	Max  time.Duration
	Size int              // addresses remembered; 0 means 1024; the oldest is forgotten
	Now  func() time.Time // nil means time.Now
}

// JoinThrottle slows wrong join codes: ten a minute are free.
func JoinThrottle() ThrottleConfig {
	return ThrottleConfig{Free: 10, Window: time.Minute, Base: time.Second, Max: 15 * time.Second}
}

// LoginThrottle slows wrong passwords and claim codes: a slip or two is free,
// after that at most two guesses a minute.
func LoginThrottle() ThrottleConfig {
	return ThrottleConfig{Free: 3, Window: 15 * time.Minute, Base: time.Second, Max: 30 * time.Second}
}

// Throttle slows those who keep failing, by address. It never bans: the delay
// has a ceiling and is forgotten after a quiet Window. It is safe for
// concurrent use.
type Throttle struct {
	cfg ThrottleConfig

	mu      sync.Mutex // guards entries
	entries map[string]*failures
}

type failures struct {
	count int
	last  time.Time
	until time.Time // no attempt before
}

// NewThrottle returns a Throttle that has seen nobody fail.
func NewThrottle(cfg ThrottleConfig) *Throttle {
	if cfg.Size == 0 {
		cfg.Size = 1024
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Throttle{cfg: cfg, entries: map[string]*failures{}}
}

// Wait returns how long the address must wait before it may try; 0 is now.
func (t *Throttle) Wait(addr string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.entries[AddressKey(addr)]
	if e == nil {
		return 0
	}
	return max(0, e.until.Sub(t.cfg.Now()))
}

// Fail notes a wrong guess.
func (t *Throttle) Fail(addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, key := t.cfg.Now(), AddressKey(addr)
	e := t.entries[key]
	switch {
	case e == nil:
		t.makeRoomLocked()
		e = &failures{}
		t.entries[key] = e
	case now.Sub(e.last) > t.cfg.Window:
		*e = failures{}
	}
	e.count++
	e.last = now
	if over := e.count - t.cfg.Free; over > 0 {
		e.until = now.Add(min(t.cfg.Max, t.cfg.Base<<min(over-1, 20)))
	}
}

// Forgive takes one failure back: the guess was never looked at.
func (t *Throttle) Forgive(addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.entries[AddressKey(addr)]; e != nil && e.count > 0 {
		e.count--
		e.until = time.Time{}
	}
}

// Clear forgets an address that has proved itself.
func (t *Throttle) Clear(addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, AddressKey(addr))
}

// makeRoomLocked forgets the address that failed longest ago when the table
// is full.
func (t *Throttle) makeRoomLocked() {
	if len(t.entries) < t.cfg.Size {
		return
	}
	oldest := ""
	for key, e := range t.entries {
		if oldest == "" || e.last.Before(t.entries[oldest].last) {
			oldest = key
		}
	}
	delete(t.entries, oldest)
}

// AddressKey is what a Throttle knows an address by: the address without its
// port; of IPv6 only the network part, because one device can take any address
// within it. With more behind it, what comes from there is counted apart.
func AddressKey(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		prefix, _ := ip.Prefix(64) // 64 is in range: no error
		return prefix.String()
	}
	return ip.String()
}

// SlowDownError is an attempt before its time.
type SlowDownError struct {
	Wait time.Duration // until the next attempt
}

func (e *SlowDownError) Error() string {
	return fmt.Sprintf("too many wrong guesses: wait %v", e.Wait)
}
