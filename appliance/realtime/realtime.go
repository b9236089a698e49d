// Package realtime speaks the Supabase Realtime protocol: clients join
// channels, broadcast to each other, and see who else is present.
//
// A [Hub] holds the channels. A [Session] is one client's connection: it takes
// the client's frames and answers through the small interface [Conn]. A
// [Channel] sends a broadcast to all its members. It encodes each form
// (serializer 1 or 2) at most once, however many members there are, and never
// waits for one of them. Broadcasts of one sender arrive in the order in which
// they were sent.
//
// The package knows no sockets and no music. A [Director] gives a topic a
// meaning: it admits members, takes the broadcasts that mean something to it,
// and adds to what presence shows. Every other topic is a plain Supabase
// channel.
//
// Errors and close semantics are those of supabase/realtime, except for
// transient limits. A join or a message over such a limit is refused with a
// reason, and the channel and the connection stay open.
package realtime

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// Config configures a hub.
type Config struct {
	// Verify checks a token; required.
	Verify func(token string) (auth.Claims, error)
	// Rights says what the bearer of claims may do in the private channel of
	// a topic (without "realtime:"). Nil allows everything. Channels with a
	// director have their own rules.
	Rights func(c auth.Claims, topic string) auth.Rights
	// Direct returns the director of a topic (without "realtime:"), nil for a
	// plain channel. If Direct is nil, all channels are plain.
	Direct func(topic string) Director
	// Tables lists the tables whose changes clients may subscribe to: see
	// Hub.Changed.
	Tables []*table.Table
	// Read is told which rows a caller has been sent as changes. Nil tells nobody.
	Read func(by table.Caller, t *table.Table, rows []table.Row)
	// Archive keeps broadcasts for clients that join later. Nil keeps none.
	Archive Archive
	// Grace is how long a member stays present after their connection is lost,
	// if they chose their presence key. Zero means not at all.
	Grace time.Duration
	// Cost is charged for what clients subscribe to. Nil charges nothing.
	Cost *cost.Ledger
	// Limits on one client; zero fields mean the defaults.
	Limits Limits
	// Log is required.
	Log *slog.Logger
}

// Hub holds the channels of a box.
type Hub struct {
	cfg         Config
	channels    channels
	subscribers subscribers
	keeper      keeper
	patterns    *table.Patterns
	heldBytes   atomic.Int64 // of the changes that wait for answers: see heldChanges
	counters

	mu       sync.Mutex // guards sessions
	sessions map[*Session]struct{}
}

// NewHub returns a hub without channels.
func NewHub(cfg Config) *Hub {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Read == nil {
		cfg.Read = func(table.Caller, *table.Table, []table.Row) {}
	}
	return &Hub{
		cfg: cfg, counters: newCounters(), sessions: make(map[*Session]struct{}),
		channels:    channels{byName: make(map[string]*Channel)},
		subscribers: subscribers{members: make(map[*Member]struct{})},
		keeper:      keeper{archive: cfg.Archive, cost: cfg.Cost},
		patterns:    table.NewPatterns(),
	}
}

// Run closes channels whose tokens expire and ends presence whose grace is
// over, until ctx ends.
func (h *Hub) Run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			for _, s := range h.sessionList() {
				s.expire(now)
			}
			h.expireLingering(now)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (h *Hub) sessionList() []*Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.sessions))
}

// Open starts a session on a connection.
func (h *Hub) Open(conn Conn, hello Hello) *Session {
	s := &Session{
		hub: h, conn: conn, hello: hello,
		limits:  newSessionLimits(h.cfg.Limits),
		members: make(map[string]*Member),
	}
	s.held.ofAll = &h.heldBytes
	s.kind4.Store(!hello.Phoenix)
	if s.allowFrames(h.cfg.Limits.Frame); hello.Service {
		s.allowFrames(h.cfg.Limits.ServiceFrame)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sessions[s] = struct{}{}
	return s
}

// ExpelBearer closes every channel that was joined with a token for a room of
// that subject, and says why.
func (h *Hub) ExpelBearer(room, subject, why string) {
	for _, s := range h.sessionList() {
		for _, m := range s.memberList() {
			if c := m.Claims(); c.Subject == subject && c.App.Room == room {
				m.Expel(why)
			}
		}
	}
}

func (h *Hub) forget(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s)
}

// Pin returns the channel of a directed topic, given with "realtime:". The hub
// keeps the channel until Unpin, even while it has no members.
func (h *Hub) Pin(topic string) *Channel { return h.channels.pin(topic) }

// Unpin ends a Pin.
func (h *Hub) Unpin(ch *Channel) { h.channels.unpin(ch) }

// name is the key of a plain channel. A topic has a public and a private one.
func name(topic string, private bool) string {
	if private {
		return "private " + topic
	}
	return topic
}

// subtopic is a topic without "realtime:".
func subtopic(topic string) string { return strings.TrimPrefix(topic, wire.TopicPrefix) }

// Hello is what is known of a client when it connects.
type Hello struct {
	Version wire.Version
	APIKey  string // the token for joins that bring none
	Service bool   // that token is of a service
	Frames  bool   // the client reads room frames
	Address string // of the client's device, HOST:PORT
	Payer   cost.Payer
	// Control takes an event on the topic "phoenix", which is about the
	// connection itself. If it reports false the session answers the event like
	// a heartbeat. Nil takes none.
	Control func(event string, payload []byte) (handled bool)
	// Phoenix says that the client may be a stock Phoenix client. Those fail on
	// Supabase's binary broadcasts. The client gets text until it sends what
	// only a Supabase client sends.
	Phoenix bool
}
