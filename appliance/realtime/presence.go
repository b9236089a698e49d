package realtime

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/wire"
)

// presence is the members present in a channel: by key, then by member.
type presence map[string]map[*Member]*meta

// meta is what presence shows of one member.
type meta struct {
	n       int64 // rises with every meta
	ref     string
	tracked map[string]json.RawMessage // what the client sent
	fields  string                     // all but the refs, as JSON members
	box     string                     // what the director adds, as JSON
}

// refs makes phx_refs, which differ in every run of the box.
var refs = func() func() (n int64, ref string) {
	var last atomic.Int64
	boot := strconv.FormatInt(time.Now().UnixNano(), 36)
	return func() (int64, string) {
		n := last.Add(1)
		return n, boot + strconv.FormatInt(n, 36)
	}
}()

// json is the meta as clients get it. previous is the ref that it replaces; it
// may be empty.
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

// mergeFields merges what the client tracks with what the box adds. The box
// wins, and takes away the fields that it gives no value. Neither may set the
// refs.
func mergeFields(tracked map[string]json.RawMessage, box map[string]any) string {
	all := make(map[string]any, len(tracked)+len(box))
	for k, v := range tracked {
		all[k] = v
	}
	for k, v := range box {
		if all[k] = v; v == nil {
			delete(all, k)
		}
	}
	delete(all, "phx_ref")
	delete(all, "phx_ref_prev")
	encoded := mustJSON(all)
	return string(encoded[1 : len(encoded)-1])
}

// metas is what states and diffs hold under each key.
type metas struct {
	Metas []json.RawMessage `json:"metas"`
}

func one(m json.RawMessage) metas { return metas{Metas: []json.RawMessage{m}} }

type diff struct {
	Joins  map[string]metas `json:"joins"`
	Leaves map[string]metas `json:"leaves"`
}

// presence takes a track or an untrack.
func (m *Member) presence(msg wire.Message) {
	msg = m.replyTo(msg)
	if !m.presenceCalls.Allow() || !m.session.limits.presence.Allow() {
		m.overLimit(tooManyPresence, "Client presence rate limit exceeded")
		m.session.reply(msg, "error", reason("Client presence rate limit exceeded"))
		return
	}
	if !m.rights().PresenceWrite {
		m.session.hub.denied.Add("presence")
		m.session.reply(msg, "error", wire.Nothing)
		return
	}
	if err := m.SpendFanOut(len(msg.Payload)); err != nil {
		m.overLimit(tooManyPresence, err.Error())
		m.session.refuse(msg, err)
		return
	}
	p := object(msg.Payload)
	switch strings.ToLower(text(p["event"])) {
	case "track":
		if refused := m.track(p["payload"]); refused != "" {
			m.session.reply(msg, "error", reason(refused))
			return
		}
	case "untrack":
		if !m.stale(msg) {
			_ = m.hold(0) // it frees only
			m.channel.untrack(m)
		}
	default:
		m.session.reply(msg, "error", wire.Nothing)
		return
	}
	m.session.reply(msg, "ok", wire.Nothing)
}

// track takes what a client tracks, which may be nothing. It returns why it does
// not; empty if it does. Every change goes to all members, and all of it to every
// new member, so there is a limit.
func (m *Member) track(raw json.RawMessage) (refused string) {
	tracked := map[string]json.RawMessage{}
	switch err := json.Unmarshal(raw, &tracked); {
	case len(raw) > 0 && err != nil:
		return "Presence track payload must be a map"
	case len(raw) > m.session.hub.cfg.Limits.PresenceSize && m.Claims().Role != auth.Service:
		m.overLimit(tooLargePresence, "Track message size exceeded")
		return "Track message size exceeded"
	}
	if err := m.hold(int64(presenceCopies * len(raw))); err != nil {
		m.overLimit(tooLargePresence, err.Error())
		return err.Error()
	}
	if m.participant != nil {
		m.participant.Tracked(tracked)
	}
	m.channel.track(m, tracked)
	return ""
}

// presenceCopies is how often what a client tracks is in memory: as it came, and
// as it leaves.
const presenceCopies = 2

// trackedBytes is what a member has been charged for what they track.
type trackedBytes struct {
	mu    sync.Mutex // guards what follows
	bytes int64
	left  bool // the member is charged no more
}

// hold charges the client for what it tracks in this channel, in place of what it
// tracked before.
func (m *Member) hold(bytes int64) error {
	ledger, payer, t := m.session.hub.cfg.Cost, m.session.hello.Payer, &m.trackedBytes
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left {
		return nil
	}
	if more := bytes - t.bytes; more > 0 {
		if err := ledger.Hold(cost.Present, payer, more); err != nil {
			return err
		}
	} else {
		ledger.Free(cost.Present, payer, -more)
	}
	t.bytes = bytes
	return nil
}

