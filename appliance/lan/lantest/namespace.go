//go:build linux

// Package lantest gives a test a network of its own, made by the real kernel.
package lantest

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// inside names the test that a process was started for, in its own network.
const inside = "DOWNBEAT_LANTEST"

// In runs the calling test again, in a process with a network namespace of its
// own. It returns true there, after the lines of script: each holds the arguments
// of ip(8). Elsewhere it returns false when that process has passed. It skips the
// test if the system makes no namespaces.
func In(t *testing.T, script string) bool {
	t.Helper()
	if os.Getenv(inside) == t.Name() {
		for line := range strings.Lines("link set lo up\n" + script) {
			if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
				t.Fatalf("ip %s: %v %s", strings.TrimSpace(line), err, out)
			}
		}
		return true
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("there is no ip command to make networks with")
	}
	parts := strings.Split(t.Name(), "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	cmd := exec.Command(os.Args[0], "-test.run="+strings.Join(parts, "/"), "-test.count=1")
	cmd.Env = append(os.Environ(), inside+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, os.ErrPermission) {
		t.Skip("only root may make networks")
	}
	if err != nil {
		t.Errorf("in a network of its own: %v\n%s", err, out)
	}
	return false
}
