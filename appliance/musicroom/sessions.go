package musicroom

import (
	"context"
	"time"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
)

// Session is a lesson of a room, as the box keeps it.
type Session struct {
	ID      string    `json:"id"`
	Room    string    `json:"room"`
	Started time.Time `json:"started_at"`
	Ended   time.Time `json:"ended_at,omitzero"` // zero while it goes on
	PlanID  string    `json:"plan_id,omitempty"` // of the last plan that it followed
	Plan    string    `json:"plan,omitempty"`    // its title
	Seen    time.Time `json:"seen"`              // when the room last changed in it
}

// longSilence is how long after the last change of a room its session counts as
// ended then, and not at the moment when the box notices.
const longSilence = 20 * time.Minute

// next returns the session after a change of the room, and what has to be kept of
// it and of the one before. A session begins with its first student.
func (s Session) next(is room.Session, code string, now time.Time) (next Session, changed []Session) {
	next = s
	if s.ID != is.ID {
		if s.ID != "" {
			changed = append(changed, s.end(now))
		}
		if next = (Session{}); !is.Visited {
			return next, changed
		}
		next = Session{ID: is.ID, Room: code, Started: now}
	}
	if is.PlanID != "" {
		next.PlanID, next.Plan = is.PlanID, is.Plan
	}
	if next.ID != s.ID || next.PlanID != s.PlanID || next.Plan != s.Plan {
		changed = append(changed, next)
	}
	next.Seen = now
	return next, changed
}

// end returns the session as it is over.
func (s Session) end(now time.Time) Session {
	s.Ended = now
	if !s.Seen.IsZero() && now.Sub(s.Seen) > longSilence {
		s.Ended = s.Seen
	}
	return s
}

// keepSession keeps what a room's session has become. Only the saver calls it.
func (rs *Rooms) keepSession(ctx context.Context, r *Room) error {
	next, changed := r.session.next(r.rules.Session(), r.rules.Code(), time.Now().UTC())
	for _, s := range changed {
		if err := rs.cfg.Sessions(ctx, s); err != nil {
			return err
		}
	}
	r.session = next
	return nil
}

// endSaved ends the session of a room that is closed, as the store has it.
func (rs *Rooms) endSaved(ctx context.Context, code string) error {
	var saved savedRoom
	if known, err := rs.store.Get(store.Rooms, code, &saved); !known || err != nil || saved.Session.ID == "" {
		return err
	}
	return rs.cfg.Sessions(ctx, saved.Session.end(time.Now().UTC()))
}
