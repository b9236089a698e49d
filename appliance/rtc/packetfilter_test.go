package rtc

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/stun/v4"
)

func newCheck(t *testing.T, who string) []byte {
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

func TestPacketFilter(t *testing.T) {
	f := newPacketFilter(nil)
	f.admit("box")
	for _, step := range []struct {
		what   string
		packet []byte
		from   netip.AddrPort
		want   bool
	}{
		{"a stranger's", []byte("\x16 who is there"), at(1), false},
		{"nothing", nil, at(1), false},
		{"half a check", newCheck(t, "box:phone")[:24], at(1), false},
		{"a check for no peer", newCheck(t, "other:phone"), at(1), false},
		{"a check without a name", newCheck(t, ""), at(1), false},
		{"the phone's check", newCheck(t, "box:phone"), at(1), true},
		{"the phone's", []byte("\x16 it is me"), at(1), true},
		{"another's", []byte("\x16 it is me"), at(2), false},
	} {
		if got := f.passes(step.packet, step.from); got != step.want {
			t.Errorf("%s: passes %v, want %v", step.what, got, step.want)
		}
	}
	f.forget("box")
	if f.passes([]byte("\x16 it is me"), at(1)) {
		t.Error("a packet passes for a peer that has ended")
	}
	if peers, addresses := f.size(); peers+addresses > 0 {
		t.Errorf("%d peers and %d addresses are left", peers, addresses)
	}
}

// TestPacketFilterDropsAFlood checks that neither many packets nor many addresses
// fill the box's memory.
func TestPacketFilterDropsAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newPacketFilter(nil)
		f.admit("box")
		check, passed := newCheck(t, "box:phone"), 0
		for port := range uint16(3 * maxAddresses) {
			if f.passes(check, at(1+port)) {
				passed++
			}
		}
		if passed != maxAddresses {
			t.Errorf("checks of %d addresses passed, want %d", passed, maxAddresses)
		}
		time.Sleep(time.Second)
		for range 3 * packetsBurst {
			if f.passes(check, at(1)) {
				passed++
			}
		}
		if passed != maxAddresses+packetsBurst {
			t.Errorf("%d packets of a flood passed, want %d", passed-maxAddresses, packetsBurst)
		}
	})
}

// TestAddressPassesToANewPeer covers a device that makes a new peer on the same
// port.
func TestAddressPassesToANewPeer(t *testing.T) {
	f := newPacketFilter(nil)
	f.admit("old")
	f.admit("new")
	for _, name := range []string{"old:phone", "new:phone"} {
		if !f.passes(newCheck(t, name), at(1)) {
			t.Fatalf("the check of %s does not pass", name)
		}
	}
	f.forget("old")
	if !f.passes([]byte("\x16 it is me"), at(1)) {
		t.Error("the end of the old peer ended the new one")
	}
}

// TestPacketFilterReadsTheNextPacket checks that packets which are dropped do not
// end the read.
func TestPacketFilterReadsTheNextPacket(t *testing.T) {
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
	f := newPacketFilter(box)
	f.admit("box")
	check := newCheck(t, "box:phone")
	for _, packet := range [][]byte{[]byte("noise"), newCheck(t, "nobody:phone"), check} {
		if _, err := phone.Write(packet); err != nil {
			t.Fatal(err)
		}
	}
	_ = box.SetReadDeadline(time.Now().Add(20 * time.Second))
	b := make([]byte, 2000)
	n, from, err := f.ReadFromAddrPort(b)
	if err != nil || string(b[:n]) != string(check) || from.String() != phone.LocalAddr().String() {
		t.Errorf("read %q of %v, %v; want the check", b[:n], from, err)
	}
}

// TestAnAddressProvesThatItHears sends checks that bear a third machine's address. It
// is sent at most three times their bytes, until it answers a check of the box's.
func TestAnAddressProvesThatItHears(t *testing.T) {
	f := newPacketFilter(nil)
	f.admit("box")
	victim, check := at(1), newCheck(t, "box:phone")
	own, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername("phone:box"), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	came, went := 0, 0
	send := func() {
		for range 50 {
			if f.mayAnswer(own.Raw, victim) {
				went += len(own.Raw)
			}
		}
	}
	for range 3 {
		if !f.passes(check, victim) {
			t.Fatal("the check does not pass")
		}
		came += len(check)
		send()
	}
	if went > maxAnswer*came || went < came {
		t.Errorf("%d bytes were answered with %d", came, went)
	}
	guess, err := stun.Build(stun.BindingSuccess, stun.TransactionID, stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	if f.passes(guess.Raw, victim); f.addresses[victim].proven {
		t.Error("an answer to no check proves an address")
	}
	answer, err := stun.Build(stun.BindingSuccess, stun.NewTransactionIDSetter(own.TransactionID), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	if !f.passes(answer.Raw, victim) || !f.mayAnswer(make([]byte, 100*came), victim) {
		t.Error("an address that has answered is still bounded")
	}
	f.admit("new")
	if !f.passes(newCheck(t, "new:phone"), victim) || !f.mayAnswer(make([]byte, 100*came), victim) {
		t.Error("a device's second peer has to prove its address again")
	}
}

// FuzzPacketFilter checks that no packet of a stranger passes, unless it names a
// peer.
func FuzzPacketFilter(f *testing.F) {
	f.Add([]byte("\x16 it is me"))
	f.Add([]byte("\x00\x01\x00\x08\x21\x12\xa4\x42............\x00\x06\x00\x03boxx"))
	f.Add([]byte("\x00\x01\x00\x08\x21\x12\xa4\x42............\x00\x06\x00\x04boxx"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		f := newPacketFilter(nil)
		f.admit("box")
		if f.passes(packet, at(1)) && !(stun.IsMessage(packet) && bytes.Contains(packet, []byte("box"))) {
			t.Errorf("%q passes", packet)
		}
		if f.passes([]byte("\x16 it is me"), at(2)) {
			t.Errorf("after %q another passes", packet)
		}
	})
}
