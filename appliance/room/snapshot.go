package room

import (
	"encoding/base64"
	"fmt"

	"downbeat.local/sync/clock"
)

// Snapshot is what the store keeps of a room.
type Snapshot struct {
	Code     string          `json:"code"`
	Name     string          `json:"name"`
	Door     Door            `json:"door"`
	Revision int             `json:"revision"`
	Locked   bool            `json:"locked"`
	Timeline clock.Timeline  `json:"timeline"`
	Next     *clock.Timeline `json:"next,omitempty"`
	CountIn  int             `json:"count_in"`
	Manner   Manner          `json:"manner"`
	Members  []SavedMember   `json:"members"`
	Removed  []string        `json:"removed,omitempty"` // resume hashes, base64
}

// SavedMember is a member with the hash of the secret that gives his seat
// back, in base64. The secret itself is only in his browser.
type SavedMember struct {
	Member
	Resume string       `json:"resume"`
	Seq    uint16       `json:"seq"`
	Seen   clock.Millis `json:"seen"`
}

// seqAhead is how far sequence numbers jump over a restart: a snapshot does
// not know the notes since, and their numbers must not come again.
const seqAhead = 4096

// Snapshot is the room as it is, without who is online.
func (r *Room) Snapshot() Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Snapshot{
		Code: r.code, Name: r.name, Door: r.door, Revision: r.revision, Locked: r.locked,
		Timeline: r.timeline, CountIn: r.countIn, Manner: r.Manner,
		Members: make([]SavedMember, 0, len(r.byID)),
	}
	if r.next != nil {
		next := *r.next
		s.Next = &next
	}
	for _, m := range r.seats {
		if m != nil {
			saved := SavedMember{Member: m.Member, Resume: base64.StdEncoding.EncodeToString(m.resume[:]), Seq: m.seq, Seen: m.seen}
			saved.Online = false
			s.Members = append(s.Members, saved)
		}
	}
	for hash := range r.removed {
		s.Removed = append(s.Removed, base64.StdEncoding.EncodeToString([]byte(hash)))
	}
	return s
}

// Restore makes the room of a snapshot, with nobody online. sameBoot is
// whether the box clock still counts from the same start; if not, the
// timeline's times mean nothing and it is stopped.
func Restore(s Snapshot, now clock.Millis, sameBoot bool) (*Room, error) {
	r, err := New(Config{Code: s.Code, Name: s.Name, Door: s.Door})
	if err != nil {
		return nil, err
	}
	r.revision, r.locked, r.countIn, r.Manner = s.Revision, s.Locked, s.CountIn, s.Manner
	if err := s.Timeline.Validate(); err != nil {
		return nil, fmt.Errorf("timeline: %w", err)
	}
	r.timeline, r.next = s.Timeline, s.Next
	if !sameBoot {
		if s.Next != nil {
			r.timeline, r.next = *s.Next, nil
		}
		r.timeline.Running, r.timeline.Time0, r.timeline.Beat0, r.timeline.Bar0 = false, now, 0, 0
	}
	if r.timeline.Running {
		r.beat = r.timeline.BeatAfter(now) - 1
	}
	for _, saved := range s.Members {
		if err := r.restoreMember(saved, sameBoot); err != nil {
			return nil, err
		}
	}
	for _, hash := range s.Removed {
		if raw, err := base64.StdEncoding.DecodeString(hash); err == nil {
			r.removed[string(raw)] = true
		}
	}
	return r, nil
}

func (r *Room) restoreMember(saved SavedMember, sameBoot bool) error {
	m := &seated{Member: saved.Member}
	if int(m.Seat) >= Seats || r.seats[m.Seat] != nil || r.byID[m.ID] != nil || m.ID == "" {
		return fmt.Errorf("two members in seat %d, or no such seat", m.Seat)
	}
	hash, err := base64.StdEncoding.DecodeString(saved.Resume)
	if err != nil || len(hash) != len(m.resume) {
		return fmt.Errorf("resume hash in seat %d is damaged", m.Seat)
	}
	copy(m.resume[:], hash)
	m.Online, m.seq = false, saved.Seq+seqAhead
	if sameBoot {
		m.seen = saved.Seen
	}
	for _, b := range m.Beats {
		if b >= 0 && b < clock.MaxMeter {
			m.beats |= 1 << b
		}
	}
	r.byID[m.ID], r.seats[m.Seat] = m, m
	return nil
}
