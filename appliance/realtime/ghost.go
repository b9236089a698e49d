package realtime

import "time"

// DefaultGrace is how long somebody whom the network lost stays present:
// supabase-js is back after one second, or after three if that fails once.
const DefaultGrace = 5 * time.Second

// ghost is a member whom the network lost, still present under his key.
type ghost struct {
	member *Member
	until  time.Time
}

// lingerLocked lets a member stay present for a while, if he was lost and can
// be known again: by the key that he chose. In a directed channel the director
// says who is here.
func (ch *Channel) lingerLocked(m *Member) bool {
	grace := m.session.hub.cfg.Grace
	if !m.lost.Load() || !m.named || m.part != nil || grace <= 0 || ch.crowd[m.key][m] == nil {
		return false
	}
	ch.ghosts = append(ch.ghosts, ghost{m, time.Now().Add(grace)})
	return true
}

// returnLocked gives what a ghost of that key said, as if the member had said
// it himself; nil if there is none.
func (ch *Channel) returnLocked(m *Member) *meta {
	for i, g := range ch.ghosts {
		if g.member.key != m.key {
			continue
		}
		ch.ghosts = append(ch.ghosts[:i:i], ch.ghosts[i+1:]...)
		entry := ch.crowd[m.key][g.member]
		delete(ch.crowd[m.key], g.member)
		ch.crowd[m.key][m] = entry
		return entry
	}
	return nil
}

// lay tells that those are gone whose time is over, and reports whether any
// were.
func (ch *Channel) lay(now time.Time) (any bool) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	for len(ch.ghosts) > 0 && !now.Before(ch.ghosts[0].until) {
		gone := ch.ghosts[0].member
		ch.ghosts = ch.ghosts[1:]
		ch.untrackLocked(gone)
		any = true
	}
	return any
}

// layGhosts does so in all channels, and forgets those that are empty then.
func (h *Hub) layGhosts(now time.Time) {
	h.mu.Lock()
	all := make([]*Channel, 0, len(h.channels))
	for _, ch := range h.channels {
		all = append(all, ch)
	}
	h.mu.Unlock()
	for _, ch := range all {
		if ch.lay(now) {
			h.release(ch)
		}
	}
}
