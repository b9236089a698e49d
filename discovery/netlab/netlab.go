// Package netlab makes networks of the kernel's network namespaces, for tests:
// hosts on switches, Avahi on a host, cables that can be pulled. Nothing of it
// is seen by the machine's own network.
package netlab

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Lab is hosts and switches. All of it ends with its test.
type Lab struct {
	t      testing.TB
	prefix string
	plugs  int
}

// labs numbers the labs of this process, which run side by side.
var labs atomic.Int32

// New needs root and what scripts/setup.sh installs. Without them it skips the
// test.
func New(t testing.TB) *Lab {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("a network namespace takes root")
	}
	for _, program := range []string{"ip", "avahi-daemon", "avahi-browse", "dbus-daemon", "nsenter", "unshare"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is missing: scripts/setup.sh installs it", program)
		}
	}
	l := &Lab{t: t, prefix: fmt.Sprintf("dblab%d-%d-", os.Getpid(), labs.Add(1))}
	if out, err := exec.Command("ip", "netns", "add", l.prefix+"try").CombinedOutput(); err != nil {
		t.Skipf("this kernel makes no network namespace: %s", out)
	}
	l.must("ip", "netns", "del", l.prefix+"try")
	return l
}

// Host adds a host, which is not plugged in.
func (l *Lab) Host(name string) {
	l.t.Helper()
	l.must("ip", "netns", "add", l.prefix+name)
	l.t.Cleanup(func() { l.must("ip", "netns", "del", l.prefix+name) })
	l.IP(name, "link", "set", "lo", "up")
}

// Switch adds a host that is a switch. It floods multicast.
func (l *Lab) Switch(name string) {
	l.t.Helper()
	l.Host(name)
	l.IP(name, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
	l.IP(name, "link", "set", "br0", "up")
}

// Plug connects a device of a host to a switch, and gives it addresses such as
// "10.77.0.1/24". The switch knows the cable by the names of host and device,
// which have 15 letters together at most.
func (l *Lab) Plug(host, device, to string, addresses ...string) {
	l.t.Helper()
	cable := host + device
	l.IP(to, "link", "add", cable, "type", "veth", "peer", "name", device, "netns", l.prefix+host)
	l.IP(to, "link", "set", cable, "master", "br0", "up")
	l.IP(host, "link", "set", device, "up")
	for _, a := range addresses {
		l.Give(host, device, a)
	}
	// Programs that ask for no interface multicast out of the first.
	l.plugs++
	l.IP(host, "route", "add", "224.0.0.0/4", "dev", device, "metric", fmt.Sprint(l.plugs))
}

// Flood says whether a switch passes multicast on to the cable of a device.
func (l *Lab) Flood(at, cable string, passes bool) {
	l.t.Helper()
	setting := map[bool]string{true: "on", false: "off"}[passes]
	l.must("bridge", "-n", l.prefix+at, "link", "set", "dev", cable, "mcast_flood", setting)
}

// Give gives a device another address.
func (l *Lab) Give(host, device, address string) {
	l.t.Helper()
	args := []string{"address", "add", address, "dev", device}
	if strings.Contains(address, ":") {
		args = append(args, "nodad") // it is there at once
	}
	l.IP(host, args...)
}

// IP runs ip on a host.
func (l *Lab) IP(host string, args ...string) {
	l.t.Helper()
	l.must(append([]string{"ip", "-n", l.prefix + host}, args...)...)
}

func (l *Lab) must(argv ...string) {
	l.t.Helper()
	if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		l.t.Fatalf("%v: %v\n%s", argv, err, out)
	}
}

// On is a command on a host.
func (l *Lab) On(host string, argv ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", l.prefix + host}, argv...)...)
}

// avahi runs an Avahi daemon with a message bus of its own, in a mount namespace
// of its own. Its arguments are the lines of the configuration.
const avahi = `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/dbus /run/avahi-daemon
printf '%s\n' "$@" > /run/avahi.conf
dbus-daemon --system --nofork --nopidfile &
until [ -S /run/dbus/system_bus_socket ]; do sleep 0.05; done
exec avahi-daemon -f /run/avahi.conf --no-drop-root --no-chroot --no-rlimits`

// avahiStarts is how long Avahi may take to start on a busy machine.
const avahiStarts = 30 * time.Second

// Avahi runs an Avahi daemon on a host, which calls the host by its name unless
// the configuration says otherwise. It returns how to run a program beside it:
// what that printed, and its error if it failed.
func (l *Lab) Avahi(host string, config ...string) func(argv ...string) string {
	l.t.Helper()
	line := []string{"unshare", "--mount", "--propagation", "private", "sh", "-c", avahi, "sh", "[server]", "host-name=" + host}
	cmd := l.On(host, append(line, config...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the daemon and its bus
		_ = cmd.Wait()
		if l.t.Failed() {
			l.t.Logf("Avahi on %s:\n%s", host, complaints.String())
		}
	})
	beside := func(argv ...string) (string, error) {
		enter := []string{"--target", fmt.Sprint(cmd.Process.Pid), "--mount", "--net", "timeout", "10"}
		out, err := exec.Command("nsenter", append(enter, argv...)...).CombinedOutput()
		return string(out), err
	}
	l.Await(avahiStarts, func() bool {
		_, err := beside("avahi-browse", "--terminate", "_none._tcp")
		return err == nil
	}, func() string { return "Avahi does not start" })
	return func(argv ...string) string {
		out, err := beside(argv...)
		if err != nil {
			out += err.Error()
		}
		return out
	}
}

// Await polls a condition, and fails the test if it does not hold in time. It
// returns how long that took.
func (l *Lab) Await(limit time.Duration, holds func() bool, complaint func() string) time.Duration {
	l.t.Helper()
	began := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Since(began) > limit {
			l.t.Fatalf("not within %v: %s", limit, complaint())
		}
		<-tick.C
	}
	return time.Since(began)
}

// Says runs a program until it prints a text, and returns all that it printed.
func (l *Lab) Says(limit time.Duration, run func(argv ...string) string, want string, argv ...string) string {
	l.t.Helper()
	out := ""
	l.Await(limit, func() bool {
		out = run(argv...)
		return strings.Contains(out, want)
	}, func() string { return fmt.Sprintf("%v says\n%swant %s", argv, out, want) })
	return out
}
