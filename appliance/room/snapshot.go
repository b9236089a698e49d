package room

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Snapshot is what the store keeps of a room. It leaves out guests, notes that
// sound, and whether members are online.
type Snapshot struct {
	Code       string          `json:"code"`
	Name       string          `json:"name"`
	Door       Door            `json:"door"`
	MaxMembers int             `json:"max_members"`
	Revision   int             `json:"revision"`
	Locked     bool            `json:"locked"`
	Timeline   clock.Timeline  `json:"timeline"`
	Next       *clock.Timeline `json:"next,omitempty"`
	Between    clock.Plan      `json:"between,omitempty"` // those that hold between the two
	Settings   Settings        `json:"manner"`            // the key that saved rooms have always had
	Session    string          `json:"session,omitempty"` // empty in rooms of earlier builds
	Question   *Question       `json:"question,omitempty"`
	Kept       []string        `json:"kept,omitempty"` // as lesson.kept
	Teaching   *teaching       `json:"teaching,omitempty"`
	CheckIn    *CheckIn        `json:"check_in,omitempty"`
	Ready      []string        `json:"ready,omitempty"` // as lesson.ready
	// CheckInsOver is lesson.over.
	CheckInsOver []string      `json:"check_ins_over,omitempty"`
	Members      []SavedMember `json:"members"`
	Alone        *Target       `json:"alone,omitempty"`
	AllCall      bool          `json:"all_call,omitempty"`
	History      []undoStep    `json:"history,omitempty"`
	Removed      []string      `json:"removed,omitempty"`  // as SavedMember.Resume, oldest first
	Expelled     []string      `json:"expelled,omitempty"` // as roster.expelled
	Sanctions    []Sanction    `json:"sanctions,omitempty"`
}

// SavedMember is a member as the store keeps them.
type SavedMember struct {
	Member
	Animal int `json:"animal"`
	// Resume is the SHA-256 of the secret for the seat, in base64. It is empty
	// for staff. Only the member's browser has the secret itself.
	Resume string `json:"resume,omitempty"`
	Seq    uint16 `json:"seq"`
	Device string `json:"device,omitempty"` // as Applicant.Device
	Was    string `json:"was,omitempty"`    // as Room.Was
	// Suspect says that they are muted only because somebody else was.
	Suspect bool `json:"suspect,omitempty"`
	// ListenIn is whom a teacher listens in to.
	ListenIn *Target `json:"listen_in,omitempty"`
}

// seqAhead is how far the numbers of notes jump when a room is restored. A
// snapshot does not know the notes after it, and their numbers must not come
// again soon. It is more than a seat can play between two snapshots.
const seqAhead = 4096

// Snapshot copies what the store keeps.
func (r *Room) Snapshot() Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Snapshot{
		Code: r.code, Name: r.name, Door: r.door, MaxMembers: r.roster.capacity,
		Revision: int(r.revision), Locked: r.roster.locked,
		Timeline: r.tempo.current(), Next: r.tempo.next(), Settings: r.settings,
		Alone: r.alone.orNull(), AllCall: r.called, History: slices.Clone(r.history),
		Members: make([]SavedMember, 0, len(r.roster.byID)),
	}
	s.Session, s.Question, s.Kept = r.lesson.session, r.lesson.question, slices.Sorted(maps.Keys(r.lesson.kept))
	s.CheckIn, s.Ready, s.CheckInsOver = r.lesson.checkIn, slices.Sorted(maps.Keys(r.lesson.ready)), r.lesson.over
	if t := r.lesson.plan; t != nil {
		copied := *t
		s.Teaching = &copied
	}
	if pending := r.tempo.plan[1:]; len(pending) > 1 {
		s.Between = slices.Clone(pending[:len(pending)-1])
	}
	for _, m := range r.roster.seats {
		if m == nil || m.guest {
			continue
		}
		s.Members = append(s.Members, r.savedMember(m))
	}
	for _, hash := range r.roster.removed {
		s.Removed = append(s.Removed, base64.StdEncoding.EncodeToString(hash[:]))
	}
	s.Expelled, s.Sanctions = slices.Clone(r.roster.expelled), slices.Clone(r.roster.sanctions)
	return s
}

// savedMember copies what the store keeps of a member.
func (r *Room) savedMember(m *seated) SavedMember {
	saved := SavedMember{
		Member: m.Member, Animal: m.Animal, Seq: r.voices.seq[m.Seat], ListenIn: m.listening.orNull(),
		Device: m.device, Was: m.was, Suspect: m.suspect,
	}
	saved.Online, saved.Keyboards = false, nil
	if m.before != "" {
		saved.Role = m.before
	}
	if m.resume != ([sha256.Size]byte{}) {
		saved.Resume = base64.StdEncoding.EncodeToString(m.resume[:])
	}
	return saved
}

