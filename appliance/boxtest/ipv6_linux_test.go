package boxtest

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance"
	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/lan/lantest"
	"downbeat.local/appliance/room"
)

// TestIPv6Only runs a box on a machine that has no IPv4 address but 127.0.0.1.
// Its links work, and notes take the lane.
func TestIPv6Only(t *testing.T) {
	if !lantest.In(t, `link add eth0 type veth peer name far
		link set eth0 up
		link set far up
		address add 2001:db8::7/64 dev eth0 nodad
		address add fd00:db::7/64 dev eth0 nodad`) {
		return
	}
	b := openBox(t, appliance.Config{Listen: "0.0.0.0:0", Door: room.DoorOpen})
	port := b.Addr().(*net.TCPAddr).Port
	want := []string{fmt.Sprintf("[fd00:db::7]:%d", port), fmt.Sprintf("[2001:db8::7]:%d", port)}
	b.url = "http://" + want[0]
	b.staff = browser(t, b.url, &http.Cookie{Name: "downbeat_session", Value: session})
	var status struct{ Addresses []string }
	b.call("GET", "/box/v1/status", nil, &status)
	if diff := cmp.Diff(want, status.Addresses); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	b.open("MUSIC-2024")
	for _, address := range want {
		r, err := classroom.Run(t.Context(), classroom.Config{
			URL: "http://" + address, Room: "MUSIC-2024", Students: 3, Rate: 4, Duration: time.Second,
			Transport: classroom.TransportLane, Arrival: classroom.ArrivalUniform,
		})
		if err != nil || r.Delivered == 0 || r.Network.Down > 0 {
			t.Errorf("at %s: %d of %d notes delivered, %d lanes down, %v", address, r.Delivered, r.Sent, r.Network.Down, err)
		}
	}
	if said := b.out.String(); !strings.Contains(said, "Downbeat is at http://"+want[0]+"\n") {
		t.Errorf("the box printed %q", said)
	}
}
