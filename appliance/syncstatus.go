package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/web"
)

// addressFile names the file in the data folder with the address of the box, for
// commands on the same machine.
const addressFile = "address.txt"

// keepAddress writes it. To dial an unspecified address is to dial this machine.
func (a *Appliance) keepAddress() error {
	return os.WriteFile(filepath.Join(a.cfg.DataDir, addressFile), []byte(a.Addr().String()+"\n"), 0o600)
}

// Stopped is the state of a sync whose box does not run.
const Stopped = "stopped"

// ErrNoUpstream says that a box has no school's database.
var ErrNoUpstream = errors.New("this box has no school's database: start it with --upstream")

// SyncStatus says how the sync of a box on this machine stands: of the one that
// runs on a data folder, or of the folder itself if none does. It says nothing of tables that are not counted. The error is
// ErrNoUpstream or says what is wrong.
func SyncStatus(ctx context.Context, dir string) (web.Sync, error) {
	path := filepath.Join(dir, store.FileName)
	if _, err := os.Stat(path); err != nil {
		return web.Sync{}, fmt.Errorf("no box has kept data in %s", dir)
	}
	st, err := store.Open(store.Config{Path: path, Tables: tables})
	if errors.Is(err, store.ErrLocked) {
		return askSync(ctx, dir)
	}
	if err != nil {
		return web.Sync{}, err
	}
	waiting, err := st.Outbox().Status(uncountedName)
	if err = errors.Join(err, st.Close()); err != nil {
		return web.Sync{}, err
	}
	s := web.Sync{State: Stopped, Pending: waiting.Pending, Aside: waiting.Aside}
	if waiting.Pending > 0 {
		s.OldestS = max(0, time.Since(waiting.Oldest).Seconds())
	}
	return s, nil
}

// askTimeout bounds the answer of a box on the same machine.
const askTimeout = 5 * time.Second

// maxHealth bounds it in bytes.
const maxHealth = 1 << 20

// askSync asks the box that runs on a data folder.
func askSync(ctx context.Context, dir string) (web.Sync, error) {
	raw, err := os.ReadFile(filepath.Join(dir, addressFile))
	if err != nil {
		return web.Sync{}, fmt.Errorf("a box runs on %s, but where it listens is not known: %w", dir, err)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+strings.TrimSpace(string(raw))+"/healthz", nil)
	if err != nil {
		return web.Sync{}, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return web.Sync{}, fmt.Errorf("the box does not answer: %w", err)
	}
	defer answer.Body.Close()
	var health struct{ Sync *web.Sync }
	if err := json.NewDecoder(http.MaxBytesReader(nil, answer.Body, maxHealth)).Decode(&health); err != nil {
		return web.Sync{}, fmt.Errorf("the box's answer: %w", err)
	}
	if health.Sync == nil {
		return web.Sync{}, ErrNoUpstream
	}
	return *health.Sync, nil
}
