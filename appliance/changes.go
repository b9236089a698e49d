package appliance

import (
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

// changed tells a change of a row to those who listen to the table, and as a
// broadcast that can be heard again. It is called for one after the other.
func (a *Appliance) changed(c table.Change) {
	a.hub.Changed(c)
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
