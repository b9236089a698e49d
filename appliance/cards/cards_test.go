package cards

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"downbeat.local/appliance/store"
)

// TestOutdated follows a box through a week: at each step it has addresses, and
// the cards are right or not.
func TestOutdated(t *testing.T) {
	monday := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	var now []string
	path := filepath.Join(t.TempDir(), store.FileName)
	k, st := openKeeper(t, path, &now)
	for _, step := range []struct {
		name      string
		after     time.Duration
		addresses []string
		renew     bool
		want      string // the address of outdated cards
		right     time.Time
	}{
		{name: "no network yet", addresses: []string{"127.0.0.1:8080"}},
		{name: "the first address", after: time.Minute, addresses: []string{"192.168.1.20:8080"}},
		{name: "the next day", after: 24 * time.Hour, addresses: []string{"192.168.1.20:8080", "10.0.0.7:8080"}},
		{
			name: "another", after: 26 * time.Hour, addresses: []string{"192.168.1.21:8080"},
			want: "192.168.1.20:8080", right: monday.Add(24 * time.Hour),
		},
		{name: "no network", after: 27 * time.Hour, addresses: []string{"127.0.0.1:8080"}},
		{name: "back", after: 28 * time.Hour, addresses: []string{"192.168.1.20:8080"}},
		{
			name: "another again", after: 50 * time.Hour, addresses: []string{"192.168.1.21:8080"},
			want: "192.168.1.20:8080", right: monday.Add(28 * time.Hour),
		},
		{name: "new cards", after: 51 * time.Hour, addresses: []string{"192.168.1.21:8080"}, renew: true},
	} {
		now = step.addresses
		if step.renew {
			if err := k.Renew(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := k.look(t.Context(), monday.Add(step.after)); err != nil {
			t.Fatal(err)
		}
		got, right, outdated := k.Outdated()
		if got != step.want || outdated != (step.want != "") || !right.Equal(step.right) {
			t.Errorf("%s: got %q, right until %v, outdated %v, want %q and %v", step.name, got, right, outdated, step.want, step.right)
		}
		if step.want != "" { // a restart forgets nothing
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
			k, st = openKeeper(t, path, &now)
			if err := k.look(t.Context(), monday.Add(step.after)); err != nil {
				t.Fatal(err)
			}
			if got, _, _ := k.Outdated(); got != step.want {
				t.Errorf("%s: after a restart got %q", step.name, got)
			}
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

func openKeeper(t *testing.T, path string, now *[]string) (*Keeper, *store.Store) {
	t.Helper()
	st, err := store.Open(store.Config{Path: path, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	k, err := Open(Config{Store: st, Addresses: func() []string { return *now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return k, st
}

func TestRunEnds(t *testing.T) {
	now := []string{"10.0.0.1"}
	k, st := openKeeper(t, filepath.Join(t.TempDir(), store.FileName), &now)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Run(ctx); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}
