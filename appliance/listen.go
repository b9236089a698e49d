package appliance

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"downbeat.local/appliance/web"
)

// listen takes the port. The error says what to do.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program listens on %s: stop it, or give another port with --listen", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s: give a port above 1023 with --listen, or the capability to bind it", address)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %q: give HOST:PORT with --listen, as in 0.0.0.0:8080 (%w)", address, err)
	}
	return l, nil
}

// httpPort is the port that browsers take when none is typed.
const httpPort = 80

// listenShort also takes port 80 of the same host, if the config asks for it and
// the class can reach that host. It returns a sentence if it may not have it. The
// box works without.
func (a *Appliance) listenShort() (problem string) {
	at, err := netip.ParseAddrPort(a.Addr().String())
	if err != nil || !a.cfg.ShortPort || at.Addr().IsLoopback() || at.Port() == httpPort {
		return ""
	}
	host := at.Addr().String()
	if at.Addr().IsUnspecified() {
		host = "" // both families, as far as the machine has them
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(httpPort)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("Another program has port 80, so addresses end in :%d", at.Port())
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("This user may not take port 80, so addresses end in :%d (setcap cap_net_bind_service=+ep on the program allows it)", at.Port())
	case err != nil:
		return fmt.Sprintf("Port 80 cannot be taken, so addresses end in :%d (%v)", at.Port(), err)
	}
	a.short = l
	return ""
}

// addresses are where the box is reached, the shortest first.
func (a *Appliance) addresses() []string {
	if a.short != nil {
		return web.AddressesOn80(a.Addr().String())
	}
	return web.Addresses(a.Addr().String())
}

// pagesAddr is the address of the port that people type.
func (a *Appliance) pagesAddr() string {
	if a.short != nil {
		return a.short.Addr().String()
	}
	return a.Addr().String()
}
