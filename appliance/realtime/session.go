package realtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Session is one client's connection and the channels it has joined.
type Session struct {
	hub    *Hub
	conn   Conn
	hello  Hello
	limits *sessionLimits // used by the reader only, like the next
	frame  int            // the longest that the client may send, in bytes
	kind4  atomic.Bool    // the client reads Supabase's binary broadcasts
	held   heldChanges

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
		s.refuseBroken(m, err)
		return
	}
	if m.Kind == wire.Broadcast {
		s.kind4.Store(true)
	}
	switch {
	case m.Topic == "phoenix":
		s.control(m)
	case m.Event == "phx_join" && m.Kind == wire.Text:
		watch := cost.StartWatch()
		s.join(m)
		s.hub.cfg.Cost.Worked(s.hello.Payer, watch.Stop())
	default:
		s.push(m, at)
	}
}

// refuseBroken answers a broadcast whose content cannot be read, if its sender
// wants answers and it can be read whose it is.
func (s *Session) refuseBroken(m wire.Message, err error) {
	if m.Kind != wire.Broadcast {
		return
	}
	if member := s.find(m); member != nil && member.ack && s.mayAnswer() {
		s.refuse(member.replyTo(m), &Refusal{Reason: "bad_payload", Message: "The broadcast cannot be read: " + err.Error() + "."})
	}
}

// TooLong answers a frame that was longer than the client's may be. outline is
// what is left of it (wire.Outline). Without a topic in it there is no answer.
func (s *Session) TooLong(outline []byte, binary bool) {
	s.hub.received.Add(1)
	s.hub.ignored.Add(tooLong)
	m, err := s.decode(outline, binary)
	if err != nil {
		s.hub.cfg.Log.Debug("dropped a frame that was too long", "err", err)
		return
	}
	refused := errTooLong(s.frame)
	if member := s.find(m); member != nil {
		m = member.replyTo(m)
		member.Inform(refused.Reason + ": " + refused.Message)
	}
	s.refuse(m, refused)
}

// allowFrames bounds the frames to come, in bytes.
func (s *Session) allowFrames(bytes int) {
	s.frame = bytes
	s.conn.SetReadLimit(int64(bytes))
}

// control takes a message about the connection itself: a heartbeat, or an event
// that only the box's own clients send.
func (s *Session) control(m wire.Message) {
	if s.hello.Control != nil && s.hello.Control(m.Event, m.Payload) {
		return
	}
	if s.mayAnswer() {
		s.reply(m, "ok", wire.Nothing)
	}
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
		return textV1
	case s.kind4.Load():
		return binaryV2
	}
	return textV2
}

// push takes every other message: one for a channel that the client has joined.
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
	case m.Event == "phx_leave" && member.stale(m):
		s.unmatched(m) // it is about a membership that has ended
	case m.Event == "phx_leave":
		s.leave(member, m)
	default:
		s.hub.ignored.Add(unknownEvent)
		if s.mayAnswer() {
			s.reply(m, "error", reason("unknown event"))
		}
	}
}

// mayAnswer reports whether to answer a message that does nothing. A client
// that sends many of those gets no answers: unread ones would fill the box.
func (s *Session) mayAnswer() bool {
	if s.limits.answers.Allow() {
		return true
	}
	s.hub.ignored.Add(tooManyAnswers)
	return false
}

// find finds the member that a push is for: by topic or, for clients that
// garble topics that are not ASCII, by the ref of its join.
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

// unmatched answers a push to a channel that the client has not joined. Leaving
// such a channel succeeds.
func (s *Session) unmatched(m wire.Message) {
	if !s.mayAnswer() {
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

// drop takes a member out of their channel and out of the session. It reports
// false if another goroutine has done so already.
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

// Closed takes the client out of all its channels, because its connection is
// gone. Unless it left on purpose, it may stay present for a while.
func (s *Session) Closed(left bool) {
	s.hub.forget(s)
	for _, member := range s.memberList() {
		member.lost.Store(!left)
		s.drop(member)
	}
}

func (s *Session) memberList() []*Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.members))
}

// expire closes the channels whose tokens have expired. A key of the box never
// expires.
func (s *Session) expire(now time.Time) {
	for _, member := range s.memberList() {
		expires := member.Claims().ExpiresAt
		if ago := now.Sub(expires); ago > 0 && !expires.IsZero() {
			member.Expel((&auth.ExpiredError{Ago: ago}).Error())
		}
	}
}

// reply answers a push, with its refs. A binary frame without a ref wants no
// answer.
func (s *Session) reply(m wire.Message, status string, response []byte) {
	if m.Kind != wire.Text && m.Ref.IsNull() {
		return
	}
	s.conn.Reply(wire.Reply(s.hello.Version, m.JoinRef, m.Ref, m.Topic, status, response))
}

// refuse answers a push with the error that stopped it.
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

// mustJSON encodes a value of this package. It does not escape HTML, which
// would make a few letters of what clients send six times as long.
func mustJSON(v any) []byte {
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	if err := to.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// object reads a JSON object, nil if it is none.
func object(raw json.RawMessage) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	_ = json.Unmarshal(raw, &m)
	return m
}

// text reads a JSON string, empty if it is none.
func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// verify checks the token of a join or a refresh.
func (s *Session) verify(token string) (auth.Claims, error) {
	claims, err := s.hub.cfg.Verify(token)
	if err != nil {
		return auth.Claims{}, &Refusal{Reason: auth.JoinReason(err)}
	}
	return claims, nil
}
