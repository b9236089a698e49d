package musicroom

import (
	"net"

	"downbeat.local/appliance/ratelimit"
)

// Devices counts the devices with a client in a room, by their addresses. This
// machine does not count.
func (rs *Rooms) Devices() int {
	addresses := make(map[string]bool)
	for _, r := range rs.list() {
		r.addAddresses(addresses)
	}
	return len(addresses)
}

func (r *Room) addAddresses(all map[string]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, clients := range r.clients {
		for _, c := range clients {
			if c.conn == nil {
				continue // a keyboard of the box
			}
			host, _, _ := net.SplitHostPort(c.member.Address())
			if ip := net.ParseIP(host); ip != nil && !ip.IsLoopback() {
				all[ratelimit.AddressKey(host)] = true
			}
		}
	}
}
