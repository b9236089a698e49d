package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// The addresses of the namespace, TEST-NET-1 of RFC 5737.
const (
	boxAddress      = "192.0.2.1"
	classAddress    = "192.0.2.2"
	attackerAddress = "192.0.2.66"
)

// inNamespace runs this command again in a network namespace of its own.
func inNamespace(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", append([]string{"-inside"}, os.Args[1:]...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("in a network namespace, which takes root: %w", err)
	}
	return nil
}

// makeNetwork gives the namespace its addresses. Connections that name no address
// come from the class's.
func makeNetwork() error {
	for _, line := range []string{
		"link set lo up",
		"link add school type veth peer name far",
		"link set far up",
		"link set school up",
		"address add " + boxAddress + "/24 dev school",
		"address add " + classAddress + "/24 dev school",
		"address add " + attackerAddress + "/24 dev school",
		"route replace local " + boxAddress + " dev school table local proto kernel scope host src " + classAddress,
	} {
		if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w %s", line, err, out)
		}
	}
	return nil
}
