package appliance

import (
	"cmp"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// tableTopic begins the private topics with the changes of a table, such as
// "table:lesson_plans". The policy says which roles may read them.
const tableTopic = "table:"

// broadcastChange is the payload of a change, as Postgres'
// realtime.broadcast_changes sends it.
type broadcastChange struct {
	ID        string    `json:"id"`
	Operation string    `json:"operation"`
	Schema    string    `json:"schema"`
	Table     string    `json:"table"`
	Record    table.Row `json:"record"`
	OldRecord table.Row `json:"old_record"`
}

// lastBroadcasts is how long a stopping box still keeps changes as broadcasts:
// many times what the last write of a lesson takes, and little of the five
// seconds that a service manager allows.
const lastBroadcasts = 500 * time.Millisecond

// broadcastChanges sends changes of rows until cancel is called: at once to the
// listeners of the table, and as broadcasts that a late client can replay. Each
// broadcast syncs the disk. So the two do not wait for each other: of a thousand
// rows written together, listeners get the last within milliseconds, while its
// broadcast is kept seconds later.
func (a *Appliance) broadcastChanges() (cancel func()) {
	var over atomic.Bool
	stopListeners := a.store.Watch(a.hub.Changed)
	stopKept := a.store.Watch(a.noteKept)
	stopBroadcasts := a.store.Watch(func(c table.Change) {
		if !over.Load() {
			a.publish(c)
		}
	})
	return func() {
		defer time.AfterFunc(lastBroadcasts, func() { over.Store(true) }).Stop()
		stopListeners()
		stopKept()
		stopBroadcasts()
	}
}

// noteKept tells a room that one more of its members' answers is kept. The change
// says it, so that it holds for every way in which a row is written.
func (a *Appliance) noteKept(c table.Change) {
	if c.Op != table.OpInsert || c.Table != table.Reflections && c.Table != table.CheckIns {
		return
	}
	room, _ := c.New["room"].(string)
	author := c.Table.OwnerOf(c.New)
	seat := cmp.Or(a.classes.SeatOf(author, a.session(room)), author)
	if c.Table == table.Reflections {
		a.rooms.Kept(room, seat)
		return
	}
	checkIn, _ := c.New["check_in_id"].(string)
	a.rooms.Ready(room, seat, checkIn)
}

// publish sends a change as a broadcast, and keeps it. Most tables are not for
// that: a broadcast knows topics and no rows, so every teacher would read it.
func (a *Appliance) publish(c table.Change) {
	if !c.Table.Broadcast {
		return
	}
	payload, err := json.Marshal(broadcastChange{
		ID: uuid.NewString(), Operation: c.Op, Schema: c.Table.Schema, Table: c.Table.Name,
		Record: c.Table.Project(c.New, nil), OldRecord: c.Table.Project(c.Old, nil),
	})
	if err != nil {
		panic(err) // a bug: rows come from JSON
	}
	err = a.hub.Post(auth.Claims{Role: auth.Service}, realtime.Post{
		Topic: tableTopic + c.Table.Name, Private: true, Persist: realtime.Persist{Wanted: true}, Request: c.Request,
		Broadcast: realtime.Broadcast{
			Event: c.Op, Encoding: wire.JSON, At: clock.Now(),
			Payload: payload,
		},
	})
	if err != nil {
		a.log.Warn("cannot broadcast a change", "table", c.Table.Name, "err", err)
	}
}
