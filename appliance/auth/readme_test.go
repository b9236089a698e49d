package auth

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeShowsThePolicy keeps the policy that the documentation shows equal
// to the default one.
func TestReadmeShowsThePolicy(t *testing.T) {
	readme, err := os.ReadFile("../../scripts/conformance/README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.ReplaceAll(strings.TrimSpace(DefaultPolicy), "\n", "\n  ")
	if !strings.Contains(string(readme), "policy:\n  "+shown+"\n```") {
		t.Errorf("scripts/conformance/README.md shows another policy than\n%s", shown)
	}
}
