package discovery_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"downbeat.local/discovery"
	"downbeat.local/discovery/netlab"
)

// role is the environment variable that tells a copy of this test program what
// to do on a host of a lab.
const role = "DOWNBEAT_DISCOVERY_TEST"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(role) {
	case "box":
		err = runBox()
	case "ask":
		err = ask()
	case "find":
		err = find()
	case "hog":
		err = hog()
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// runBox runs a box until SIGTERM, and prints its status whenever that changes. A
// second argument is how many devices use the box.
func runBox() error {
	devices := 0
	if len(os.Args) > 2 {
		devices, _ = strconv.Atoi(os.Args[2])
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	d, err := discovery.New(discovery.Config{
		ID: os.Args[1], Port: 8080, Interfaces: interfaces,
		Text:    func() []string { return []string{"id=" + os.Args[1], "path=/"} },
		Devices: func() int { return devices },
		Changed: func(s discovery.Status) { _ = json.NewEncoder(os.Stdout).Encode(s) },
		Log:     slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		return err
	}
	_ = d.Run(ctx)
	return nil
}

// interfaces are all of this host but the loopback.
func interfaces() (all []discovery.Interface) {
	devices, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, dev := range devices {
		addrs, err := dev.Addrs()
		if err != nil || dev.Flags&net.FlagRunning == 0 || dev.Flags&net.FlagLoopback != 0 {
			continue
		}
		i := discovery.Interface{Index: dev.Index, Name: dev.Name}
		for _, a := range addrs {
			i.Prefixes = append(i.Prefixes, netip.MustParsePrefix(a.String()))
		}
		all = append(all, i)
	}
	return all
}

// answer is what ask prints.
type answer struct {
	MS        float64
	Addresses []string
	SameID    bool
	TTL       uint32
}

// ask asks for the address of a name as a plain DNS client does, with an id and
// recursion desired, and waits at most two seconds.
func ask() error {
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	m := new(dns.Msg)
	m.SetQuestion(os.Args[1], dns.TypeA)
	raw, err := m.Pack()
	if err != nil {
		return err
	}
	began := time.Now()
	if _, err := conn.WriteToUDPAddrPort(raw, netip.MustParseAddrPort("224.0.0.251:5353")); err != nil {
		return err
	}
	_ = conn.SetReadDeadline(began.Add(2 * time.Second))
	buffer := make([]byte, 9000)
	n, err := conn.Read(buffer)
	if err != nil {
		return err
	}
	var got dns.Msg
	if err := got.Unpack(buffer[:n]); err != nil {
		return err
	}
	a := answer{MS: float64(time.Since(began).Microseconds()) / 1000, SameID: got.Id == m.Id}
	for _, rr := range got.Answer {
		if record, ok := rr.(*dns.A); ok {
			a.Addresses, a.TTL = append(a.Addresses, record.A.String()), record.Hdr.Ttl
		}
	}
	return json.NewEncoder(os.Stdout).Encode(a)
}

// hog has the port of multicast DNS for itself until SIGTERM.
func hog() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	for _, network := range []string{"udp4", "udp6"} {
		conn, err := net.ListenUDP(network, &net.UDPAddr{Port: 5353})
		if err != nil {
			return err
		}
		defer conn.Close()
	}
	fmt.Println("ready")
	<-ctx.Done()
	return nil
}

// find prints the boxes of the network as JSON.
func find() error {
	boxes, err := discovery.Find(context.Background(), discovery.FindConfig{Interfaces: interfaces(), Wait: 2 * time.Second})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(boxes)
}

// self is a copy of this test program on a host.
func self(l *netlab.Lab, host, what string, args ...string) *exec.Cmd {
	cmd := l.On(host, append([]string{os.Args[0]}, args...)...)
	cmd.Env = append(os.Environ(), role+"="+what)
	return cmd
}

// result runs a copy of this program until it prints JSON that satisfies.
func result[T any](t testing.TB, l *netlab.Lab, host, what string, satisfies func(T) bool, args ...string) (got T) {
	t.Helper()
	last := ""
	l.Await(soon, func() bool {
		out, err := self(l, host, what, args...).CombinedOutput()
		last = string(out)
		return err == nil && json.Unmarshal(out, &got) == nil && satisfies(got)
	}, func() string { return fmt.Sprintf("%s %v on %s says %s", what, args, host, last) })
	return got
}

// box is a box on a host of a lab.
type box struct {
	t   testing.TB
	l   *netlab.Lab
	cmd *exec.Cmd
	end func()

	mu     sync.Mutex // guards status
	status discovery.Status
}

func runOn(t testing.TB, l *netlab.Lab, host, id string, devices ...string) *box {
	t.Helper()
	b := &box{t: t, l: l, cmd: self(l, host, "box", append([]string{id}, devices...)...)}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	b.cmd.Stderr = &complaints
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		b.read(bufio.NewScanner(out))
	}()
	b.end = sync.OnceFunc(func() {
		_ = b.cmd.Process.Signal(syscall.SIGTERM)
		<-read
		if err := b.cmd.Wait(); err != nil {
			t.Errorf("box %s: %v\n%s", id, err, complaints.String())
		}
	})
	t.Cleanup(func() {
		b.end()
		if t.Failed() {
			t.Logf("box %s:\n%s", id, complaints.String())
		}
	})
	return b
}

func (b *box) read(lines *bufio.Scanner) {
	for lines.Scan() {
		var s discovery.Status
		if json.Unmarshal(lines.Bytes(), &s) == nil {
			b.mu.Lock()
			b.status = s
			b.mu.Unlock()
		}
	}
}

// is waits until the box has a status.
func (b *box) is(want discovery.Status) {
	b.t.Helper()
	b.becomes(fmt.Sprintf("%+v", want), func(s discovery.Status) bool { return s == want })
}

// becomes waits until the status of the box satisfies.
func (b *box) becomes(what string, satisfies func(discovery.Status) bool) {
	b.t.Helper()
	var got discovery.Status
	b.l.Await(soon, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		got = b.status
		return satisfies(got)
	}, func() string { return fmt.Sprintf("the box is %+v, want %s", got, what) })
}
