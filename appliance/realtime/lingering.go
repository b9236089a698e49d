package realtime

import "time"

// DefaultGrace is how long a member stays present after their connection is
// lost. supabase-js reconnects after one second, or after three if the first
// attempt fails.
const DefaultGrace = 5 * time.Second

// lingering is a member whose connection was lost, still present under their
// key.
type lingering struct {
	member *Member
	until  time.Time
}

// lingerLocked keeps a lost member present for a while, and reports whether it
// did. It needs a key that the member chose, to recognise them by. In a channel
// with a director, the director decides who is present.
func (ch *Channel) lingerLocked(m *Member) bool {
	grace := m.session.hub.cfg.Grace
	if !m.lost.Load() || !m.choseKey || m.participant != nil || grace <= 0 || ch.presence[m.key][m] == nil {
		return false
	}
	ch.lingering = append(ch.lingering, lingering{m, time.Now().Add(grace)})
	return true
}

// takeOverLocked gives a member the presence of a lingering one with the same
// key. It returns that presence, nil if there is none.
func (ch *Channel) takeOverLocked(m *Member) *meta {
	for i, l := range ch.lingering {
		if l.member.key != m.key {
			continue
		}
		ch.lingering = append(ch.lingering[:i:i], ch.lingering[i+1:]...)
		entry := ch.presence[m.key][l.member]
		delete(ch.presence[m.key], l.member)
		ch.presence[m.key][m] = entry
		return entry
	}
	return nil
}

// expireLingering ends the presence of members whose grace is over, and
// reports whether there were any.
func (ch *Channel) expireLingering(now time.Time) (any bool) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	for len(ch.lingering) > 0 && !now.Before(ch.lingering[0].until) {
		gone := ch.lingering[0].member
		ch.lingering = ch.lingering[1:]
		ch.untrackLocked(gone)
		any = true
	}
	return any
}

// expireLingering does so in all channels, and forgets those that are now
// empty.
func (h *Hub) expireLingering(now time.Time) {
	for _, ch := range h.channels.all() {
		if ch.expireLingering(now) {
			h.channels.forgetEmpty(ch)
		}
	}
}
