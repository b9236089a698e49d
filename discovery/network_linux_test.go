package discovery_test

import (
	"bufio"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"downbeat.local/discovery"
	"downbeat.local/discovery/netlab"
)

// soon is for what takes a few seconds: machines that run tests are slow.
const soon = time.Minute

var (
	both      = discovery.Status{Printed: "downbeat.local", Own: "downbeat-x7k2.local"}
	contested = discovery.Status{Own: "downbeat-abcd.local", Contested: true}
)

// classroom is a box and a computer with Avahi on one switch.
func classroom(t *testing.T) (*netlab.Lab, func(argv ...string) string) {
	l := netlab.New(t)
	l.Switch("hub")
	l.Host("box")
	l.Host("pc")
	l.Plug("box", "lan0", "hub", "10.77.0.1/24", "fd77::1/64")
	l.Plug("pc", "lan0", "hub", "10.77.0.2/24", "fd77::2/64")
	return l, l.Avahi("pc")
}

// TestAvahiFindsTheBox asks with Avahi's tools, from another host.
func TestAvahiFindsTheBox(t *testing.T) {
	t.Parallel()
	l, on := classroom(t)
	b := runOn(t, l, "box", "x7k2")
	b.is(both)
	for _, ask := range []struct{ want, argv string }{
		{"10.77.0.1", "avahi-resolve -4 -n downbeat.local"},
		{"fd77::1", "avahi-resolve -6 -n downbeat.local"},
		{"10.77.0.1", "avahi-resolve -4 -n downbeat-x7k2.local"},
		{"downbeat.local", "avahi-resolve -a 10.77.0.1"},
		{"downbeat.local", "avahi-resolve -a fd77::1"},
	} {
		l.Says(soon, on, ask.want, strings.Fields(ask.argv)...)
	}
	for _, kind := range []string{"_downbeat._tcp", "_http._tcp"} {
		out := l.Says(soon, on, `;downbeat-x7k2.local;10.77.0.1;8080;`, "avahi-browse", "-rtp", kind)
		if !strings.Contains(out, `"id=x7k2"`) {
			t.Errorf("the text of %s is missing:\n%s", kind, out)
		}
	}
	b.end()
	l.Await(soon, func() bool { return !strings.Contains(on("avahi-browse", "-tp", "_downbeat._tcp"), "downbeat-x7k2") },
		func() string { return "the box has stopped, and Avahi still lists it" })
}

// TestPlainClients asks as a program without multicast DNS, and finds the box as
// another box does.
func TestPlainClients(t *testing.T) {
	t.Parallel()
	l, _ := classroom(t)
	runOn(t, l, "box", "x7k2").is(both)
	got := result(t, l, "pc", "ask", func(a answer) bool { return len(a.Addresses) > 0 }, "downbeat.local.")
	if !slices.Equal(got.Addresses, []string{"10.77.0.1"}) || !got.SameID || got.TTL > 10 {
		t.Errorf("answered %+v", got)
	}
	t.Logf("answered after %.1f ms", got.MS)
	boxes := result(t, l, "pc", "find", func(b []discovery.Box) bool { return len(b) == 1 })
	if b := boxes[0]; b.Label != "downbeat-x7k2" || b.Port != 8080 || b.Addresses[0].String() != "10.77.0.1" || b.Text["id"] != "x7k2" {
		t.Errorf("found %+v", b)
	}
}

// TestPythonFindsTheBox asks with python-zeroconf.
func TestPythonFindsTheBox(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import zeroconf").Run(); err != nil {
		t.Skip("python3-zeroconf is missing: scripts/setup.sh installs it")
	}
	l, _ := classroom(t)
	runOn(t, l, "box", "x7k2").is(both)
	var got struct {
		Browsed, Addresses []string
		Server             string
		Port               int
		Text               map[string]string
	}
	out := ""
	l.Await(2*soon, func() bool {
		raw, err := l.On("pc", python, "testdata/lookup.py", "downbeat-x7k2").Output()
		out = string(raw)
		return err == nil && json.Unmarshal(raw, &got) == nil && len(got.Browsed) > 0
	}, func() string { return "python-zeroconf finds " + out })
	if got.Server != "downbeat-x7k2.local." || got.Port != 8080 || got.Text["id"] != "x7k2" || !slices.Contains(got.Addresses, "10.77.0.1") {
		t.Errorf("python-zeroconf finds %+v", got)
	}
}

// TestTwoBoxesOfOneName starts a second box where one is, and stops the first.
func TestTwoBoxesOfOneName(t *testing.T) {
	t.Parallel()
	l, on := classroom(t)
	first := runOn(t, l, "box", "x7k2")
	first.is(both)
	l.Host("next")
	l.Plug("next", "lan0", "hub", "10.77.0.3/24")
	second := runOn(t, l, "next", "abcd")
	second.is(contested)
	l.Says(soon, on, "10.77.0.1", "avahi-resolve", "-4", "-n", "downbeat.local")
	l.Says(soon, on, "10.77.0.3", "avahi-resolve", "-4", "-n", "downbeat-abcd.local")
	first.end()
	second.is(discovery.Status{Printed: "downbeat.local", Own: "downbeat-abcd.local"})
	l.Says(soon, on, "10.77.0.3", "avahi-resolve", "-4", "-n", "downbeat.local")
}

