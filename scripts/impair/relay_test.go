package impair_test

import (
	"context"
	"encoding/binary"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"downbeat.local/scripts/impair"
)

// echo sends every datagram back until the test ends.
func echo(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteToUDPAddrPort(buf[:n], from)
		}
	})
	t.Cleanup(func() { _ = conn.Close(); serving.Wait() })
	return conn
}

// relay runs a relay until the test ends.
func relay(t *testing.T, c impair.Conditions) *impair.Relay {
	t.Helper()
	r, err := impair.NewRelay(echo(t).LocalAddr().(*net.UDPAddr).AddrPort(), c, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	return r
}

// ask sends n datagrams and returns the numbers of those that come back.
func ask(t *testing.T, r *impair.Relay, n int) (back []uint32) {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(r.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for i := range n {
		if _, err := conn.Write(binary.BigEndian.AppendUint32(nil, uint32(i))); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 16)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		size, err := conn.Read(buf)
		if err != nil {
			return back
		}
		back = append(back, binary.BigEndian.Uint32(buf[:size]))
	}
}

func TestRelayPassesEverythingInOrder(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("", func(t *testing.T) {
		r := relay(t, impair.Conditions{Jitter: 3 * time.Millisecond})
		back := ask(t, r, 100)
		if len(back) != 100 {
			t.Fatalf("%d of 100 came back", len(back))
		}
		for i, n := range back {
			if int(n) != i {
				t.Fatalf("datagram %d came as number %d", n, i)
			}
		}
	})
}

func TestRelayLosesBothWays(t *testing.T) {
	r := relay(t, impair.Conditions{Loss: 0.5})
	back := ask(t, r, 100)
	up, down := r.Counts()
	if up.Packets != 100 || up.Lost == 0 || down.Packets != 100-up.Lost || down.Lost == 0 {
		t.Errorf("up %+v, down %+v", up, down)
	}
	if len(back) != down.Packets-down.Lost {
		t.Errorf("%d came back, want %d", len(back), down.Packets-down.Lost)
	}
	if err := r.Impair(impair.Conditions{}, 1); err != nil {
		t.Fatal(err)
	}
	if back := ask(t, r, 10); len(back) != 10 {
		t.Errorf("%d of 10 came back over a good link", len(back))
	}
}
