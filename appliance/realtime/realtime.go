// Package realtime is the Supabase Realtime protocol as its clients know it:
// sockets that join channels, broadcast to each other, and see who else is
// there.
//
// A [Hub] holds the channels. A [Session] is one client's connection; it is
// handed the client's frames and answers through the small interface Conn.
// A [Channel] fans a broadcast out: it encodes each form (serializer 1 or 2)
// at most once, whatever the number of listeners, and never waits for one of
// them. Broadcasts of one sender arrive in the order in which he sent them.
//
// The package knows no sockets and no music. A topic may be given a meaning
// through a [Director], which admits members, takes the broadcasts that mean
// something to it and adds to what presence says; every other topic is a
// plain Supabase channel.
//
// Errors and close semantics are those of supabase/realtime, but for transient
// limits: over one of those a message is dropped with a readable system
// message, and the channel stays open.
package realtime

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Conn is a client's connection as a session sees it. None of its methods
// blocks.
type Conn interface {
	// Reply queues a message that is never dropped.
	Reply(p wire.Packet)
	// ReplyStamped queues a clock reply, stamped when it is written.
	ReplyStamped(p wire.Packet)
	// Note queues a message that may be dropped when it is late.
	Note(p wire.Packet)
	// State queues a part of source's state; when it had to be dropped,
	// source is asked for all of it later.
	State(p wire.Packet, source interface{ Resync() })
	// OnLane reports whether notes leave over a lane of the client's, through
	// Lossy instead of Follow, and how far apart he wants room frames there.
	OnLane() (every time.Duration, ok bool)
	SetLaneInterval(every time.Duration)
	// Lossy sends over the lane at once what may be lost.
	Lossy(p wire.Packet)
	// Linked says that the client numbers what it sends, for it may send it
	// again over a lane.
	Linked() bool
	// LaneSettled reports whether that is by the lane alone: until then the
	// logs that he follows leave as before, too.
	LaneSettled() bool
	// DropLane ends the lane of that number, which the client has given up.
	DropLane(number uint32)
	// Follow sends what is published in a log, whenever Wake or Deliver says
	// that it grew.
	Follow(log Log)
	Unfollow(log Log)
	// Wake lets what waits be sent soon, with what comes meanwhile.
	Wake()
	// Deliver sends what waits at once, if that needs no waiting.
	Deliver()
	// Greeted says that the client has joined a channel.
	Greeted()
	// SetReadLimit bounds the frames to come, in bytes.
	SetReadLimit(bytes int64)
	// Close ends the connection with a WebSocket code.
	Close(code int, reason string)
}

// Log is a shared record that a connection can follow.
type Log = interface {
	Head() uint64
	Take(cursor uint64) (p wire.Packet, next uint64)
}

// Config is what a hub needs.
type Config struct {
	// Verify checks a token; required.
	Verify func(token string) (auth.Claims, error)
	// Rights says what the bearer of those claims may do in the private
	// channel of a topic (without "realtime:"). Nil means everything. Channels
	// with a director have rules of their own.
	Rights func(c auth.Claims, topic string) auth.Rights
	// Direct returns the director of a topic (without "realtime:"), nil for
	// a plain channel. Nil means that all channels are plain.
	Direct func(topic string) Director
	// Tables are those whose changes may be listened to: see Hub.Changed.
	Tables []*table.Table
	// Archive keeps broadcasts for those who come late; nil keeps none.
	Archive Archive
	// Grace is how long somebody whom the network lost, and who chose his
	// presence key, stays present. Zero is not at all.
	Grace time.Duration
	// Limits on one client; zero fields mean the defaults.
	Limits Limits
	// Log receives what a person would want to know; required.
	Log *slog.Logger
}

// Hub holds the channels of a box.
type Hub struct {
	cfg   Config
	lines [16]sync.Mutex // see line
	counters

	mu        sync.Mutex // guards what follows
	channels  map[string]*Channel
	sessions  map[*Session]struct{}
	listeners map[*Member]struct{} // who hears changes of rows
}

// NewHub returns a hub without channels.
func NewHub(cfg Config) *Hub {
	cfg.Limits = cfg.Limits.withDefaults()
	return &Hub{
		cfg: cfg, counters: newCounters(), channels: make(map[string]*Channel),
		sessions: make(map[*Session]struct{}), listeners: make(map[*Member]struct{}),
	}
}

// Run closes channels whose tokens expire, until ctx ends.
func (h *Hub) Run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			for _, s := range h.snapshot() {
				s.expire(now)
			}
			h.layGhosts(now)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (h *Hub) snapshot() []*Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*Session, 0, len(h.sessions))
	for s := range h.sessions {
		all = append(all, s)
	}
	return all
}

