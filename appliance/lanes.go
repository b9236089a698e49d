package appliance

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"downbeat.local/appliance/rtc"
)

// openLanes takes the UDP port of the data channels: that of the config, or that
// of the pages, or any. A box that gets no port works without lanes, unless the
// config asks for one.
func (a *Appliance) openLanes() error {
	certificate, err := a.store.Kept(context.Background(), laneCertificate, func() ([]byte, error) {
		pem, err := rtc.NewCertificate()
		return []byte(pem), err
	})
	if err != nil {
		return err
	}
	host, same := laneHost(a.listener.Addr())
	ports := []int{same, 0}
	if a.cfg.RTCPort != 0 {
		ports = []int{int(a.cfg.RTCPort)}
	}
	for _, port := range ports {
		cfg := rtc.Config{Addr: net.JoinHostPort(host, strconv.Itoa(port)), Certificate: string(certificate)}
		if err = a.transport.OpenLanes(context.Background(), cfg); err == nil {
			return nil
		}
	}
	if a.cfg.RTCPort != 0 {
		return fmt.Errorf("give another UDP port with --rtc-port: %w", err)
	}
	a.log.Warn("no WebRTC: the WebSocket does everything", "err", err)
	return nil
}

// laneCertificate names the secret by which peers know the box.
const laneCertificate = "lane"

// laneHost is the host where peers reach a box that listens there, and the port
// that is most likely open for them too.
func laneHost(listening net.Addr) (host string, port int) {
	addr, ok := listening.(*net.TCPAddr)
	if !ok {
		return "", 0
	}
	if addr.IP == nil || addr.IP.IsUnspecified() {
		return "", addr.Port // any address, IPv4 and IPv6
	}
	return addr.IP.String(), addr.Port
}
