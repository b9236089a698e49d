package realtime

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// presence is who is in a channel: by key, then by member.
type presence map[string]map[*Member]*meta

// meta is what presence says of one member.
type meta struct {
	n       int64 // goes up from meta to meta
	ref     string
	tracked map[string]json.RawMessage // what the client said
	fields  string                     // everything but the refs, as JSON members
	box     string                     // what the director says, as JSON
}

// refs makes phx_refs, different in every run of the box.
var refs = func() func() (n int64, ref string) {
	var last atomic.Int64
	boot := strconv.FormatInt(time.Now().UnixNano(), 36)
	return func() (int64, string) {
		n := last.Add(1)
		return n, boot + strconv.FormatInt(n, 36)
	}
}()

// json is the meta as clients get it. previous is the ref it replaces, if
// any.
func (e *meta) json(previous string) json.RawMessage {
	var b strings.Builder
	b.WriteString(`{"phx_ref":` + strconv.Quote(e.ref))
	if previous != "" {
		b.WriteString(`,"phx_ref_prev":` + strconv.Quote(previous))
	}
	if e.fields != "" {
		b.WriteString("," + e.fields)
	}
	b.WriteByte('}')
	return json.RawMessage(b.String())
}

// fields merges what the client tracks with what the box says of it; the box
// has the last word, and refs are nobody's to set.
func fields(tracked map[string]json.RawMessage, box map[string]any) string {
	all := make(map[string]any, len(tracked)+len(box))
	for k, v := range tracked {
		all[k] = v
	}
	for k, v := range box {
		all[k] = v
	}
	delete(all, "phx_ref")
	delete(all, "phx_ref_prev")
	encoded := mustJSON(all)
	return string(encoded[1 : len(encoded)-1])
}

// maxTracked bounds what a client may say of itself, bytes: everybody is told
// of each change, and whoever comes of all of it.
const maxTracked = 8 << 10

// metas is the inner shape of states and diffs.
type metas struct {
	Metas []json.RawMessage `json:"metas"`
}

func one(m json.RawMessage) metas { return metas{Metas: []json.RawMessage{m}} }

type diff struct {
	Joins  map[string]metas `json:"joins"`
	Leaves map[string]metas `json:"leaves"`
}

// presence takes a track or untrack.
func (m *Member) presence(msg wire.Message) {
	msg = m.answering(msg)
	if !m.session.limits.presence.Allow() {
		m.overLimit(tooManyPresence, "Client presence rate limit exceeded")
		m.session.reply(msg, "error", reason("Client presence rate limit exceeded"))
		return
	}
	var p struct {
		Event   string          `json:"event"`
		Payload json.RawMessage `json:"payload"`
	}
	_ = json.Unmarshal(msg.Payload, &p)
	if !m.rights().PresenceWrite {
		m.session.hub.denied.Add("presence")
		m.session.reply(msg, "error", wire.Nothing)
		return
	}
	switch strings.ToLower(p.Event) {
	case "track":
		var tracked map[string]json.RawMessage
		if json.Unmarshal(p.Payload, &tracked) != nil {
			m.session.reply(msg, "error", reason("Presence track payload must be a map"))
			return
		}
		if len(p.Payload) > maxTracked && m.Claims().Role != auth.Service {
			m.overLimit(tooLargePresence, "Track message size exceeded")
			m.session.reply(msg, "error", reason("Track message size exceeded"))
			return
		}
		m.channel.track(m, tracked)
	case "untrack":
		m.channel.untrack(m)
	default:
		m.session.reply(msg, "error", wire.Nothing)
		return
	}
	m.session.reply(msg, "ok", wire.Nothing)
}

// track makes the member present with what he says, and lets him see the
// others if he had not asked to.
func (ch *Channel) track(m *Member, tracked map[string]json.RawMessage) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if m.gone.Load() {
		return
	}
	if m.watches.CompareAndSwap(false, true) && m.seesPresence() {
		ch.sendPresenceLocked(m)
	}
	if tracked == nil {
		tracked = map[string]json.RawMessage{}
	}
	ch.trackLocked(m, tracked)
}

