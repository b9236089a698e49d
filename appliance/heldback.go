package appliance

import (
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/transport"
)

// heldBackAfter is how many refusals make a device one that the teacher hears of.
// A student who opens one tab too many is none.
const heldBackAfter = 10

// heldBack lists the devices that are held back now, and who joined from them.
func (a *Appliance) heldBack() (all []room.HeldBack) {
	for _, r := range a.ledger.Refusals() {
		if r.Address != "" && r.Times >= heldBackAfter {
			all = append(all, room.HeldBack{Address: r.Address, Of: string(r.Resource), Students: a.rooms.At(r.Address, r.Device, r.Client)})
		}
	}
	return all
}

// refused tells the account of a caller who found no place.
func (a *Appliance) refused(who transport.Caller) {
	a.ledger.Refuse(cost.Connections, cost.Payer{Client: who.Subject, Address: who.Network, Device: who.Device})
}