// plan is the timelines of a snapshot.
func (s Snapshot) plan() clock.Plan {
	plan := append(clock.Plan{s.Timeline}, s.Between...)
	if s.Next != nil {
		plan = append(plan, *s.Next)
	}
	return plan
}

// Restore makes the room of a snapshot, with all members offline. sameBoot
// reports whether the machine still runs as when the snapshot was made. If it
// has been started again, the box clock has too, and the tempo is stopped. A
// snapshot that no room can have made is an error.
func Restore(s Snapshot, now clock.Millis, sameBoot bool) (*Room, error) {
	r, err := New(Config{Code: s.Code, Name: s.Name, Door: s.Door, MaxMembers: s.MaxMembers})
	if err != nil {
		return nil, err
	}
	if s.Revision < 0 {
		return nil, fmt.Errorf("revision %d", s.Revision)
	}
	if s.Settings.Hearing == "" { // a room of an earlier build
		s.Settings.Hearing = HearGroup
	}
	if err := s.Settings.validate(); err != nil {
		return nil, err
	}
	r.revision, r.roster.locked, r.settings = revision(s.Revision), s.Locked, s.Settings
	if err := r.tempo.restore(s, now, sameBoot); err != nil {
		return nil, err
	}
	if err := r.lesson.restore(s, now, sameBoot); err != nil {
		return nil, err
	}
	for _, saved := range s.Members {
		if err := r.roster.restore(saved, now); err != nil {
			return nil, fmt.Errorf("seat %d: %w", saved.Seat, err)
		}
		r.voices.open(saved.Seat)
		r.voices.seq[saved.Seat] = saved.Seq + seqAhead
	}
	for _, text := range s.Removed {
		hash, err := parseHash(text)
		if err != nil {
			return nil, fmt.Errorf("removed: %w", err)
		}
		r.roster.removed = append(r.roster.removed, hash)
	}
	r.roster.expelled, r.roster.sanctions = slices.Clone(s.Expelled), slices.Clone(s.Sanctions)
	if err := r.restoreHand(s); err != nil {
		return nil, err
	}
	r.rehearLocked(now)
	return r, nil
}

// restoreHand restores who plays alone, the all-call, and what can be taken back.
func (r *Room) restoreHand(s Snapshot) error {
	if s.Alone != nil {
		_, known := r.roster.byID[s.Alone.StudentID]
		switch {
		case !s.Alone.valid():
			return fmt.Errorf("group %d plays alone", s.Alone.Group)
		case known || s.Alone.Group != 0: // a guest is gone
			r.alone = *s.Alone
		}
	}
	r.called = s.AllCall
	for _, step := range s.History {
		if err := step.validate(); err != nil {
			return err
		}
		r.history.push(step)
	}
	return nil
}

// restore seats a member of a snapshot.
func (p *roster) restore(saved SavedMember, now clock.Millis) error {
	m := &seated{Member: saved.Member, came: true, device: saved.Device, was: saved.Was, suspect: saved.Suspect, since: now.Add(returnGrace - awayGrace)}
	m.Online, m.Keyboards, m.Animal = false, nil, saved.Animal
	switch {
	case int(m.Seat) >= Seats || p.seats[m.Seat] != nil:
		return fmt.Errorf("no such seat, or taken")
	case m.ID == "" || p.byID[m.ID] != nil:
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
	if !validBeats(m.Beats) || m.Group > wire.Groups {
		return fmt.Errorf("plays on beats %v in group %d", m.Beats, m.Group)
	}
	if to := saved.ListenIn; to != nil && m.Role == RoleTeacher {
		switch known := p.byID[to.StudentID] != nil || to.Group != 0; {
		case !to.valid():
			return fmt.Errorf("listens in to group %d", to.Group)
		case known: // a guest is gone
			p.listen(m, *to)
		}
	}
	m.Beats = append([]int{}, m.Beats...)
	m.beats = beatBits(m.Beats)
	p.seat(m)
	return nil
}

// validBeats reports whether a member can have been given beats.
func validBeats(beats []int) bool {
	return !slices.ContainsFunc(beats, func(b int) bool { return b < 0 || b >= clock.MaxMeter })
}

// parseHash reads a SHA-256 in base64.
func parseHash(text string) (hash [sha256.Size]byte, err error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != len(hash) {
		return hash, fmt.Errorf("a resume hash is damaged")
	}
	return [sha256.Size]byte(raw), nil
}
