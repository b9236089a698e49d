package realtime

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// joinPayload is what a client asks for. A field of the wrong type is as if
// it were missing: real clients are joined as well as can be.
type joinPayload struct {
	Self, Ack, Private, Presence bool
	Key                          string
	Named                        bool // by the client
	Supabase                     bool // it asks as clients of Supabase do
	Token                        string
	Changes                      []json.RawMessage
	Wait, Ready                  bool // for changes of rows; for a word that they come
	Legacy                       bool // it comes without a config: see askedByTopic
	Replay                       json.RawMessage
}

func parseJoin(raw []byte) joinPayload {
	top := object(raw)
	config := object(top["config"])
	broadcast, presence := object(config["broadcast"]), object(config["presence"])
	p := joinPayload{
		Supabase: config["postgres_changes"] != nil, // every one of them says so
		Legacy:   top["config"] == nil,
		Self:     truth(broadcast["self"], false),
		Ack:      truth(broadcast["ack"], false),
		Private:  truth(config["private"], false),
		// Clients before 2.46 do not say; they expect presence to work.
		Presence: truth(presence["enabled"], true),
		Key:      text(presence["key"]),
		Token:    text(top["access_token"]),
		Replay:   broadcast["replay"],
	}
	if p.Token == "" {
		p.Token = text(top["user_token"])
	}
	if strings.HasPrefix(p.Token, auth.KeyPrefix) {
		p.Token = "" // a key, not a token: the socket's own counts
	}
	if len(p.Key) > wire.MaxTopic {
		p.Key = ""
	}
	if p.Named = p.Key != ""; !p.Named {
		p.Key = uuid.NewString()
	}
	p.Wait = truth(object(config["postgres_changes_options"])["wait"], false)
	p.Ready = truth(broadcast["replication_ready"], false)
	_ = json.Unmarshal(config["postgres_changes"], &p.Changes)
	return p
}

func object(raw json.RawMessage) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	_ = json.Unmarshal(raw, &m)
	return m
}

func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// truth reads true, false, "true" and "false".
func truth(raw json.RawMessage, missing bool) bool {
	switch strings.Trim(string(raw), `"`) {
	case "true":
		return true
	case "false":
		return false
	}
	return missing
}

func (s *Session) join(m wire.Message) {
	member, err := s.admit(m)
	if err != nil {
		s.hub.refused.Add(code(err))
		s.refuse(m, err)
		if err == errTooManyJoins {
			s.conn.Close(1001, errTooManyJoins.Reason)
		}
		return
	}
	if member == nil {
		return // unmatched, and answered
	}
	s.endFormer(member.topic)
	s.conn.Greeted()
	s.hub.joins.Add(1)
	s.enter(member, m)
	if member.part != nil {
		member.part.Enter()
	}
}

// enter answers a join and takes the member in.
func (s *Session) enter(member *Member, m wire.Message) {
	name := member.channelName()
	if member.replay.wanted {
		line := s.hub.line(name)
		line.Lock()
		defer line.Unlock()
	}
	s.hub.enter(member, name, func() {
		s.reply(m, "ok", member.changes.reply())
	})
	s.mu.Lock()
	s.members[member.topic] = member
	s.mu.Unlock()
	s.hub.listen(member)
	member.announceChanges()
	member.replayed()
}

// admit checks everything that can be wrong with a join.
func (s *Session) admit(m wire.Message) (*Member, error) {
	if !s.limits.joins.Allow() {
		return nil, errTooManyJoins
	}
	if !strings.HasPrefix(m.Topic, wire.TopicPrefix) || len(m.Topic) > wire.MaxTopic {
		s.unmatched(m)
		return nil, nil
	}
	if m.Topic == wire.TopicPrefix {
		return nil, &Refusal{Reason: "TopicNameRequired: You must provide a topic name"}
	}
	if s.joined() >= s.hub.cfg.Limits.Channels {
		return nil, &Refusal{Reason: "ChannelRateLimitReached: Too many channels"}
	}
	p := parseJoin(m.Payload)
	if p.Supabase {
		s.kind4.Store(true)
	}
	token := p.Token
	if token == "" {
		token = s.hello.APIKey
	}
	claims, err := s.verify(token)
	if err != nil {
		return nil, err
	}
	if claims.Role == auth.Service {
		s.conn.SetReadLimit(wire.MaxServiceFrame)
	}
	member := newMember(s, m, p, claims)
	if !member.rights().Read() {
		s.hub.denied.Add("join")
		return nil, MayNotRead(member.Topic())
	}
	if member.replay, err = parseReplay(p.Replay); err == nil {
		err = member.allowReplay()
	}
	if err != nil {
		return nil, err
	}
	if c := member.changes; c.wait && c.problem != "" {
		return nil, &Refusal{Reason: "RealtimeDisabledForConfiguration: " + c.problem}
	}
	if member.director == nil {
		return member, nil
	}
	member.part, err = member.director.Join(member)
	return member, err
}

func (s *Session) joined() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.members)
}

// endFormer ends the membership of whoever joined the same topic before, as a
// second join does.
func (s *Session) endFormer(topic string) {
	s.mu.Lock()
	former := s.members[topic]
	s.mu.Unlock()
	if former != nil && s.drop(former) {
		former.sendClose()
	}
}
