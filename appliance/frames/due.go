package frames

import (
	"time"

	"downbeat.local/sync/clock"
)

// repeatAt is when frames repeat an event that no later event repeats: so long
// after the frame that had it first. Four packets in a row may be lost. While
// air is short, all but the last wait: new events come first. The last repeat
// takes the place of a frame that keeps radios awake, and so costs no packet.
var repeatAt = [...]time.Duration{15 * time.Millisecond, 40 * time.Millisecond, 90 * time.Millisecond, 140 * time.Millisecond}

const (
	// keepAwakeEvery is how far apart frames are at most while people play. A
	// radio that dozes receives a packet 100 to 300 ms late.
	keepAwakeEvery = 65 * time.Millisecond
	// restAfter is the silence after which frames stop.
	restAfter = 2 * time.Second
)

// due decides when the next frame of a stream leaves.
type due struct {
	newest   clock.Millis // when the newest event was appended
	newsAt   clock.Millis // when a frame with new events left last, if that is later
	lastSent clock.Millis // when the last frame left
	pending  bool         // there are events that no frame has had
	earliest clock.Millis // when they may leave
	airFree  clock.Millis // when repeats may leave, unless it is the last moment
	once     bool         // nothing is repeated
}

// at is when the next frame leaves. It is in the past for a frame that should
// have left, and never if the next frame waits for a note.
func (d due) at() clock.Millis {
	switch {
	case d.pending:
		return max(d.newest, d.earliest)
	case d.once:
		return clock.Never()
	}
	for _, after := range repeatAt {
		if at := d.newsAt.Add(after); d.lastSent < at {
			last := min(d.newsAt.Add(repeatAt[len(repeatAt)-1]), d.lastSent.Add(keepAwakeEvery))
			return max(at, min(d.airFree, last))
		}
	}
	if end := d.newsAt.Add(restAfter); d.lastSent < end {
		return min(end, d.lastSent.Add(keepAwakeEvery))
	}
	return clock.Never()
}

// sent is the state after a frame has left.
func (d due) sent(now clock.Millis) due {
	if d.pending {
		d.newsAt = now
	}
	d.lastSent, d.pending = now, false
	return d
}
