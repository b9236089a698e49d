// Package rtctest holds clients that no browser would be, for the tests of peers
// and of the connections that peers belong to.
package rtctest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pion/ice/v4"
)

// HalfOpen does ICE as the client of an offer, and nothing else.
func HalfOpen(t *testing.T, offer, answer string) *ice.Conn {
	t.Helper()
	agent, err := ice.NewAgentWithOptions(
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4}),
		ice.WithIncludeLoopback(),
		ice.WithInterfaceFilter(func(name string) bool { return name == "lo" }),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithLocalCredentials(attribute(t, offer, "ice-ufrag"), attribute(t, offer, "ice-pwd")),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Close() })
	if err := agent.OnCandidate(func(ice.Candidate) {}); err != nil {
		t.Fatal(err)
	}
	if err := agent.GatherCandidates(); err != nil {
		t.Fatal(err)
	}
	there, err := ice.UnmarshalCandidate(attribute(t, answer, "candidate"))
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.AddRemoteCandidate(there); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := agent.Dial(ctx, attribute(t, answer, "ice-ufrag"), attribute(t, answer, "ice-pwd"))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// attribute returns the first attribute of that name in a description.
func attribute(t *testing.T, description, name string) string {
	t.Helper()
	for line := range strings.Lines(description) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "a="+name+":"); ok {
			return value
		}
	}
	t.Fatalf("no %s in %q", name, description)
	return ""
}
