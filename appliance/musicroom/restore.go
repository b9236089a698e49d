package musicroom

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
	"downbeat.local/sync/clock"
)

// savedRoom is a room as the store keeps it.
type savedRoom struct {
	Created  time.Time     `json:"created_at"`
	Snapshot room.Snapshot `json:"room"`
	Expected int           `json:"expected,omitempty"` // students
	Session  Session       `json:"session,omitzero"`
}

// Load opens every room in the store. sameBoot says that the machine has not
// restarted since they were saved: a timeline of another boot means nothing. A
// room that cannot be read stays closed, and its row stays as it is.
func (rs *Rooms) Load(sameBoot bool) error {
	rows, err := rs.store.List(store.Rooms)
	if err != nil {
		return err
	}
	rs.register.mu.Lock()
	defer rs.register.mu.Unlock()
	for _, row := range rows {
		if err := rs.restoreLocked(row, sameBoot); err != nil {
			rs.unreadable[row.Key] = true
			rs.log.Warn("cannot open a saved room, leaving it as it is", "room", row.Key, "err", err)
		}
	}
	return nil
}

func (rs *Rooms) restoreLocked(row store.Row, sameBoot bool) error {
	var saved savedRoom
	if err := json.Unmarshal(row.Value, &saved); err != nil {
		return err
	}
	r, err := room.Restore(saved.Snapshot, clock.Now(), sameBoot)
	switch {
	case err != nil:
		return err
	case r.Code() != row.Key:
		return fmt.Errorf("it is room %s", r.Code())
	case len(rs.rooms) >= rs.most:
		return room.ErrTooManyRooms
	}
	added := rs.addLocked(r, saved.Created)
	added.expected, added.session = saved.Expected, saved.Session
	return nil
}

// write writes a room's state to the store, or deletes it if the room is closed.
func (rs *Rooms) write(ctx context.Context, code string) error {
	r := rs.find(code)
	if r == nil {
		if err := rs.endSaved(ctx, code); err != nil {
			return err
		}
		return rs.store.Delete(ctx, store.Rooms, code)
	}
	if err := rs.keepSession(ctx, r); err != nil {
		return err
	}
	saved := savedRoom{Created: r.created, Snapshot: r.rules.Snapshot(), Expected: r.expects(), Session: r.session}
	return rs.store.Put(ctx, store.Rooms, code, saved)
}