// Open starts a session on a connection.
func (h *Hub) Open(conn Conn, hello Hello) *Session {
	s := &Session{
		hub: h, conn: conn, hello: hello,
		limits:  newSessionLimits(h.cfg.Limits),
		members: make(map[string]*Member),
	}
	s.kind4.Store(!hello.Phoenix)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sessions[s] = struct{}{}
	return s
}

func (h *Hub) forget(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s)
}

// Keep returns the channel of a directed topic, with "realtime:" before it,
// and keeps it, with members or without, until LetGo.
func (h *Hub) Keep(topic string) *Channel {
	h.mu.Lock()
	defer h.mu.Unlock()
	ch := h.channelLocked(topic, topic)
	ch.kept = true
	return ch
}

// LetGo ends a Keep.
func (h *Hub) LetGo(ch *Channel) {
	h.mu.Lock()
	ch.kept = false
	h.mu.Unlock()
	h.release(ch)
}

// enter adds a member to his channel. The lock is held throughout, so that a
// channel cannot be released between being found and being entered.
func (h *Hub) enter(m *Member, name string, welcome func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m.channel = h.channelLocked(name, m.topic)
	m.channel.add(m, welcome)
}

func (h *Hub) channelLocked(name, topic string) *Channel {
	ch, ok := h.channels[name]
	if !ok {
		ch = newChannel(name, topic)
		h.channels[name] = ch
	}
	return ch
}

// release forgets a channel that nobody is in and nobody keeps.
func (h *Hub) release(ch *Channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !ch.kept && ch.empty() && h.channels[ch.name] == ch {
		delete(h.channels, ch.name)
	}
}

// name is the key of a plain channel: public and private ones of a topic are
// different channels.
func name(topic string, private bool) string {
	if private {
		return "private " + topic
	}
	return topic
}

// subtopic is a topic without "realtime:".
func subtopic(topic string) string { return strings.TrimPrefix(topic, wire.TopicPrefix) }

// Hello is what a client said when it connected.
type Hello struct {
	Version wire.Version
	APIKey  string // a token; what joins without one of their own use
	Frames  bool   // the client reads room frames
	Address string // of the client's device, HOST:PORT
	// Phoenix says that the client may be one of stock Phoenix, to which
	// Supabase's binary broadcasts are an error: it gets text until it has
	// spoken as a client of Supabase does.
	Phoenix bool
}

// Director gives a topic a meaning. It is called from many goroutines.
type Director interface {
	// Join admits a member or says why not; a *Refusal is what the client is
	// told, any other error is logged.
	Join(m *Member) (Part, error)
	// Post takes a broadcast of somebody who is in no channel. handled is
	// false if it means nothing here and is to be relayed unchanged.
	Post(topic string, claims auth.Claims, b Broadcast) (handled bool, err error)
}

// Part is one member's part in a directed channel. Its methods are called by
// the member's reader, one at a time, except Resync and Meta.
type Part interface {
	// Enter is called when the member has been told that he is in.
	Enter()
	// Broadcast takes a broadcast that the member sent. handled is false if
	// it means nothing here and is to be relayed unchanged.
	Broadcast(b Broadcast) (handled bool, err error)
	// Meta is what presence says of the member besides what he tracks.
	Meta() map[string]any
	// Reclaim is called when the member has a new token.
	Reclaim(claims auth.Claims)
	// Resync sends the member the whole state anew.
	Resync()
	// Leave is the last call.
	Leave()
}

// Broadcast is one broadcast from a member.
type Broadcast struct {
	Event    string
	Encoding wire.Encoding
	Payload  []byte // JSON or bytes, as Encoding says
	// Beside is how many bytes more are relayed with the payload: names and
	// fields that the client put beside it.
	Beside int
	At     clock.Millis
}

// Refusal is an error that a client is told of in a reply.
type Refusal struct {
	Reason  string // a word for programs, or a literal of the protocol
	Message string // a sentence for people; may be empty
	Code    string // what supabase/realtime calls it under "error"; mostly empty
}

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

// ErrUnauthorized answers a member who may not do what he asked.
var ErrUnauthorized = &Refusal{Reason: "unauthorized"}

// errMayNotWrite answers a broadcast in a private channel that its sender may
// only read.
var errMayNotWrite = &Refusal{Reason: "unauthorized", Message: "You may not write to this channel.", Code: "unauthorized"}

// unauthorized reports whether an error says that somebody may not do what he
// asked.
func unauthorized(err error) bool {
	r, ok := errors.AsType[*Refusal](err)
	return ok && r.Reason == ErrUnauthorized.Reason
}

// MayNotRead refuses a join of somebody who may not read a topic, given
// without "realtime:". It says no more, so that nobody learns what there is.
func MayNotRead(topic string) *Refusal {
	return &Refusal{Reason: "Unauthorized: You do not have permissions to read from this Channel topic: " + topic}
}
