package auth

import (
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/room"
)

// Staff reports whether the bearer is a teacher, a stage or a service.
func (c Claims) Staff() bool { return c.Teacher(c.App.Room) || c.App.Role == room.RoleStage }

// Payer returns whom the account of costs charges for what the bearer asks from
// an address, HOST:PORT: the person whom the token names, or else the connection,
// and their device.
func (c Claims) Payer(remote string) cost.Payer {
	p := cost.PayerAt(remote, c.Subject, c.Staff())
	if p.Address != "" {
		p.Device = c.App.Device
	}
	return p
}
