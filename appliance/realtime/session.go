package realtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Session is one client's connection and the channels it has joined.
type Session struct {
	hub    *Hub
	conn   Conn
	hello  Hello
	limits *sessionLimits // used by the reader only
	kind4  atomic.Bool    // the client reads Supabase's binary broadcasts

	mu      sync.Mutex         // guards members
	members map[string]*Member // by topic
}

// Receive takes one frame that the client sent. A frame that makes no sense
// is dropped; the connection stays open.
func (s *Session) Receive(frame []byte, binary bool, at clock.Millis) {
	s.hub.received.Add(1)
	m, err := s.decode(frame, binary)
	if err != nil {
		s.hub.ignored.Add(malformed)
		s.hub.cfg.Log.Debug("dropped a frame", "err", err)
		return
	}
	if m.Kind == wire.Broadcast {
		s.kind4.Store(true)
	}
	switch {
	case m.Topic == "phoenix" && m.Event == "lane_down":
		s.conn.DropLane(laneOf(m))
	case m.Topic == "phoenix":
		if s.answers() {
			s.reply(m, "ok", wire.Nothing) // heartbeat
		}
	case m.Event == "phx_join" && m.Kind == wire.Text:
		s.join(m)
	default:
		s.push(m, at)
	}
}

// laneOf is the number of the lane that a message is about; 0 if it has none.
func laneOf(m wire.Message) uint32 {
	var about struct {
		Lane uint32 `json:"lane"`
	}
	_ = json.Unmarshal(m.Payload, &about) // then it is 0
	return about.Lane
}

func (s *Session) decode(frame []byte, binary bool) (wire.Message, error) {
	if !binary {
		return wire.DecodeText(s.hello.Version, frame)
	}
	if s.hello.Version == wire.V1 {
		return wire.Message{}, wire.ErrKind
	}
	return wire.DecodeBinary(frame)
}

// shape is how the client reads broadcasts.
func (s *Session) shape() shape {
	switch {
	case s.hello.Version == wire.V1:
		return oldText
	case s.kind4.Load():
		return binary
	}
	return newText
}

// push takes everything but joins: it needs a channel.
func (s *Session) push(m wire.Message, at clock.Millis) {
	member := s.find(m)
	if member == nil {
		s.unmatched(m)
		return
	}
	switch {
	case m.Kind != wire.Text:
		member.broadcast(m, Broadcast{Event: m.Event, Encoding: m.Encoding, Payload: m.Payload, Beside: len(m.Event) + len(m.Meta), At: at})
	case m.Event == "broadcast":
		member.textBroadcast(m, at)
	case m.Event == "presence":
		member.presence(m)
	case m.Event == "access_token":
		member.accessToken(m)
	case m.Event == "phx_leave":
		s.leave(member, m)
	default:
		s.hub.ignored.Add(unknownEvent)
		if s.answers() {
			s.reply(m, "error", reason("unknown event"))
		}
	}
}

// answers reports whether the client is to be answered that what it sent did
// nothing. Whoever sends a lot of that gets silence: answers that nobody reads
// fill the box.
func (s *Session) answers() bool {
	if s.limits.answers.Allow() {
		return true
	}
	s.hub.ignored.Add(tooManyAnswers)
	return false
}

// find is the member that a push is for: by topic or, for clients that
// mangle topics that are not ASCII, by the join it refers to.
func (s *Session) find(m wire.Message) *Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	if member, ok := s.members[m.Topic]; ok {
		return member
	}
	if m.Kind != wire.Broadcast || m.JoinRef.IsNull() {
		return nil
	}
	for _, member := range s.members {
		if member.joinRef.Same(m.JoinRef) {
			return member
		}
	}
	return nil
}

// unmatched answers a push to a channel that the client is not in. Leaving
// such a channel has worked.
func (s *Session) unmatched(m wire.Message) {
	if !s.answers() {
		return
	}
	if m.Event == "phx_leave" {
		s.reply(m, "ok", wire.Nothing)
		return
	}
	s.hub.ignored.Add(unmatched)
	s.conn.Reply(wire.Reply(s.hello.Version, wire.Ref{}, m.Ref, m.Topic, "error", reason("unmatched topic")))
}

func (s *Session) leave(member *Member, m wire.Message) {
	s.drop(member)
	s.reply(m, "ok", wire.Nothing)
	member.sendClose()
}

// drop takes the member out of his channel and out of the session. It
// reports false if another goroutine was quicker.
func (s *Session) drop(member *Member) bool {
	s.mu.Lock()
	mine := s.members[member.topic] == member
	if mine {
		delete(s.members, member.topic)
	}
	s.mu.Unlock()
	if mine {
		member.leave()
	}
	return mine
}

// Closed takes the client out of all its channels: the connection is gone. One
// that has not left on purpose stays present for a while.
func (s *Session) Closed(left bool) {
	s.hub.forget(s)
	for _, member := range s.all() {
		member.lost.Store(!left)
		s.drop(member)
	}
}

func (s *Session) all() []*Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Member, 0, len(s.members))
	for _, member := range s.members {
		all = append(all, member)
	}
	return all
}

// expire ends the channels whose token has. A key of the box never does.
func (s *Session) expire(now time.Time) {
	for _, member := range s.all() {
		expires := member.Claims().ExpiresAt
		if ago := now.Sub(expires); ago > 0 && !expires.IsZero() {
			member.Expel((&auth.ExpiredError{Ago: ago}).Error())
		}
	}
}

func (s *Session) reply(m wire.Message, status string, response []byte) {
	if m.Ref.IsNull() {
		return
	}
	s.conn.Reply(wire.Reply(s.hello.Version, m.JoinRef, m.Ref, m.Topic, status, response))
}

// refuse answers a push with why it did nothing.
func (s *Session) refuse(m wire.Message, err error) {
	s.reply(m, "error", refusal(err))
}

// reason encodes an error response.
func reason(text string) []byte {
	return mustJSON(map[string]string{"reason": text})
}

// refusal encodes an error response with the sentence that goes with it.
func refusal(err error) []byte {
	r, ok := errors.AsType[*Refusal](err)
	if !ok {
		return reason("Unknown Error on Channel")
	}
	return mustJSON(struct {
		Reason  string `json:"reason"`
		Message string `json:"message,omitempty"`
		Code    string `json:"error,omitempty"`
	}{r.Reason, r.Message, r.Code})
}

// mustJSON encodes what this package made itself. What clients say in it stays
// as long as it is: as escapes of HTML a few letters would be six times that.
func mustJSON(v any) []byte {
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	if err := to.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// verify checks the token of a join or a refresh.
func (s *Session) verify(token string) (auth.Claims, error) {
	claims, err := s.hub.cfg.Verify(token)
	if err != nil {
		return auth.Claims{}, &Refusal{Reason: auth.JoinReason(err)}
	}
	return claims, nil
}
