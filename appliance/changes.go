package appliance

import (
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// tableTopic begins the private topics that carry the changes of a table:
// "table:lesson_plans". The policy says who reads them.
const tableTopic = "table:"

// broadcastChange is a change as realtime.broadcast_changes sends it.
type broadcastChange struct {
	ID        string    `json:"id"`
	Operation string    `json:"operation"`
	Schema    string    `json:"schema"`
	Table     string    `json:"table"`
	Record    table.Row `json:"record"`
	OldRecord table.Row `json:"old_record"`
}

// lastBroadcasts is how long a box that stops goes on keeping changes as
// broadcasts: many times what the last write of a lesson takes, and little of
// the five seconds that a service manager gives it.
const lastBroadcasts = 500 * time.Millisecond

// watch tells changes of rows until cancel is called: at once to those who
// listen to the table, and as broadcasts that can be heard again. Each of those
// takes a sync of the disk, so that the two do not wait for each other: of a
// thousand rows written together the last is heard within milliseconds, and
// kept as a broadcast seconds later.
func (a *Appliance) watch() (cancel func()) {
	var over atomic.Bool
	deafen := a.store.Watch(a.hub.Changed)
	silence := a.store.Watch(func(c table.Change) {
		if !over.Load() {
			a.publish(c)
		}
	})
	return func() {
		defer time.AfterFunc(lastBroadcasts, func() { over.Store(true) }).Stop()
		deafen()
		silence()
	}
}

// publish tells a change as a broadcast, and keeps it.
func (a *Appliance) publish(c table.Change) {
	err := a.hub.Post(auth.Claims{Role: auth.Service}, realtime.Post{
		Topic: tableTopic + c.Table.Name, Private: true, Persist: realtime.Persist{Wanted: true},
		Broadcast: realtime.Broadcast{
			Event: c.Op, Encoding: wire.JSON, At: clock.Now(),
			Payload: encode(broadcastChange{
				ID: uuid.NewString(), Operation: c.Op, Schema: c.Table.Schema, Table: c.Table.Name,
				Record: c.New, OldRecord: c.Old,
			}),
		},
	})
	if err != nil {
		a.log.Warn("cannot broadcast a change", "table", c.Table.Name, "err", err)
	}
}
