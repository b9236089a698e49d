package realtime

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// joinPayload is what a client asks for in a join.
type joinPayload struct {
	Self, Ack, Private, Presence bool
	Key                          string
	ChoseKey                     bool // the client sent the key
	Supabase                     bool // it has what every Supabase client sends
	Token                        string
	Changes                      []json.RawMessage // objects
	Wait                         bool              // refuse the join if a binding is wrong
	Ready                        bool              // send a message when changes can come
	Legacy                       bool              // it has no config: see askedByTopic
	Replay                       json.RawMessage
}

// parseJoin reads a join. The error is a *Refusal that names the first field that
// cannot be read.
func parseJoin(raw []byte) (joinPayload, error) {
	var from joinFields
	top := from.object("the payload", raw)
	config := from.object("config", top["config"])
	broadcast := from.object("config.broadcast", config["broadcast"])
	presence := from.object("config.presence", config["presence"])
	options := from.object("config.postgres_changes_options", config["postgres_changes_options"])
	p := joinPayload{
		Supabase: config["postgres_changes"] != nil,
		Legacy:   top["config"] == nil,
		Self:     from.flag("config.broadcast.self", broadcast["self"], false),
		Ack:      from.flag("config.broadcast.ack", broadcast["ack"], false),
		Private:  from.flag("config.private", config["private"], false),
		// Clients before 2.46 do not send this, and expect presence to work.
		Presence: from.flag("config.presence.enabled", presence["enabled"], true),
		Key:      from.key("config.presence.key", presence["key"]),
		Token:    from.text("access_token", top["access_token"]),
		Changes:  from.changes(config["postgres_changes"]),
		Wait:     from.flag("config.postgres_changes_options.wait", options["wait"], false),
		Ready:    from.flag("config.broadcast.replication_ready", broadcast["replication_ready"], false),
		Replay:   broadcast["replay"],
	}
	if old := from.text("user_token", top["user_token"]); p.Token == "" {
		p.Token = old
	}
	if from.problem != nil {
		return joinPayload{}, from.problem
	}
	if strings.HasPrefix(p.Token, auth.KeyPrefix) {
		p.Token = "" // a key, not a token: the connection's token counts
	}
	if p.ChoseKey = p.Key != ""; !p.ChoseKey {
		p.Key = uuid.NewString()
	}
	return p, nil
}

func (s *Session) join(m wire.Message) {
	member, err := s.admit(m)
	if err != nil {
		s.hub.refused.Add(code(err))
		s.refuse(m, err)
		return
	}
	if member == nil {
		return
	}
	s.endPrevious(member.topic)
	s.conn.Greeted()
	s.hub.joins.Add(1)
	s.complete(member, m)
	if member.participant != nil {
		member.participant.Joined()
	}
}

// complete answers a join and adds the member.
func (s *Session) complete(member *Member, m wire.Message) {
	name := member.channelName()
	if member.replay.wanted {
		order := s.hub.keeper.orderLock(name)
		order.Lock()
		defer order.Unlock()
	}
	s.hub.channels.add(member, name, func() {
		s.reply(m, "ok", member.subscription.reply())
	})
	s.mu.Lock()
	s.members[member.topic] = member
	s.mu.Unlock()
	s.hub.subscribers.add(member)
	member.confirmSubscription()
	member.sendReplay()
}

// admit checks a join. It returns nil without an error if it has answered the
// join itself.
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
	if s.joinedBeside(m.Topic) >= s.hub.cfg.Limits.Channels {
		return nil, &Refusal{Reason: "ChannelRateLimitReached: Too many channels"}
	}
	p, err := parseJoin(m.Payload)
	if err != nil {
		return nil, err
	}
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
		s.allowFrames(s.hub.cfg.Limits.ServiceFrame)
	}
	member := newMember(s, m, p, claims)
	if !member.rights().Read() {
		s.hub.denied.Add("join")
		return nil, MayNotRead(member.Topic())
	}
	if ch := s.hub.channels.find(member.channelName()); ch != nil { // all of them will see the new member
		if err := s.spendFanOut(ch, 0); err != nil {
			return nil, errTooCostly(err)
		}
	}
	if member.replay, err = parseReplay(p.Replay); err == nil {
		err = member.allowReplay()
	}
	if err != nil {
		return nil, err
	}
	if member.director != nil {
		if member.participant, err = member.director.Join(member); err != nil {
			return nil, err
		}
	}
	// Last, because filters cost more than anything else in a join.
	if err := s.readSubscription(member, p); err != nil {
		s.free(member.subscription)
		if member.participant != nil {
			member.participant.Left()
		}
		return nil, err
	}
	return member, nil
}

// joinedBeside counts the client's channels, but for that of a topic, which a new
// join of it would replace.
func (s *Session) joinedBeside(topic string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members[topic] != nil {
		return len(s.members) - 1
	}
	return len(s.members)
}

// endPrevious ends the client's earlier membership of a topic that it joins
// again.
func (s *Session) endPrevious(topic string) {
	s.mu.Lock()
	previous := s.members[topic]
	s.mu.Unlock()
	if previous != nil && s.drop(previous) {
		previous.sendClose()
	}
}
