// Package hlc is a hybrid logical clock. It orders the writes of boxes that have
// no connection to each other, and no battery to keep the time while they are
// off.
//
// A [Time] is a moment with a counter behind it. Every Time that a [Clock] gives
// is greater than all it gave before, and greater than every one that it has
// observed. So a later write always wins over an earlier one that its author has
// seen, whatever the clocks on the wall say.
//
// Between two stamps a Clock advances with the time since it was made, never
// with a wall clock that runs backwards. It follows the wall clock when that is
// ahead, because after a start a box cannot know better. [Clock.Correct] ends
// that: from then on the clock follows the time that a trusted machine told.
//
// The caller keeps the last Time on the disk, and gives it to [New] as
// Config.Last. Nothing here reads a file.
package hlc

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Time is a moment: milliseconds since 1970 in the upper 48 bits, a counter in
// the lower 16. It fits a signed bigint until the year 6429. The zero Time is
// before every other.
type Time int64

// counterBits are the bits of the counter. When it is full, the next Time is in
// the next millisecond.
const counterBits = 16

// startsBelow bounds the counter at which a millisecond begins. It begins at
// random, because two boxes that change a row in the same millisecond must not
// give it the same Time. Half of the counter is left for more stamps.
const startsBelow Time = 1 << (counterBits - 1)

// Of returns the first Time of a moment. Moments before 1970 give zero.
func Of(t time.Time) Time { return max(0, Time(t.UnixMilli())<<counterBits) }

// Wall returns the moment of a Time, in UTC.
func (t Time) Wall() time.Time { return time.UnixMilli(int64(t >> counterBits)).UTC() }

// String writes the moment and the counter.
func (t Time) String() string {
	return fmt.Sprintf("%s+%d", t.Wall().Format("2006-01-02T15:04:05.000Z"), t&(1<<counterBits-1))
}

// Quality says how far the moment of a Time can be trusted.
type Quality int16

// The qualities.
const (
	Unknown   Quality = iota // the wall clock is before a moment that has passed
	Estimated                // by the wall clock
	Synced                   // by a trusted machine
)

// Config configures a Clock. The zero value is a clock for tests that never
// restart.
type Config struct {
	// Last is the last Time of an earlier run. Every new Time is greater.
	Last Time
	// Wall reads the wall clock; nil means time.Now.
	Wall func() time.Time
	// Uptime reads a clock that never jumps and counts while the machine
	// sleeps; nil means the time since New.
	Uptime func() time.Duration
}

// Clock gives stamps. It is safe for concurrent use.
type Clock struct {
	wall   func() time.Time
	uptime func() time.Duration

	mu      sync.Mutex    // guards what follows
	last    Time          // the greatest that was given or observed
	base    time.Time     // what the time was, at least
	baseAt  time.Duration // when it was that
	started Time          // all stamps of this run are greater
	synced  bool          // base is from a trusted machine
}

// New returns a clock that continues after Config.Last.
func New(cfg Config) *Clock {
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	if cfg.Uptime == nil {
		begin := time.Now()
		cfg.Uptime = func() time.Duration { return time.Since(begin) }
	}
	return &Clock{
		wall: cfg.Wall, uptime: cfg.Uptime,
		last: cfg.Last, started: cfg.Last, base: cfg.Last.Wall(), baseAt: cfg.Uptime(),
	}
}

// Now returns the next Time, and how far it can be trusted.
func (c *Clock) Now() (Time, Quality) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, quality := c.timeLocked()
	c.last = max(Of(now)+rand.N(startsBelow), c.last+1)
	return c.last, quality
}

// Moment returns what the time is by all that the clock knows.
func (c *Clock) Moment() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, _ := c.timeLocked()
	return now
}

// timeLocked is the time by the base or, until the clock is corrected, by the
// wall clock if that is ahead.
func (c *Clock) timeLocked() (time.Time, Quality) {
	now := c.base.Add(c.uptime() - c.baseAt)
	if c.synced {
		return now, Synced
	}
	if wall := c.wall(); !wall.Before(now) {
		return wall, Estimated
	}
	return now, Unknown
}

// Observe makes every later Time greater than t, which another clock gave.
func (c *Clock) Observe(t Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last, t)
}

// Correct sets the time to what a trusted machine says, and returns by how much
// the clock was wrong: positive if it was behind. Stamps still only grow; see
// [Clock.Rewind].
func (c *Clock) Correct(now time.Time) (behind time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, _ := c.timeLocked()
	c.base, c.baseAt, c.synced = now, c.uptime(), true
	return now.Sub(was)
}

// Started is a Time that all stamps of this run are greater than. The error of
// the clock before a correction is known for those alone.
func (c *Clock) Started() Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.started
}

// Last returns the greatest Time that the clock gave or observed.
func (c *Clock) Last() Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// Rewind lets the clock give stamps after last again, which may be earlier than
// some it has given. The caller must have replaced all of those, and no other
// box may have seen them.
func (c *Clock) Rewind(last Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.started = last, min(c.started, last)
}
