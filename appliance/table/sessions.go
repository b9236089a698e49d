package table

// Sessions are the lessons of rooms: from when its first student came until it
// ended. Only the box writes them. The session_id of a reflection is the id of one;
// neither waits for the other, because a student's words may come late.
var Sessions = sessions()

func sessions() *Table {
	return &Table{
		Schema: "public", Name: "sessions", Key: "id",
		Columns: []Column{
			{Name: "id", Type: UUID, Required: true, Default: newID},
			{Name: "room", Type: Text, Required: true},
			{Name: "started_at", Type: Timestamptz, Required: true, Default: now},
			{Name: "ended_at", Type: Timestamptz},
			{Name: "plan_id", Type: UUID},
			{Name: "plan", Type: Text}, // its title
		},
		Policy: Policy{{Who: Teachers, May: Select, Room: "room"}},
	}
}
