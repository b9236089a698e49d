package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// KeySetFile is the file in the data folder that holds the last good key set,
// for a start without internet.
const KeySetFile = "jwks.json"

// How often a key set is read: regularly, and when a token names an unknown
// key, which is how a new key shows.
const (
	keySetEvery  = 10 * time.Minute
	unknownEvery = time.Minute
)

// fetchTimeout bounds one reading. A caller whose token names an unknown key
// waits for it.
const fetchTimeout = 3 * time.Second

// KeySetConfig says where to find another issuer's public keys.
type KeySetConfig struct {
	Source string // an http or https URL, or else a file
	Dir    string // the data folder, for the last good set
	// Client fetches URLs. nil means a client that follows a few redirects.
	Client *http.Client
	Log    *slog.Logger // nil means slog.Default()
}

// KeySet is the public keys of another issuer, such as a school's Supabase
// Auth. It is safe for concurrent use.
type KeySet struct {
	cfg  KeySetConfig
	keys atomic.Pointer[[]publicKey]

	mu      sync.Mutex // held while reading; guards those below
	asked   time.Time  // when an unknown key last made us read
	failing bool       // the last reading failed, and that is logged
	raw     []byte     // of keys
}

// OpenKeySet reads a file, or for a URL the last set that the data folder
// holds. It touches no network. The error is one sentence for the person at
// the machine.
func OpenKeySet(cfg KeySetConfig) (*KeySet, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{CheckRedirect: fewRedirects}
	}
	k := &KeySet{cfg: cfg}
	k.keys.Store(&[]publicKey{})
	if k.remote() {
		if u, err := url.Parse(cfg.Source); err != nil || u.Host == "" {
			return nil, fmt.Errorf("%q is no URL of a key set", cfg.Source)
		}
		k.recall()
		return k, nil
	}
	raw, err := k.readFile()
	if err == nil {
		err = k.take(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	return k, nil
}

func fewRedirects(_ *http.Request, via []*http.Request) error {
	if len(via) > 3 {
		return errors.New("too many redirects")
	}
	return nil
}

func (k *KeySet) remote() bool {
	return strings.HasPrefix(k.cfg.Source, "http://") || strings.HasPrefix(k.cfg.Source, "https://")
}

// Run reads the set regularly until ctx ends. If that fails, the last good set
// stays.
func (k *KeySet) Run(ctx context.Context) error {
	ticker := time.NewTicker(keySetEvery)
	defer ticker.Stop()
	for {
		k.mu.Lock()
		k.refreshLocked(ctx)
		k.mu.Unlock()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// find returns the keys that may have signed a token with that algorithm:
// those of its kid, or all if it names none. If there are none it reads the
// set anew, at most once a minute, and the caller waits for that.
func (k *KeySet) find(alg, id string) []publicKey {
	known := k.keys.Load()
	if found := pick(*known, alg, id); len(found) > 0 {
		return found
	}
	k.ask(known)
	return pick(*k.keys.Load(), alg, id)
}

func pick(keys []publicKey, alg, id string) []publicKey {
	var found []publicKey
	for _, key := range keys {
		if (id == "" || key.id == id) && slices.Contains(key.algs, alg) {
			found = append(found, key)
		}
	}
	return found
}

// ask reads the set because of a key that is not in known. It does nothing if
// the set was read meanwhile, or for that reason in the last minute. The first
// reading, which Run may still have before it, does not count.
func (k *KeySet) ask(known *[]publicKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, first := time.Now(), k.raw == nil
	if k.keys.Load() != known || !k.asked.IsZero() && now.Sub(k.asked) < unknownEvery {
		return
	}
	if k.refreshLocked(context.Background()); !first || k.raw == nil {
		k.asked = now
	}
}

// refreshLocked reads the set. A set that cannot be read changes nothing.
func (k *KeySet) refreshLocked(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	raw, err := k.read(ctx)
	if err == nil && !bytes.Equal(raw, k.raw) {
		if err = k.take(raw); err == nil {
			k.remember()
		}
	}
	if !errors.Is(context.Cause(ctx), context.Canceled) { // the box stops
		k.tellLocked(err)
	}
}

// tellLocked logs once that reading fails, and once that it works again.
func (k *KeySet) tellLocked(err error) {
	failed := err != nil
	switch log := k.cfg.Log.With("source", k.cfg.Source, "keys", len(*k.keys.Load())); {
	case failed && !k.failing:
		log.Warn("key set cannot be read, the last good one holds", "err", err)
	case !failed && k.failing:
		log.Info("key set is read again")
	}
	k.failing = failed
}

// take replaces the set in force.
func (k *KeySet) take(raw []byte) error {
	keys, err := parseKeySet(raw)
	if err != nil {
		return err
	}
	k.raw = raw
	k.keys.Store(&keys)
	return nil
}

func (k *KeySet) read(ctx context.Context) ([]byte, error) {
	if !k.remote() {
		return k.readFile()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.cfg.Source, nil)
	if err != nil {
		return nil, err
	}
	res, err := k.cfg.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", k.cfg.Source, res.Status)
	}
	return io.ReadAll(io.LimitReader(res.Body, maxKeySet+1))
}

func (k *KeySet) readFile() ([]byte, error) {
	f, err := os.Open(k.cfg.Source)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxKeySet+1))
}

// remembered is the file in the data folder. A set is good only for the source
// it came from.
type remembered struct {
	Source string          `json:"source"`
	Set    json.RawMessage `json:"set"`
}

// remember keeps the set for the next start. A full disk costs no more than
// that.
func (k *KeySet) remember() {
	if !k.remote() {
		return
	}
	raw, err := json.Marshal(remembered{Source: k.cfg.Source, Set: k.raw})
	if err == nil {
		err = keepFile(k.cfg.Dir, KeySetFile, string(raw))
	}
	if err != nil {
		k.cfg.Log.Warn("key set is not kept for the next start", "err", err)
	}
}

// recall reads what remember kept, if it came from the same source.
func (k *KeySet) recall() {
	raw, err := os.ReadFile(filepath.Join(k.cfg.Dir, KeySetFile))
	if err != nil {
		return // the first start
	}
	var kept remembered
	if json.Unmarshal(raw, &kept) == nil && kept.Source == k.cfg.Source {
		_ = k.take(kept.Set) // Run reads a damaged one anew
	}
}
