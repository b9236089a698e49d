package auth

import "downbeat.local/appliance/table"

// Caller is the bearer as the policies of tables see him. Tables belong to no
// room: a teacher's seat in any room makes her one.
func (c Claims) Caller() table.Caller {
	return table.Caller{Role: c.Role, Teacher: c.Teacher(c.App.Room)}
}
