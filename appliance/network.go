package appliance

import (
	"encoding/json"
	"math"
	"time"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/wire"
)

// maxReported bounds what a device may say of a time: a minute is for ever.
const maxReported = 60_000.0

// bounded is a report with everything in its range.
func bounded(r wire.NetworkReport) wire.NetworkReport {
	within := func(v, most float64) float64 { return max(0, min(v, most)) }
	if r.Transport != "webrtc" {
		r.Transport = "websocket"
	}
	r.RTT, r.Bound = within(r.RTT, maxReported), within(r.Bound, maxReported)
	r.Queue, r.Standing = within(r.Queue, maxReported), within(r.Standing, maxReported)
	r.Audio = within(r.Audio, maxReported)
	r.Loss = within(r.Loss, 1)
	return r
}

// Between frames toward a device whose network queues: this much and what
// even its luckiest packets wait, in these steps, so that those with like
// networks share frames. A queue that never empties gets shorter by fewer
// packets; one that sometimes does is jitter, which they would only add to
// (RFC 8289, section 3). Above the most a note is felt to be late; the step
// keeps the series few.
const (
	laneIntervalStep = 5 * time.Millisecond
	maxLaneInterval  = 25 * time.Millisecond
)

// laneInterval is how far apart frames should leave for whoever reports so
// many milliseconds of a standing queue.
func laneInterval(standing float64) time.Duration {
	step := float64(laneIntervalStep) / float64(time.Millisecond)
	wanted := laneIntervalStep * time.Duration(1+math.Round(min(standing, maxReported)/step))
	return min(wanted, maxLaneInterval)
}

// report takes what a member's device says of its network: his frames are
// paced by it, and the teachers of the room are told.
func (p *part) report(b realtime.Broadcast) error {
	if err := p.allow(p.events); err != nil {
		return err
	}
	var r wire.NetworkReport
	if json.Unmarshal(b.Payload, &r) != nil {
		return &realtime.Refusal{Reason: "bad_payload", Message: "A report needs numbers: rtt_ms, bound_ms, loss, queue_ms, standing_ms and audio_ms."}
	}
	r = bounded(r)
	r.ID = p.id
	if p.member != nil {
		p.member.Conn().SetLaneInterval(laneInterval(r.Standing))
	}
	p.ensemble.tellTeachers(wire.EventNetwork, encode(r))
	return nil
}

// tellTeachers tells those who may control the room what the next of its kind
// replaces.
func (e *ensemble) tellTeachers(event string, payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, parts := range e.parts {
		for _, p := range parts {
			if p.teacher && p.member != nil {
				p.member.SendPassing(event, payload)
			}
		}
	}
}
