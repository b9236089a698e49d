package musicroom

import (
	"encoding/json"
	"fmt"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
)

// expect takes how many students the teacher waits for.
func (c *Client) expect(b realtime.Broadcast) error {
	if err := c.allow(c.events); err != nil {
		return err
	}
	r := c.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if !c.teacher {
		return realtime.ErrUnauthorized
	}
	var wish struct {
		Count *int `json:"count"`
	}
	if json.Unmarshal(b.Payload, &wish) != nil || wish.Count == nil || *wish.Count < 0 || *wish.Count > room.MaxMembers {
		message := fmt.Sprintf("count must be a whole number from 0 to %d.", room.MaxMembers)
		return &realtime.Refusal{Reason: "bad_payload", Message: message}
	}
	r.expected = *wish.Count
	r.save()
	return nil
}

// expects is how many students the teacher waits for; 0 if they have not said.
func (r *Room) expects() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.expected
}

// dismiss takes from a teacher who needs no help: a device without a seat by its
// mark, or a student. Somebody who is not listed any more is no error: they have
// just come in.
func (c *Client) dismiss(b realtime.Broadcast) error {
	if err := c.allow(c.events); err != nil {
		return err
	}
	r := c.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if !c.teacher {
		return realtime.ErrUnauthorized
	}
	var who struct {
		Mark      string `json:"mark"`
		StudentID string `json:"student_id"`
	}
	if json.Unmarshal(b.Payload, &who) != nil || (who.Mark == "") == (who.StudentID == "") {
		return &realtime.Refusal{Reason: "bad_payload", Message: "Give the mark of a device, or a student_id."}
	}
	if who.Mark != "" {
		r.visitors.Dismiss(r.now(), r.rules.Code(), who.Mark)
	} else if p := r.progress[who.StudentID]; p != nil {
		p.dismissed = r.now()
	}
	return nil
}
