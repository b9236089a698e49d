package auth

import "downbeat.local/appliance/table"

// Caller is the bearer as the policies of tables see them. A teacher's seat in
// any room makes its bearer a teacher; rules about one room look at Room.
func (c Claims) Caller() table.Caller {
	return table.Caller{
		Role: c.Role, Teacher: c.Teacher(c.App.Room), Subject: c.Subject, Room: c.App.Room, Left: c.Left,
		Child: c.Child, Consent: c.Consent, CheckIn: c.CheckIn, Session: c.Session, Sat: c.Sat,
	}
}
