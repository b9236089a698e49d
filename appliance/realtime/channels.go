package realtime

import (
	"maps"
	"slices"
	"sync"
)

// channels are the channels of a hub that have members or are pinned, by name.
type channels struct {
	mu     sync.Mutex // guards what follows, and Channel.pinned
	byName map[string]*Channel
}

// find finds a channel; nil if there is none.
func (cs *channels) find(name string) *Channel {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.byName[name]
}

// all lists the channels.
func (cs *channels) all() []*Channel {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return slices.Collect(maps.Values(cs.byName))
}

// add adds a member to their channel. It holds the lock throughout, so that the
// channel cannot be forgotten between finding and joining it.
func (cs *channels) add(m *Member, name string, welcome func()) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	m.channel = cs.openLocked(name, m.topic)
	m.channel.add(m, welcome)
}

// pin returns a channel, which stays until it is unpinned.
func (cs *channels) pin(topic string) *Channel {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	ch := cs.openLocked(topic, topic)
	ch.pinned = true
	return ch
}

func (cs *channels) unpin(ch *Channel) {
	cs.mu.Lock()
	ch.pinned = false
	cs.mu.Unlock()
	cs.forgetEmpty(ch)
}

func (cs *channels) openLocked(name, topic string) *Channel {
	ch, ok := cs.byName[name]
	if !ok {
		ch = newChannel(name, topic)
		cs.byName[name] = ch
	}
	return ch
}

// forgetEmpty forgets a channel that is empty and not pinned.
func (cs *channels) forgetEmpty(ch *Channel) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if !ch.pinned && ch.empty() && cs.byName[ch.name] == ch {
		delete(cs.byName, ch.name)
	}
}
