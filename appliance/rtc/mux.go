package rtc

import (
	"log/slog"
	"net"

	"github.com/pion/ice/v4"

	"downbeat.local/appliance/lan"
)

// mux shares one UDP socket between all peers. It looks up this machine's
// addresses for every answer, because they change.
type mux struct {
	*ice.UDPMuxDefault
	filter *packetFilter
}

func newMux(conn *net.UDPConn, log *slog.Logger) *mux {
	f := newPacketFilter(conn)
	return &mux{UDPMuxDefault: ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: f, Logger: quietLog{log}}), filter: f}
}

// GetConn returns a peer's share of the socket, by the box's ufrag for the peer.
func (m *mux) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	m.filter.admit(ufrag)
	return m.UDPMuxDefault.GetConn(ufrag, addr)
}

// RemoveConnByUfrag takes a peer's share away.
func (m *mux) RemoveConnByUfrag(ufrag string) {
	m.UDPMuxDefault.RemoveConnByUfrag(ufrag)
	m.filter.forget(ufrag)
}

// GetListenAddresses returns where clients may reach the socket.
func (m *mux) GetListenAddresses() []net.Addr {
	local, ok := m.filter.LocalAddr().(*net.UDPAddr)
	if !ok || !local.IP.IsUnspecified() {
		return []net.Addr{m.filter.LocalAddr()}
	}
	var all []net.Addr
	for _, ip := range lan.Reachable(lan.Read()) {
		all = append(all, &net.UDPAddr{IP: ip.AsSlice(), Port: local.Port})
	}
	return all
}

// Close closes the socket as well.
func (m *mux) Close() error {
	err := m.UDPMuxDefault.Close()
	_ = m.filter.Close() // closed already if the mux owns it
	return err
}
