package transport

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/stun/v4"
)

// size is how many peers packets may come for, and from how many addresses.
func (g *gate) size() (doors, places int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.doors), len(g.places)
}

func checkOf(t *testing.T, who string) []byte {
	t.Helper()
	m, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername(who))
	if err != nil {
		t.Fatal(err)
	}
	return m.Raw
}

func at(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), port)
}

func TestGate(t *testing.T) {
	g := newGate(nil)
	g.open("box")
	for _, step := range []struct {
		what   string
		packet []byte
		from   netip.AddrPort
		want   bool
	}{
		{"a stranger's", []byte("\x16 who is there"), at(1), false},
		{"nothing", nil, at(1), false},
		{"half a check", checkOf(t, "box:phone")[:24], at(1), false},
		{"a check of nobody", checkOf(t, "other:phone"), at(1), false},
		{"a check without a name", checkOf(t, ""), at(1), false},
		{"the phone's check", checkOf(t, "box:phone"), at(1), true},
		{"the phone's", []byte("\x16 it is me"), at(1), true},
		{"another's", []byte("\x16 it is me"), at(2), false},
	} {
		if got := g.passes(step.packet, step.from); got != step.want {
			t.Errorf("%s: passes %v, want %v", step.what, got, step.want)
		}
	}
	g.shut("box")
	if g.passes([]byte("\x16 it is me"), at(1)) {
		t.Error("a packet passes for a peer that has ended")
	}
	if doors, places := g.size(); doors+places > 0 {
		t.Errorf("%d doors and %d addresses are left", doors, places)
	}
}

// TestGateHoldsBackAFlood: neither many packets nor many addresses take the
// memory of the box.
func TestGateHoldsBackAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(nil)
		g.open("box")
		check, passed := checkOf(t, "box:phone"), 0
		for port := range uint16(3 * doorPlaces) {
			if g.passes(check, at(1+port)) {
				passed++
			}
		}
		if passed != doorPlaces {
			t.Errorf("checks of %d addresses passed, want %d", passed, doorPlaces)
		}
		time.Sleep(time.Second)
		for range 3 * doorBurst {
			if g.passes(check, at(1)) {
				passed++
			}
		}
		if passed != doorPlaces+doorBurst {
			t.Errorf("%d packets of a flood passed, want %d", passed-doorPlaces, doorBurst)
		}
	})
}

// TestOnePeersPlaceBecomesAnothers: a device that makes a new peer may do so
// behind the same port.
func TestOnePeersPlaceBecomesAnothers(t *testing.T) {
	g := newGate(nil)
	g.open("old")
	g.open("new")
	for _, who := range []string{"old:phone", "new:phone"} {
		if !g.passes(checkOf(t, who), at(1)) {
			t.Fatalf("the check of %s does not pass", who)
		}
	}
	g.shut("old")
	if !g.passes([]byte("\x16 it is me"), at(1)) {
		t.Error("the end of the old peer ended the new one")
	}
}

// TestGateFindsTheNextPacket behind those that may not pass.
func TestGateFindsTheNextPacket(t *testing.T) {
	box, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	phone, err := net.DialUDP("udp4", nil, box.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = phone.Close() })
	g := newGate(box)
	g.open("box")
	check := checkOf(t, "box:phone")
	for _, packet := range [][]byte{[]byte("noise"), checkOf(t, "nobody:phone"), check} {
		if _, err := phone.Write(packet); err != nil {
			t.Fatal(err)
		}
	}
	_ = box.SetReadDeadline(time.Now().Add(20 * time.Second))
	b := make([]byte, 2000)
	n, from, err := g.ReadFromAddrPort(b)
	if err != nil || string(b[:n]) != string(check) || from.String() != phone.LocalAddr().String() {
		t.Errorf("read %q of %v, %v; want the check", b[:n], from, err)
	}
}

// FuzzGate: whatever a stranger sends stays outside, unless he asks for a peer
// by its name.
func FuzzGate(f *testing.F) {
	f.Add([]byte("\x16 it is me"))
	f.Add([]byte("\x00\x01\x00\x08\x21\x12\xa4\x42............\x00\x06\x00\x03boxx"))
	f.Add([]byte("\x00\x01\x00\x08\x21\x12\xa4\x42............\x00\x06\x00\x04boxx"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		g := newGate(nil)
		g.open("box")
		if g.passes(packet, at(1)) && !(stun.IsMessage(packet) && bytes.Contains(packet, []byte("box"))) {
			t.Errorf("%q passes", packet)
		}
		if g.passes([]byte("\x16 it is me"), at(2)) {
			t.Errorf("after %q another passes", packet)
		}
	})
}
