package room

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math"
	"slices"

	"downbeat.local/sync/clock"
)

// Snapshot is what the store keeps of a room. Guests are not in it, nor who
// is online, nor what sounds.
type Snapshot struct {
	Code       string          `json:"code"`
	Name       string          `json:"name"`
	Door       Door            `json:"door"`
	MaxMembers int             `json:"max_members"`
	Revision   int             `json:"revision"`
	Locked     bool            `json:"locked"`
	Timeline   clock.Timeline  `json:"timeline"`
	Next       *clock.Timeline `json:"next,omitempty"`
	Manner     Manner          `json:"manner"`
	Members    []SavedMember   `json:"members"`
	Removed    []string        `json:"removed,omitempty"` // as SavedMember.Resume, oldest first
}

// SavedMember is a member as the store keeps him.
type SavedMember struct {
	Member
	Animal int `json:"animal"`
	// Resume is the SHA-256 of the secret that gives his seat back, in
	// base64, and empty for staff. The secret itself is only in his browser.
	Resume string `json:"resume,omitempty"`
	Seq    uint16 `json:"seq"`
}

// seqAhead is how far the numbers of notes jump when a room is restored: a
// snapshot does not know the notes since, and their numbers must not come
// again too soon. It is more than a seat can play between two snapshots.
const seqAhead = 4096

// Snapshot is the room as it is.
func (r *Room) Snapshot() Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Snapshot{
		Code: r.code, Name: r.name, Door: r.door, MaxMembers: r.capacity,
		Revision: r.revision, Locked: r.locked,
		Timeline: r.timeline, Next: r.pendingLocked(), Manner: r.manner,
		Members: make([]SavedMember, 0, len(r.byID)),
	}
	for _, m := range r.seats {
		if m == nil || m.guest {
			continue
		}
		saved := SavedMember{Member: m.Member, Animal: m.Animal, Seq: r.seq[m.Seat]}
		saved.Online = false
		if m.before != "" {
			saved.Role = m.before
		}
		if m.resume != ([sha256.Size]byte{}) {
			saved.Resume = base64.StdEncoding.EncodeToString(m.resume[:])
		}
		s.Members = append(s.Members, saved)
	}
	for _, hash := range r.removed {
		s.Removed = append(s.Removed, base64.StdEncoding.EncodeToString(hash[:]))
	}
	return s
}

// Restore makes the room of a snapshot, with nobody online. sameBoot is
// whether the box clock still counts from the same start; if not, the times of
// the timeline mean nothing, and it is stopped. A snapshot that no room can
// have made is an error.
func Restore(s Snapshot, now clock.Millis, sameBoot bool) (*Room, error) {
	r, err := New(Config{Code: s.Code, Name: s.Name, Door: s.Door, MaxMembers: s.MaxMembers})
	if err != nil {
		return nil, err
	}
	if s.Revision < 0 {
		return nil, fmt.Errorf("revision %d", s.Revision)
	}
	if err := s.Manner.validate(); err != nil {
		return nil, err
	}
	r.revision, r.locked, r.manner = s.Revision, s.Locked, s.Manner
	if err := r.restoreTempo(s, now, sameBoot); err != nil {
		return nil, err
	}
	for _, saved := range s.Members {
		if err := r.restoreMember(saved, now); err != nil {
			return nil, fmt.Errorf("seat %d: %w", saved.Seat, err)
		}
	}
	for _, text := range s.Removed {
		hash, err := parseHash(text)
		if err != nil {
			return nil, fmt.Errorf("removed: %w", err)
		}
		r.removed = append(r.removed, hash)
	}
	return r, nil
}

// No timeline goes beyond these: a century of beats at 300 a minute, and of
// milliseconds. The arithmetic of beats is exact well past both.
const (
	farBeat = 1.6e10
	farTime = 3.2e12
)

func (r *Room) restoreTempo(s Snapshot, now clock.Millis, sameBoot bool) error {
	for _, t := range []*clock.Timeline{&s.Timeline, s.Next} {
		if t == nil {
			continue
		}
		if err := t.Validate(); err != nil {
			return fmt.Errorf("timeline: %w", err)
		}
		if math.Abs(t.Beat0) > farBeat || math.Abs(float64(t.Time0)) > farTime {
			return fmt.Errorf("timeline: beat %g at %g ms is out of this world", t.Beat0, t.Time0)
		}
	}
	r.timeline = s.Timeline
	if s.Next != nil {
		next := *s.Next
		r.next = &next
	}
	if !sameBoot {
		last := r.lastLocked()
		r.timeline = clock.Timeline{Revision: last.Revision + 1, BPM: last.BPM, Meter: last.Meter, Time0: now}
		r.next = nil
	}
	r.turnLocked(now)
	if r.timeline.Running {
		r.told = r.timeline.BeatAfter(now) - 1
	}
	return nil
}

func (r *Room) restoreMember(saved SavedMember, now clock.Millis) error {
	m := &seated{Member: saved.Member, came: true, since: now.Add(returnGrace - awayGrace)}
	m.Online, m.Animal = false, saved.Animal
	switch {
	case int(m.Seat) >= Seats || r.seats[m.Seat] != nil:
		return fmt.Errorf("no such seat, or taken")
	case m.ID == "" || r.byID[m.ID] != nil:
		return fmt.Errorf("no id, or known already")
	case m.Name == "" || m.Role == "" || !slices.Contains(instruments, m.Instrument):
		return fmt.Errorf("no name, no role or no instrument")
	}
	if saved.Resume != "" {
		hash, err := parseHash(saved.Resume)
		if err != nil {
			return err
		}
		m.resume = hash
	}
	for _, b := range m.Beats {
		if b < 0 || b >= clock.MaxMeter {
			return fmt.Errorf("plays on beat %d", b)
		}
	}
	m.Beats = append([]int{}, m.Beats...)
	m.beats = beatBits(m.Beats)
	r.addLocked(m)
	r.seq[m.Seat] = saved.Seq + seqAhead
	return nil
}

// parseHash reads a SHA-256 in base64.
func parseHash(text string) (hash [sha256.Size]byte, err error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != len(hash) {
		return hash, fmt.Errorf("a resume hash is damaged")
	}
	return [sha256.Size]byte(raw), nil
}

// validate says what is wrong with a manner from a file.
func (m Manner) validate() error {
	ok := slices.Contains(modes, m.Mode) && slices.Contains(grids, m.Grid) &&
		m.Interval >= 1 && m.Interval <= maxInterval && slices.Contains(listenings, m.Listening) &&
		m.Scale.Root >= 0 && m.Scale.Root <= 11 && slices.Contains(scaleKinds, m.Scale.Kind) &&
		m.CountIn >= 0 && m.CountIn <= maxCountIn
	if !ok {
		return fmt.Errorf("the way of playing is damaged: %+v", m)
	}
	return nil
}