// TestTheAddressChanges gives the box another address, and pulls its cable.
func TestTheAddressChanges(t *testing.T) {
	t.Parallel()
	l, on := classroom(t)
	b := runOn(t, l, "box", "x7k2")
	b.is(both)
	l.Says(soon, on, "10.77.0.1", "avahi-resolve", "-4", "-n", "downbeat.local")
	began := time.Now()
	l.IP("box", "address", "del", "10.77.0.1/24", "dev", "lan0")
	l.Give("box", "lan0", "10.77.0.5/24")
	l.Says(soon, on, "10.77.0.5", "avahi-resolve", "-4", "-n", "downbeat.local")
	t.Logf("Avahi has the new address after %v", time.Since(began).Round(time.Millisecond))
	l.Says(soon, on, `;10.77.0.5;8080;`, "avahi-browse", "-rtp", "_downbeat._tcp")

	l.IP("hub", "link", "set", "boxlan0", "down")
	b.is(discovery.Status{})
	l.IP("hub", "link", "set", "boxlan0", "up")
	b.is(both)
}

// TestTheBoxStartsBeforeItsCable starts a box that is not plugged in.
func TestTheBoxStartsBeforeItsCable(t *testing.T) {
	t.Parallel()
	l, on := classroom(t)
	l.Host("early")
	b := runOn(t, l, "early", "x7k2")
	l.Plug("early", "lan0", "hub", "10.77.0.4/24")
	b.is(both)
	l.Says(soon, on, "10.77.0.4", "avahi-resolve", "-4", "-n", "downbeat.local")
	l.Says(soon, on, `;10.77.0.4;8080;`, "avahi-browse", "-rtp", "_downbeat._tcp")
}

// TestBesideAvahi runs a box on a host where Avahi has the same host name.
// Neither may take the other for a stranger.
func TestBesideAvahi(t *testing.T) {
	t.Parallel()
	l, on := classroom(t)
	local := l.Avahi("box", "host-name=downbeat")
	b := runOn(t, l, "box", "x7k2")
	b.is(both)
	l.Says(soon, on, "10.77.0.1", "avahi-resolve", "-4", "-n", "downbeat.local")
	l.Says(soon, local, `;downbeat-x7k2.local;10.77.0.1;8080;`, "avahi-browse", "-rtp", "_downbeat._tcp")
	b.is(both)
	if out := on("avahi-resolve", "-4", "-n", "downbeat-2.local"); strings.Contains(out, "10.77.0.1") {
		t.Errorf("Avahi has given the host another name: %s", out)
	}
}

// TestTwoInterfacesInOneNetwork plugs a box in twice.
func TestTwoInterfacesInOneNetwork(t *testing.T) {
	t.Parallel()
	l, on := classroom(t)
	l.Plug("box", "wlan0", "hub", "10.77.0.6/24")
	b := runOn(t, l, "box", "x7k2")
	b.is(both)
	l.Says(soon, on, "10.77.0.", "avahi-resolve", "-4", "-n", "downbeat.local")
	l.Says(soon, on, ";downbeat-x7k2.local;10.77.0.", "avahi-browse", "-rtp", "_downbeat._tcp")
	b.is(both)
}

// TestThePortIsTaken starts a box while another program has the port for itself.
// The box says so, and has its names once the other has gone.
func TestThePortIsTaken(t *testing.T) {
	t.Parallel()
	l := netlab.New(t)
	l.Switch("hub")
	l.Host("box")
	l.Plug("box", "lan0", "hub", "10.77.0.1/24")
	hog := self(l, "box", "hog")
	out, err := hog.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := hog.Start(); err != nil {
		t.Fatal(err)
	}
	release := sync.OnceFunc(func() {
		_ = hog.Process.Signal(syscall.SIGTERM)
		_ = hog.Wait()
	})
	t.Cleanup(release)
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the other program: %s %v", line, err)
	}
	b := runOn(t, l, "box", "x7k2")
	b.becomes("in trouble", func(s discovery.Status) bool { return s.Problem == discovery.PortTaken && s.Name() == "" })
	release()
	b.becomes("found", func(s discovery.Status) bool { return s == both })
}

// TestThroughAReflector asks from another network, through Avahi's reflector.
func TestThroughAReflector(t *testing.T) {
	t.Parallel()
	l, _ := classroom(t)
	l.Switch("hub2")
	l.Host("router")
	l.Plug("router", "lan0", "hub", "10.77.0.7/24")
	l.Plug("router", "lan1", "hub2", "10.78.0.7/24")
	l.Host("far")
	l.Plug("far", "lan0", "hub2", "10.78.0.8/24")
	l.Avahi("router", "[reflector]", "enable-reflector=yes")
	b := runOn(t, l, "box", "x7k2")
	b.is(both)
	got := result(t, l, "far", "ask", func(a answer) bool { return len(a.Addresses) > 0 }, "downbeat.local.")
	if !slices.Equal(got.Addresses, []string{"10.77.0.1"}) || !got.SameID {
		t.Errorf("answered %+v", got)
	}
	b.is(both)
}
