package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/wire"
)

// Archive keeps broadcasts of private channels for clients that join later.
type Archive interface {
	// Keep keeps a broadcast. It returns the id once the broadcast is safe on
	// disk. The error is ErrQuota if there is no room for more of this sender.
	Keep(ctx context.Context, k Kept) (id string, err error)
	// Recent returns the latest broadcasts of a topic since a moment, oldest
	// first, up to limit.
	Recent(topic string, since time.Time, limit int) ([]Kept, error)
}

// Kept is a broadcast in the archive.
type Kept struct {
	ID       string
	Topic    string // without "realtime:"
	Event    string
	Encoding wire.Encoding
	Payload  []byte
	At       time.Time     // when it was sent
	TTL      time.Duration // how long to keep it; 0 is as long as the archive keeps any
	Payer    cost.Payer    // the sender
	Room     string        // for which the sender's token is; empty if for none
}

// How many broadcasts a client may ask for (supabase/realtime, replay).
const (
	maxReplay     = 25
	defaultReplay = 25
)

// MaxTTL bounds the time to live that a client asks for. No archive keeps a
// broadcast for longer.
const MaxTTL = 72 * time.Hour

// Persist says whether to keep a broadcast. The zero value means not to.
type Persist struct {
	Wanted bool
	TTL    time.Duration // as Kept.TTL
}

var errPersistTTL = &Refusal{Reason: "invalid_persist_ttl", Message: "A time to live is a whole number of seconds, at least 1.", Code: "invalid_persist_ttl"}

// ReadPersist reads the field persist of a broadcast: true, or {"ttl": 60} with
// seconds. A missing field does not ask for it. The error is a *Refusal.
func ReadPersist(raw json.RawMessage) (Persist, error) {
	if wanted, ok := wire.ReadFlag(raw, false); ok {
		return Persist{Wanted: wanted}, nil
	}
	var with struct {
		TTL json.Number `json:"ttl"`
	}
	if len(raw) == 0 || raw[0] != '{' {
		return Persist{}, nil
	}
	if json.Unmarshal(raw, &with) != nil {
		return Persist{}, errPersistTTL
	}
	return PersistFor(with.TTL.String())
}

// PersistFor reads a time to live in seconds, and cuts it to 72 hours. The error
// is a *Refusal.
func PersistFor(seconds string) (Persist, error) {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n < 1 {
		return Persist{}, errPersistTTL
	}
	return Persist{Wanted: true, TTL: time.Duration(min(n, int64(MaxTTL/time.Second))) * time.Second}, nil
}

// replay is what a joining client asks to get again.
type replay struct {
	wanted bool
	since  time.Time
	limit  int
}

// Why nothing is replayed, in the words of supabase/realtime.
var (
	errReplayParams = &Refusal{Reason: "UnableToReplayMessages: Replay params are not valid"}
	errReplayPublic = &Refusal{Reason: "UnableToReplayMessages: Replay is not allowed for public channels"}
	errReplay       = &Refusal{Reason: "UnableToReplayMessages: Realtime was unable to replay messages"}
)

// parseReplay reads {"since": ms, "limit": n} of a join.
func parseReplay(raw json.RawMessage) (replay, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return replay{}, nil
	}
	p := struct {
		Since *int64
		Limit *int
	}{}
	if json.Unmarshal(raw, &p) != nil {
		return replay{}, errReplayParams
	}
	r := replay{wanted: true, since: time.UnixMilli(0), limit: defaultReplay}
	if p.Since != nil {
		r.since = time.UnixMilli(*p.Since)
	}
	if p.Limit != nil {
		r.limit = *p.Limit
	}
	if r.limit < 1 {
		return replay{}, errReplayParams
	}
	r.limit = min(r.limit, maxReplay)
	return r, nil
}

// allowReplay says why a member may not get a replay; nil if they may, or ask
// for none.
func (m *Member) allowReplay() error {
	switch {
	case !m.replay.wanted:
		return nil
	case m.director != nil:
		m.replay = replay{} // broadcasts to a director are not kept
		return nil
	case !m.private:
		return errReplayPublic
	case m.session.hub.cfg.Archive == nil || !m.rights().BroadcastRead:
		return errReplay
	}
	return nil
}

// sendReplay sends the member the kept broadcasts that they asked for.
func (m *Member) sendReplay() {
	if !m.replay.wanted {
		return
	}
	recent, err := m.session.hub.cfg.Archive.Recent(m.Topic(), m.replay.since, m.replay.limit)
	if err != nil {
		m.session.hub.cfg.Log.Warn("cannot replay broadcasts", "topic", m.Topic(), "err", err)
		m.system("error", errReplay.Reason)
		return
	}
	for _, k := range recent {
		m.resend(k)
	}
}

// keeper keeps broadcasts in the archive, and sends them in the order in which they
// are kept.
type keeper struct {
	archive Archive // nil keeps none
	cost    *cost.Ledger
	locks   [16]sync.Mutex // by channel: see orderLock
}

// orderLock is held while a broadcast of a channel is kept and sent, and while a
// client joins that channel and gets a replay.
func (k *keeper) orderLock(channel string) *sync.Mutex {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(channel)) // never fails
	return &k.locks[sum.Sum32()%uint32(len(k.locks))]
}

// keptMeta is the metadata of a kept broadcast.
func keptMeta(id string) []byte { return mustJSON(map[string]string{"id": id}) }

// keepAndSend keeps a broadcast if its sender asked for that, sends it, and
// returns its id; a broadcast that is not kept has none. Kept broadcasts of a
// channel are sent in the order in which they are kept. A client that joins
// meanwhile gets each of them once: in its replay, or as it is sent.
func (k *keeper) keepAndSend(ch string, p Persist, b Kept, send func(id string)) (id string, err error) {
	if !p.Wanted || k.archive == nil {
		send("")
		return "", nil
	}
	order := k.orderLock(ch)
	order.Lock()
	defer order.Unlock()
	b.At, b.TTL = time.Now(), p.TTL
	id, err = k.archive.Keep(context.Background(), b)
	switch {
	case errors.Is(err, ErrQuota):
		k.cost.Refuse(cost.Kept, b.Payer)
		return "", err
	case err != nil:
		return "", errors.Join(errNotKept, err)
	}
	send(id)
	return id, nil
}

// ErrQuota refuses to keep more of one sender.
var ErrQuota = &Refusal{Reason: "persist_failed", Message: "The box keeps as many of your messages as it has room for.", Code: "persist_failed"}

var errNotKept = &Refusal{Reason: "persist_failed", Message: "The box could not keep the message.", Code: "persist_failed"}
