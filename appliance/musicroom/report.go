package musicroom

import (
	"encoding/json"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/wire"
)

// maxReported bounds the times in a report, in milliseconds.
const maxReported = 60_000.0

// bounded is a report with every figure in its range.
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

// report takes what a member's device measured of its network. It paces the
// frames for that device, and the teachers of the room see it.
func (c *Client) report(b realtime.Broadcast) error {
	if err := c.allow(c.events); err != nil {
		return err
	}
	var r wire.NetworkReport
	if json.Unmarshal(b.Payload, &r) != nil {
		return &realtime.Refusal{Reason: "bad_payload", Message: "A report needs numbers: rtt_ms, bound_ms, loss, queue_ms, standing_ms and audio_ms."}
	}
	r = bounded(r)
	r.ID = c.id
	if c.conn != nil {
		c.conn.SetLaneInterval(c.queue.Interval(r.Queue, r.Standing))
	}
	c.room.reported(c.id, r)
	c.room.sendTeachers(wire.EventNetwork, encode(r))
	return nil
}

// sendTeachers sends a message to the clients that may control the room. It may
// be dropped: the next of its kind replaces it.
func (r *Room) sendTeachers(event string, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, clients := range r.clients {
		for _, c := range clients {
			if c.teacher && c.member != nil {
				c.member.SendDroppable(event, payload)
			}
		}
	}
}
