// Package cards knows which address the cards carry that a teacher has printed or
// put on the board, and since when that address leads elsewhere.
//
// A router may give the box another address at any time. Then every printed card
// is wrong, and nobody in the room can know why. [Keeper.Outdated] says so until
// the address comes back, or until the teacher has seen it ([Keeper.Renew]).
package cards

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"downbeat.local/appliance/store"
)

// lookEvery is how soon another address is noticed.
const lookEvery = 3 * time.Second

// rewriteEvery is how often the time of a right address is written. The sentence
// names a day, and a small disk lasts longer.
const rewriteEvery = time.Hour

// Config is what a keeper needs.
type Config struct {
	Store *store.Store
	// Addresses returns where the box is reached now, such as "192.168.1.20:8080",
	// the most useful first.
	Addresses func() []string
	Log       *slog.Logger // nil means slog.Default()
}

// Keeper keeps the address of the cards, over restarts.
type Keeper struct {
	cfg Config
	log *slog.Logger

	mu   sync.Mutex // guards card, now
	card card
	now  []string // without those that lead nowhere
}

// card is what is stored.
type card struct {
	Address string    `json:"address"` // empty: there is none yet
	Right   time.Time `json:"right"`   // when it was last the box's
}

// cardKey is the name of the setting.
const cardKey = "card"

// Open reads what the cards say.
func Open(cfg Config) (*Keeper, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	k := &Keeper{cfg: cfg, log: cfg.Log}
	if _, err := cfg.Store.Get(store.Settings, cardKey, &k.card); err != nil {
		return nil, fmt.Errorf("read the address of the cards: %w", err)
	}
	return k, nil
}

// Run looks at the addresses until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := k.look(ctx, time.Now()); err != nil && ctx.Err() == nil {
			k.log.Warn("cannot keep the address of the cards", "err", err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// look compares the cards with the addresses of the box.
func (k *Keeper) look(ctx context.Context, now time.Time) error {
	addresses := slices.DeleteFunc(slices.Clone(k.cfg.Addresses()), leadsNowhere)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = addresses
	switch {
	case len(addresses) == 0:
		return nil // no network: the address may come back with it
	case k.card.Address == "":
		return k.writeLocked(ctx, card{addresses[0], now})
	case slices.Contains(addresses, k.card.Address) && now.Sub(k.card.Right).Abs() >= rewriteEvery:
		return k.writeLocked(ctx, card{k.card.Address, now})
	}
	return nil
}

// leadsNowhere reports whether only this machine can open an address.
func leadsNowhere(address string) bool {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		ip, err := netip.ParseAddr(address)
		return err == nil && ip.IsLoopback()
	}
	return ap.Addr().IsLoopback()
}

// writeLocked stores a card. The new one counts even if the store fails.
func (k *Keeper) writeLocked(ctx context.Context, c card) error {
	k.card = c
	return k.cfg.Store.Put(ctx, store.Settings, cardKey, c)
}

// Outdated returns the address of the cards and when it was last right, if it is
// not the box's now.
func (k *Keeper) Outdated() (address string, right time.Time, outdated bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.now) == 0 || k.card.Address == "" || slices.Contains(k.now, k.card.Address) {
		return "", time.Time{}, false
	}
	return k.card.Address, k.card.Right, true
}

// Renew takes the address of now for the cards.
func (k *Keeper) Renew(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.now) == 0 {
		return nil
	}
	return k.writeLocked(ctx, card{k.now[0], time.Now()})
}
