package midi

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// messages parses bytes, given as they come in parts.
func messages(parts ...[]byte) []Message {
	var p Parser
	var all []Message
	for _, part := range parts {
		for _, b := range part {
			if m, ok := p.Feed(b); ok {
				all = append(all, m)
			}
		}
	}
	return all
}

// played is what keys play for bytes, as text: "60+100" begins, "60-" ends.
func played(most int, bytes ...byte) string {
	var notes []string
	keys := NewKeys(most, func(n Note) { notes = append(notes, noteText(n)) })
	for _, m := range messages(bytes) {
		keys.Message(m)
	}
	return strings.Join(notes, " ")
}

func noteText(n Note) string {
	if n.Velocity == 0 {
		return fmt.Sprintf("%d-", n.Key)
	}
	return fmt.Sprintf("%d+%d", n.Key, n.Velocity)
}

// vectors reads a file of testdata, which the web app's tests read, too.
func vectors(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}
