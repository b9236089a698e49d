package auth

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeShowsThePolicy: whoever changes the one has to change the other.
func TestReadmeShowsThePolicy(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.ReplaceAll(strings.TrimSpace(DefaultPolicy), "\n", "\n  ")
	if !strings.Contains(string(readme), "policy:\n  "+shown+"\n```") {
		t.Errorf("README shows another policy than\n%s", shown)
	}
}
