package ratelimit

import (
	"fmt"
	"hash/maphash"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// ThrottleConfig says when guesses are slowed and how much.
type ThrottleConfig struct {
	Free   int           // failures within Window that cost nothing; 0 means none
	Window time.Duration // a failure is forgotten this long after the last one
	Base   time.Duration // the first delay; doubles with each further failure
	// Max is the longest delay. A child behind the same address as a guesser
	// waits that long too, so it stays short enough to sit out.
	Max  time.Duration
	Size int              // addresses remembered; 0 means 1024; the oldest is forgotten
	Now  func() time.Time // nil means time.Now
}

// JoinThrottle slows wrong join codes: ten a minute are free.
func JoinThrottle() ThrottleConfig {
	return ThrottleConfig{Free: 10, Window: time.Minute, Base: time.Second, Max: 15 * time.Second}
}

// LoginThrottle slows wrong passwords and claim codes: three are free, then at
// most two guesses a minute pass.
func LoginThrottle() ThrottleConfig {
	return ThrottleConfig{Free: 3, Window: 15 * time.Minute, Base: time.Second, Max: 30 * time.Second}
}

// MusicThrottle slows wrong music names from an address. There are 1,320, and a class
// has some thirty: two guesses a minute find one in twenty minutes, while its owner
// is away and the teacher reads whose it is.
func MusicThrottle() ThrottleConfig {
	return ThrottleConfig{Free: 20, Window: 10 * time.Minute, Base: 2 * time.Second, Max: 30 * time.Second}
}

// SeatMusicThrottle slows wrong music names on one seat.
func SeatMusicThrottle() ThrottleConfig {
	return ThrottleConfig{Free: 5, Window: 10 * time.Minute, Base: 2 * time.Second, Max: 30 * time.Second}
}

// Throttle slows addresses that keep failing. It never bans: the delay has a
// ceiling, and a quiet Window clears it. It is safe for concurrent use.
type Throttle struct {
	cfg  ThrottleConfig
	seed maphash.Seed

	mu      sync.Mutex // guards entries
	entries map[string]*failures
}

type failures struct {
	count int
	last  time.Time
	until time.Time // no attempt before
	// made are the last guesses, as hashes, the newest last: see Guess.
	made []uint64
}

// madeKept is how many guesses of an address are remembered.
const madeKept = 16

// NewThrottle returns a Throttle without failures.
func NewThrottle(cfg ThrottleConfig) *Throttle {
	if cfg.Size == 0 {
		cfg.Size = 1024
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Throttle{cfg: cfg, seed: maphash.MakeSeed(), entries: map[string]*failures{}}
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

// Attempt is one guess that a Throttle passed.
type Attempt struct {
	throttle *Throttle
	entry    *failures
	before   failures // what held until this attempt
	at       time.Time
}

// Try passes an attempt and counts it as a failure at once, before it is
// checked, so that attempts side by side all count. An attempt that was no
// wrong guess is taken back with Forgive or Clear. Error: *SlowDownError.
func (t *Throttle) Try(addr string) (Attempt, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, key := t.cfg.Now(), AddressKey(addr)
	e := t.entries[key]
	if e == nil {
		t.makeRoomLocked()
		e = &failures{}
		t.entries[key] = e
	}
	if wait := e.until.Sub(now); wait > 0 {
		return Attempt{}, &SlowDownError{Wait: wait}
	}
	if now.Sub(e.last) > t.cfg.Window {
		*e = failures{}
	}
	a := Attempt{throttle: t, entry: e, before: *e, at: now}
	e.count++
	e.last = now
	if over := e.count - t.cfg.Free; over > 0 {
		e.until = now.Add(min(t.cfg.Max, t.cfg.Base<<min(over-1, 20)))
	}
	return a, nil
}

// Guess passes a wrong guess and counts it. One that the address has made lately
// costs nothing and never waits, because it helps no guesser: a class that types the
// same wrong code thirty times has guessed once. Error: *SlowDownError.
func (t *Throttle) Guess(addr, guess string) error {
	hash := maphash.String(t.seed, guess)
	t.mu.Lock()
	e := t.entries[AddressKey(addr)]
	again := e != nil && t.cfg.Now().Sub(e.last) <= t.cfg.Window && slices.Contains(e.made, hash)
	t.mu.Unlock()
	if again {
		return nil
	}
	a, err := t.Try(addr)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a.entry.made = append(a.entry.made[max(0, len(a.entry.made)-madeKept+1):], hash)
	return nil
}

// Forgive takes the attempt back. The delay of a later attempt stays.
func (a Attempt) Forgive() {
	a.throttle.mu.Lock()
	defer a.throttle.mu.Unlock()
	e := a.entry
	if e.count == a.before.count+1 && e.last.Equal(a.at) {
		*e = a.before
	} else if e.count > 0 {
		e.count--
	}
}

// Clear forgets the failures of an address that has proved itself.
func (t *Throttle) Clear(addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, AddressKey(addr))
}

// makeRoomLocked forgets the address that failed longest ago if the table is
// full.
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

// AddressKey returns the key of an address in a Throttle: the address without
// its port. Of IPv6 it keeps the network part only, because one device can
// take any address in it. If text follows the address, the whole is a key of
// its own.
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

// SlowDownError refuses an attempt that came too early.
type SlowDownError struct {
	Wait time.Duration // until the next attempt
}

func (e *SlowDownError) Error() string {
	return fmt.Sprintf("too many wrong guesses: wait %v", e.Wait)
}
