package cost

import (
	"slices"
	"time"
)

// Refusal is an address that is held back.
type Refusal struct {
	Address  string    // empty on this machine
	Client   string    // the last one that was refused
	Resource Resource  // the last one that was refused
	Times    int       // since Since
	Since    time.Time // of the first refusal
	Last     time.Time
}

const (
	// refusalKept is how long a refusal is listed after the last of its address.
	refusalKept = 2 * time.Minute
	// maxRefusals bounds the list. The one that ended longest ago is dropped.
	maxRefusals = 64
	// tellEvery is how often refusals of one address are logged.
	tellEvery = time.Minute
)

// refusals are the addresses that are held back. Ledger.mu guards them.
type refusals struct {
	byAddress map[string]*Refusal
	told      map[string]time.Time // when each was logged last
}

func newRefusals() refusals {
	return refusals{byAddress: make(map[string]*Refusal), told: make(map[string]time.Time)}
}

// add counts a refusal and reports whether it is to be logged.
func (s *refusals) add(r Resource, p Payer, now time.Time) (tell bool) {
	held := s.byAddress[p.Address]
	if held == nil || now.Sub(held.Last) > refusalKept {
		s.makeRoom()
		held = &Refusal{Address: p.Address, Since: now}
		s.byAddress[p.Address] = held
	}
	held.Client, held.Resource, held.Last = p.Client, r, now
	held.Times++
	if last, ok := s.told[p.Address]; ok && now.Sub(last) < tellEvery {
		return false
	}
	s.told[p.Address] = now
	return true
}

// makeRoom drops the address whose last refusal is the oldest, if the list is
// full.
func (s *refusals) makeRoom() {
	if len(s.byAddress) < maxRefusals {
		return
	}
	oldest := ""
	for address, held := range s.byAddress {
		if first := s.byAddress[oldest]; first == nil || held.Last.Before(first.Last) {
			oldest = address
		}
	}
	delete(s.byAddress, oldest)
	delete(s.told, oldest)
}

// list returns what is listed now, the latest first.
func (s *refusals) list(now time.Time) []Refusal {
	var all []Refusal
	for _, held := range s.byAddress {
		if now.Sub(held.Last) <= refusalKept {
			all = append(all, *held)
		}
	}
	slices.SortFunc(all, func(a, b Refusal) int { return b.Last.Compare(a.Last) })
	return all
}

// Refusals lists the addresses that are held back, the latest first.
func (l *Ledger) Refusals() []Refusal {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refusals.list(time.Now())
}

// Refuse records that another part of the box has refused a payer: a connection,
// a seat or a row that is kept.
func (l *Ledger) Refuse(r Resource, p Payer) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuseLocked(r, p)
}

// Refused counts the refusals of each resource.
func (l *Ledger) Refused() map[string]uint64 { return l.refused.All() }

func (l *Ledger) refuseLocked(r Resource, p Payer) {
	l.refused.Add(string(r))
	if l.refusals.add(r, p, time.Now()) {
		l.log.Warn("a device asks for too much and is held back", "addr", p.Address, "of", string(r))
	}
}
