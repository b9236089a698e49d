package discovery_test

import (
	"slices"
	"testing"

	"downbeat.local/discovery"
)

// TestASwitchThatDropsMulticast has a box behind a switch that keeps multicast
// from it, as an access point does. Thirty devices use the box all the same.
func TestASwitchThatDropsMulticast(t *testing.T) {
	t.Parallel()
	l, on := classroom(t)
	l.Flood("hub", "boxlan0", false)
	b := runOn(t, l, "box", "x7k2", "30")
	dropped := both
	dropped.Problem = discovery.Dropped
	b.is(dropped)
	l.Flood("hub", "boxlan0", true)
	on("avahi-resolve", "-4", "-n", "upbeat.local") // not in its cache: it asks, and is heard
	b.is(both)
}

// TestADeviceWithoutIPv6 asks for the address of a box that has both families.
func TestADeviceWithoutIPv6(t *testing.T) {
	t.Parallel()
	l, _ := classroom(t)
	runOn(t, l, "box", "x7k2").is(both)
	l.Host("old")
	l.Plug("old", "lan0", "hub", "10.77.0.8/24")
	got := result(t, l, "old", "ask", func(a answer) bool { return len(a.Addresses) > 0 }, "downbeat.local.")
	if !slices.Equal(got.Addresses, []string{"10.77.0.1"}) {
		t.Errorf("answered %+v", got)
	}
	l.Says(soon, l.Avahi("old"), "10.77.0.1", "avahi-resolve", "-4", "-n", "downbeat.local")
}