// freePresence gives back what the member has been charged, for good.
func (m *Member) freePresence() {
	_ = m.hold(0) // it frees only
	m.trackedBytes.mu.Lock()
	m.trackedBytes.left = true
	m.trackedBytes.mu.Unlock()
}

// track makes the member present. If they did not ask for presence when they
// joined, they get it from now on.
func (ch *Channel) track(m *Member, tracked map[string]json.RawMessage) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if m.gone.Load() {
		return
	}
	if m.wantsPresence.CompareAndSwap(false, true) && m.seesPresence() {
		ch.sendPresenceLocked(m)
	}
	if tracked == nil {
		tracked = map[string]json.RawMessage{}
	}
	ch.trackLocked(m, tracked)
}

// Refresh updates what presence shows of the member from the director.
func (m *Member) Refresh() {
	m.channel.mu.Lock()
	defer m.channel.mu.Unlock()
	if !m.gone.Load() {
		m.channel.trackLocked(m, nil)
	}
}

// trackLocked sets what presence shows of a member. tracked nil keeps what the
// client tracks already. Without a difference nothing is sent.
func (ch *Channel) trackLocked(m *Member, tracked map[string]json.RawMessage) {
	old := ch.presence[m.key][m]
	if old == nil {
		old = ch.takeOverLocked(m)
	}
	same := tracked == nil && old != nil
	if same {
		tracked = old.tracked
	}
	var box map[string]any
	if m.participant != nil {
		box = m.participant.Meta()
	}
	added := string(mustJSON(box))
	if same && old.box == added {
		return
	}
	entry := &meta{tracked: tracked, fields: mergeFields(tracked, box), box: added}
	if old != nil && old.fields == entry.fields {
		return
	}
	entry.n, entry.ref = refs()
	if ch.presence[m.key] == nil {
		ch.presence[m.key] = make(map[*Member]*meta)
	}
	ch.presence[m.key][m] = entry
	d := diff{Joins: map[string]metas{}, Leaves: map[string]metas{}}
	previous := ""
	if old != nil {
		previous = old.ref
		d.Leaves[m.key] = one(old.json(""))
	}
	d.Joins[m.key] = one(entry.json(previous))
	ch.sendDiffLocked(d)
}

// untrack makes the member absent. In a channel with a director it drops only
// what the client tracks.
func (ch *Channel) untrack(m *Member) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if m.participant != nil {
		ch.trackLocked(m, map[string]json.RawMessage{})
		return
	}
	ch.untrackLocked(m)
}

func (ch *Channel) untrackLocked(m *Member) {
	old := ch.presence[m.key][m]
	if old == nil {
		return
	}
	delete(ch.presence[m.key], m)
	if len(ch.presence[m.key]) == 0 {
		delete(ch.presence, m.key)
	}
	ch.sendDiffLocked(diff{
		Joins:  map[string]metas{},
		Leaves: map[string]metas{m.key: one(old.json(""))},
	})
}

// sendDiffLocked sends a diff to the members that see presence. It encodes once
// for each serializer.
func (ch *Channel) sendDiffLocked(d diff) {
	payload := mustJSON(d)
	var forms [2]wire.Packet
	for _, m := range ch.roster.Load().all {
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

// Resync sends the member the whole state in place of changes that were dropped
// because their client is too slow.
func (m *Member) Resync() {
	if m.gone.Load() {
		return
	}
	if m.seesPresence() {
		m.channel.mu.Lock()
		m.channel.sendPresenceLocked(m)
		m.channel.mu.Unlock()
	}
	if m.participant != nil {
		m.participant.Resync()
	}
}

// setGrants takes a member's new token. If it is the first that may see
// presence, the state of presence goes to the member, before any change of it.
func (ch *Channel) setGrants(m *Member, claims auth.Claims) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	saw := m.rights().PresenceRead
	if m.setGrants(claims); !saw && m.seesPresence() && !m.gone.Load() {
		ch.sendPresenceLocked(m)
	}
}

func (ch *Channel) sendPresenceLocked(m *Member) {
	state := make(map[string]metas, len(ch.presence))
	for key, members := range ch.presence {
		var all metas
		for _, entry := range inOrder(members) {
			all.Metas = append(all.Metas, entry.json(""))
		}
		state[key] = all
	}
	m.envelope(wire.Ref{}, "presence_state", mustJSON(state))
}

// inOrder lists the metas under one key, oldest first.
func inOrder(members map[*Member]*meta) []*meta {
	return slices.SortedFunc(maps.Values(members), func(a, b *meta) int { return cmp.Compare(a.n, b.n) })
}
