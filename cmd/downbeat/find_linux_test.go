package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"downbeat.local/discovery/netlab"
)

// TestABoxIsFound runs a box and finds it from another host, with find and with
// Avahi. It has port 80, so that nobody types a port.
func TestABoxIsFound(t *testing.T) {
	t.Parallel()
	l := netlab.New(t)
	l.Switch("hub")
	l.Host("box")
	l.Host("pc")
	l.Plug("box", "lan0", "hub", "10.77.0.1/24")
	l.Plug("pc", "lan0", "hub", "10.77.0.2/24")
	downbeat := filepath.Join(t.TempDir(), "downbeat")
	if err := os.Symlink(os.Args[0], downbeat); err != nil {
		t.Fatal(err)
	}
	const soon = time.Minute
	on := l.Avahi("pc")

	stdout, stop := startBox(t, l, downbeat, "--data", t.TempDir())
	l.Await(soon, func() bool { return strings.Contains(stdout(), "Downbeat is also at http://downbeat.local\n") }, stdout)
	l.Says(soon, on, "10.77.0.1", "avahi-resolve", "-4", "-n", "downbeat.local")
	l.Says(soon, on, `;10.77.0.1;80;"rooms=none" "version=`, "avahi-browse", "-rtp", "_downbeat._tcp")
	var boxes []foundBox
	out := ""
	l.Await(soon, func() bool {
		raw, err := l.On("pc", downbeat, "find", "--json").Output()
		out = string(raw)
		return err == nil && json.Unmarshal(raw, &boxes) == nil && len(boxes) == 1
	}, func() string { return "find says " + out })
	if b := boxes[0]; len(b.URLs) == 0 || b.URLs[0] != "http://10.77.0.1" || b.Name != "downbeat-"+b.ID+".local" || b.Rooms != "none" {
		t.Errorf("found %+v", b)
	}
	stop()

	// --mdns=false means it.
	stdout, stop = startBox(t, l, downbeat, "--data", t.TempDir(), "--mdns=false", "--listen", "10.77.0.1:8080")
	l.Await(soon, func() bool { return strings.Contains(stdout(), "Downbeat is at http://10.77.0.1\n") }, stdout)
	if out, err := l.On("pc", downbeat, "find", "--json", "--wait", "2s").Output(); err != nil || string(out) != "[]\n" {
		t.Errorf("find says %s and %v", out, err)
	}
	stop()
	if strings.Contains(stdout(), ".local") {
		t.Errorf("a box without multicast DNS says %s", stdout())
	}
}

// startBox runs serve on the host "box".
func startBox(t *testing.T, l *netlab.Lab, downbeat string, args ...string) (stdout func() string, stop func()) {
	t.Helper()
	cmd := l.On("box", append([]string{downbeat, "serve"}, args...)...)
	var out, log safeBuffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the box: %v\n%s", err, log.String())
		}
	})
	t.Cleanup(stop)
	return out.String, stop
}

// safeBuffer is read while a program writes.
type safeBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
