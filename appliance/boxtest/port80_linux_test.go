package boxtest

import (
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"downbeat.local/appliance"
	"downbeat.local/appliance/lan/lantest"
)

// TestPort80 opens a box that wishes for port 80 too, and reads what it says about it
// and which address it shows.
func TestPort80(t *testing.T) {
	const withPort = "10.77.0.1:8080"
	for name, c := range map[string]struct {
		prepare func(t *testing.T)
		wish    bool
		address string // where the pages are, the shortest that works
		says    string // one sentence; empty for none
	}{
		"it may": {wish: true, address: "10.77.0.1"},
		"another program has it": {
			prepare: takePort80, wish: true, address: withPort,
			says: "Another program has port 80, so addresses end in :8080",
		},
		"this user may not": {
			prepare: dropPorts, wish: true, address: withPort,
			says: "This user may not take port 80, so addresses end in :8080 (setcap cap_net_bind_service=+ep on the program allows it)",
		},
		"it does not wish to": {prepare: takePort80, address: withPort},
	} {
		t.Run(name, func(t *testing.T) {
			if !lantest.In(t, `link add eth0 type veth peer name far
				link set eth0 up
				link set far up
				address add 10.77.0.1/24 dev eth0`) {
				return
			}
			if c.prepare != nil {
				c.prepare(t)
			}
			b := openBox(t, appliance.Config{Listen: "0.0.0.0:8080", ShortPort: c.wish})
			b.url = "http://" + c.address
			var status struct{ Addresses []string }
			b.want(http.StatusOK, "GET", "/box/v1/status", nil, &status) // the address works
			want := []string{c.address}
			if c.address != withPort {
				want = append(want, withPort)
			}
			if diff := cmp.Diff(want, status.Addresses); diff != "" {
				t.Errorf("the addresses on the pages (-want +got):\n%s", diff)
			}
			b.stop() // it has said everything
			said := b.out.String()
			if !strings.Contains(said, "Downbeat is at http://"+c.address+"\n") {
				t.Errorf("the box printed %q", said)
			}
			if c.says == "" && strings.Contains(said, "port 80,") || !strings.Contains(said, c.says) {
				t.Errorf("the box printed %q, want %q", said, c.says)
			}
		})
	}
}

// takePort80 is another program that has the port.
func takePort80(t *testing.T) {
	l, err := net.Listen("tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
}

// dropPorts takes from this thread, on which the box is opened, the right to ports
// below 1024. The thread ends with its test.
func dropPorts(t *testing.T) {
	runtime.LockOSThread()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var rights [2]unix.CapUserData
	if err := unix.Capget(&header, &rights[0]); err != nil {
		t.Fatal(err)
	}
	rights[0].Effective &^= 1 << unix.CAP_NET_BIND_SERVICE
	if err := unix.Capset(&header, &rights[0]); err != nil {
		t.Fatal(err)
	}
}
