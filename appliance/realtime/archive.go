package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"downbeat.local/appliance/wire"
)

// Archive keeps broadcasts of private channels for those who come late.
type Archive interface {
	// Keep keeps a broadcast and gives its id once it cannot be lost.
	Keep(ctx context.Context, k Kept) (id string, err error)
	// Recent gives the latest broadcasts of a topic since a moment, oldest
	// first, at most so many.
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
	TTL      time.Duration // how long it is kept at most; 0 is the archive's own time
}

// How far back a late client may ask (supabase/realtime, replay).
const (
	maxReplay     = 25
	defaultReplay = 25
)

// maxTTL bounds how long a client may ask to keep a broadcast: no archive
// keeps any longer.
const maxTTL = 72 * time.Hour

// Persist is what a sender says about keeping a broadcast. Zero is not to.
type Persist struct {
	Wanted bool
	TTL    time.Duration // 0 is the archive's own time
}

var errPersistTTL = &Refusal{Reason: "invalid_persist_ttl", Message: "A time to live is a whole number of seconds, at least 1.", Code: "invalid_persist_ttl"}

// parsePersist reads metadata: {"persist": true} or {"persist": {"ttl": 60}},
// the time in seconds.
func parsePersist(meta []byte) (Persist, error) {
	raw := object(meta)["persist"]
	if truth(raw, false) {
		return Persist{Wanted: true}, nil
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

// PersistFor reads a time to live in seconds; more than 72 hours is as much.
// The error is a *Refusal.
func PersistFor(seconds string) (Persist, error) {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n < 1 {
		return Persist{}, errPersistTTL
	}
	return Persist{Wanted: true, TTL: time.Duration(min(n, int64(maxTTL/time.Second))) * time.Second}, nil
}

// replay is what a client that joins asks to hear again.
type replay struct {
	wanted bool
	since  time.Time
	limit  int
}

// Reasons for which nothing is replayed, as supabase/realtime words them.
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

// allowReplay says why a member may not have what he asks for.
func (m *Member) allowReplay() error {
	switch {
	case !m.replay.wanted:
		return nil
	case m.director != nil:
		m.replay = replay{} // nothing of a directed channel is kept
		return nil
	case !m.private:
		return errReplayPublic
	case m.session.hub.cfg.Archive == nil || !m.rights().BroadcastRead:
		return errReplay
	}
	return nil
}

// replayed sends the member what he asked to hear again.
func (m *Member) replayed() {
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
		m.again(k)
	}
}

// again sends the member a broadcast that was kept. JSON goes as text, which
// both serializers have; bytes only to those who can have them.
func (m *Member) again(k Kept) {
	meta := mustJSON(map[string]any{"id": k.ID, "replayed": true})
	if k.Encoding == wire.JSON {
		m.envelope(wire.Ref{}, "broadcast", wire.BroadcastPayload(k.Event, meta, k.Payload))
		return
	}
	out := newOutgoing(m.topic, k.Event, k.Encoding, k.Payload)
	out.meta = meta
	if p, ok := out.form(m.session.shape()); ok {
		m.session.conn.Reply(p)
	}
}

// line is held while a broadcast of a channel is kept and sent, and while
// somebody joins that channel to whom what was kept is sent again.
func (h *Hub) line(channel string) *sync.Mutex {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(channel)) // never fails
	return &h.lines[sum.Sum32()%uint32(len(h.lines))]
}

// keptMeta is the metadata of a broadcast that was kept.
func keptMeta(id string) []byte { return mustJSON(map[string]string{"id": id}) }

// keep keeps a broadcast if its sender asked for that, sends it, and gives
// its id, which is empty for one that is not kept. Those of a channel are
// sent in the order in which they are kept, and whoever joins meanwhile gets
// each once: again, or as it is sent.
func (h *Hub) keep(ch string, p Persist, k Kept, send func(id string)) (id string, err error) {
	if !p.Wanted || h.cfg.Archive == nil {
		send("")
		return "", nil
	}
	line := h.line(ch)
	line.Lock()
	defer line.Unlock()
	k.At, k.TTL = time.Now(), p.TTL
	if id, err = h.cfg.Archive.Keep(context.Background(), k); err != nil {
		return "", errors.Join(errNotKept, err)
	}
	send(id)
	return id, nil
}

var errNotKept = &Refusal{Reason: "persist_failed", Message: "The box could not keep the message.", Code: "persist_failed"}