// Refresh tells everybody what the director now says of the member.
func (m *Member) Refresh() {
	m.channel.mu.Lock()
	defer m.channel.mu.Unlock()
	if !m.gone.Load() {
		m.channel.trackLocked(m, nil)
	}
}

// trackLocked sets what presence says of a member; tracked nil keeps what the
// client said before. Saying the same again changes nothing.
func (ch *Channel) trackLocked(m *Member, tracked map[string]json.RawMessage) {
	old := ch.crowd[m.key][m]
	if old == nil {
		old = ch.returnLocked(m)
	}
	same := tracked == nil && old != nil
	if same {
		tracked = old.tracked
	}
	var box map[string]any
	if m.part != nil {
		box = m.part.Meta()
	}
	said := string(mustJSON(box))
	if same && old.box == said {
		return
	}
	entry := &meta{tracked: tracked, fields: fields(tracked, box), box: said}
	if old != nil && old.fields == entry.fields {
		return
	}
	entry.n, entry.ref = refs()
	if ch.crowd[m.key] == nil {
		ch.crowd[m.key] = make(map[*Member]*meta)
	}
	ch.crowd[m.key][m] = entry
	d := diff{Joins: map[string]metas{}, Leaves: map[string]metas{}}
	previous := ""
	if old != nil {
		previous = old.ref
		d.Leaves[m.key] = one(old.json(""))
	}
	d.Joins[m.key] = one(entry.json(previous))
	ch.sendDiffLocked(d)
}

// untrack makes the member absent; one with a part keeps what the box says.
func (ch *Channel) untrack(m *Member) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if m.part != nil {
		ch.trackLocked(m, map[string]json.RawMessage{})
		return
	}
	ch.untrackLocked(m)
}

func (ch *Channel) untrackLocked(m *Member) {
	old := ch.crowd[m.key][m]
	if old == nil {
		return
	}
	delete(ch.crowd[m.key], m)
	if len(ch.crowd[m.key]) == 0 {
		delete(ch.crowd, m.key)
	}
	ch.sendDiffLocked(diff{
		Joins:  map[string]metas{},
		Leaves: map[string]metas{m.key: one(old.json(""))},
	})
}

// sendDiffLocked tells those who watch, encoding once for each serializer.
func (ch *Channel) sendDiffLocked(d diff) {
	payload := mustJSON(d)
	var forms [2]wire.Packet
	for _, m := range ch.roll.Load().all {
		if !m.seesPresence() {
			continue
		}
		v := m.session.hello.Version
		if forms[v-1].IsZero() {
			forms[v-1] = wire.Envelope(v, wire.Ref{}, wire.Ref{}, ch.topic, "presence_diff", payload)
		}
		m.session.conn.State(forms[v-1], m)
	}
}

// Resync sends the member the whole state in place of changes that he was too
// slow to be told of.
func (m *Member) Resync() {
	if m.gone.Load() {
		return
	}
	if m.seesPresence() {
		m.channel.mu.Lock()
		m.channel.sendPresenceLocked(m)
		m.channel.mu.Unlock()
	}
	if m.part != nil {
		m.part.Resync()
	}
}

// rank takes a member's new token. If it is the first that lets him see who is
// here he is told, before he hears of any change.
func (ch *Channel) rank(m *Member, claims auth.Claims) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	saw := m.rights().PresenceRead
	if m.rank(claims); !saw && m.seesPresence() && !m.gone.Load() {
		ch.sendPresenceLocked(m)
	}
}

func (ch *Channel) sendPresenceLocked(m *Member) {
	state := make(map[string]metas, len(ch.crowd))
	for key, members := range ch.crowd {
		var all metas
		for _, entry := range inOrder(members) {
			all.Metas = append(all.Metas, entry.json(""))
		}
		state[key] = all
	}
	m.envelope(wire.Ref{}, "presence_state", mustJSON(state))
}

// inOrder is what is said under one key, oldest first.
func inOrder(members map[*Member]*meta) []*meta {
	return slices.SortedFunc(maps.Values(members), func(a, b *meta) int { return cmp.Compare(a.n, b.n) })
}
