package realtime

import (
	"encoding/json"
	"strings"
	"sync/atomic"

	"golang.org/x/time/rate"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// Member is one client in one channel.
type Member struct {
	recipient
	access

	channel     *Channel
	director    Director
	participant Participant // nil in a plain channel

	key           string // of its presence
	choseKey      bool   // the client chose the key
	self          bool   // wants its own broadcasts back
	ack           bool   // wants its broadcasts answered
	private       bool
	replay        replay
	subscription  subscription
	ready         bool // wants a message when changes of rows can come
	wantsPresence atomic.Bool
	presenceCalls *rate.Limiter // used by the session's reader only
	answering     answering     // likewise
	trackedBytes  trackedBytes

	gone atomic.Bool
	lost atomic.Bool // the connection broke; the client may come back
}

func newMember(s *Session, m wire.Message, p joinPayload, claims auth.Claims) *Member {
	member := &Member{
		recipient: recipient{session: s, topic: m.Topic, joinRef: m.JoinRef},
		access:    access{hello: &s.hello, rightsOf: everything},
		key:       p.Key, choseKey: p.ChoseKey, self: p.Self, ack: p.Ack, private: p.Private,
		ready: p.Ready, presenceCalls: s.hub.cfg.Limits.Presence.limiter(),
	}
	member.wantsPresence.Store(p.Presence)
	member.director = s.hub.director(member.Topic())
	if p.Private && member.director == nil {
		member.rightsOf = func(c auth.Claims) auth.Rights { return s.hub.rights(c, member.Topic()) }
	}
	member.setGrants(claims)
	return member
}

// channelName is the key of the member's channel in the hub.
func (m *Member) channelName() string {
	return name(m.topic, m.private && m.director == nil)
}

// seesPresence reports whether the member wants presence and may see it.
func (m *Member) seesPresence() bool { return m.wantsPresence.Load() && m.rights().PresenceRead }

// Lost reports whether the member is gone because their connection broke. They did
// not leave.
func (m *Member) Lost() bool { return m.lost.Load() }

// Expel tells the member why and closes their channel. A client takes this as
// final and does not rejoin by itself.
func (m *Member) Expel(why string) {
	if m.session.drop(m) {
		m.system("error", why)
		m.sendClose()
	}
}

// leave takes the member out of their channel.
func (m *Member) leave() {
	m.gone.Store(true)
	m.session.hub.subscribers.remove(m)
	m.session.free(m.subscription)
	m.freePresence()
	m.channel.remove(m)
	if m.participant != nil {
		m.participant.Left()
	}
	m.session.hub.channels.forgetEmpty(m.channel)
}

// Warn tells the client why a broadcast did nothing, at most once a second. A
// client that wants answers has been told in the answer.
func (m *Member) Warn(message string) {
	if !m.ack {
		m.Inform(message)
	}
}

func (m *Member) accessToken(msg wire.Message) {
	var p struct {
		Token *string `json:"access_token"`
	}
	if json.Unmarshal(msg.Payload, &p) != nil || p.Token == nil {
		return
	}
	if strings.HasPrefix(*p.Token, auth.KeyPrefix) {
		return // a key, not a token
	}
	claims, err := m.session.hub.cfg.Verify(*p.Token)
	switch ends := err != nil || !m.rightsOf(claims).Read(); {
	case ends && m.stale(msg):
	case err != nil:
		m.Expel(err.Error())
	default:
		m.setClaims(claims)
	}
}

// setClaims gives the member a new token. A token that may not read the channel
// ends the membership.
func (m *Member) setClaims(claims auth.Claims) {
	m.channel.setGrants(m, claims)
	if !m.rights().Read() {
		m.Expel("You no longer have permission to read from this Channel topic: " + m.Topic())
		return
	}
	if m.participant != nil {
		m.participant.SetClaims(claims)
	}
}
