package appliance

import (
	"fmt"
	"net"
)

// greet prints the addresses of the box for the person who started it.
func (a *Appliance) greet() {
	if a.cfg.Demo != nil {
		a.greetDemo()
		return
	}
	for _, address := range a.addresses() {
		fmt.Fprintf(a.cfg.Out, "Downbeat is at http://%s\n", address)
	}
	if a.noShort != "" {
		fmt.Fprintln(a.cfg.Out, a.noShort)
	}
	if lanes, ok := a.transport.LaneAddr().(*net.UDPAddr); ok {
		fmt.Fprintf(a.cfg.Out, "Notes by WebRTC take UDP port %d\n", lanes.Port)
	}
	if code := a.people.ClaimCode(); code != "" {
		fmt.Fprintf(a.cfg.Out, "This box has no teacher yet. Claim it at /teacher with the code %s\n", code)
	}
}
