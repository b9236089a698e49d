package cost

import (
	"slices"
	"time"
)

// Refusal is a device that is held back, or an address whose devices are not known.
type Refusal struct {
	Address  string    // empty on this machine
	Device   string    // empty if it is not known
	Client   string    // the last one that was refused
	Resource Resource  // the last one that was refused
	Times    int       // since Since
	Since    time.Time // of the first refusal
	Last     time.Time
}

const (
	// refusalKept is how long a refusal is listed after the last of its device.
	refusalKept = 2 * time.Minute
	// maxRefusals bounds the list. The one that ended longest ago is dropped.
	maxRefusals = 64
	// tellEvery is how often refusals of one device are logged.
	tellEvery = time.Minute
)

// refusals are the devices that are held back. Ledger.mu guards them.
type refusals struct {
	byDevice map[string]*Refusal
	told     map[string]time.Time // when each was logged last
}

func newRefusals() refusals {
	return refusals{byDevice: make(map[string]*Refusal), told: make(map[string]time.Time)}
}

// add counts a refusal and reports whether it is to be logged.
func (s *refusals) add(r Resource, p Payer, now time.Time) (tell bool) {
	device := p.Address + " " + p.Device
	held := s.byDevice[device]
	if held == nil || now.Sub(held.Last) > refusalKept {
		s.makeRoom()
		held = &Refusal{Address: p.Address, Device: p.Device, Since: now}
		s.byDevice[device] = held
	}
	held.Client, held.Resource, held.Last = p.Client, r, now
	held.Times++
	if last, ok := s.told[device]; ok && now.Sub(last) < tellEvery {
		return false
	}
	s.told[device] = now
	return true
}

// makeRoom drops the device whose last refusal is the oldest, if the list is
// full.
func (s *refusals) makeRoom() {
	if len(s.byDevice) < maxRefusals {
		return
	}
	oldest := ""
	for device, held := range s.byDevice {
		if first := s.byDevice[oldest]; first == nil || held.Last.Before(first.Last) {
			oldest = device
		}
	}
	delete(s.byDevice, oldest)
	delete(s.told, oldest)
}

// list returns what is listed now, the latest first.
func (s *refusals) list(now time.Time) []Refusal {
	var all []Refusal
	for _, held := range s.byDevice {
		if now.Sub(held.Last) <= refusalKept {
			all = append(all, *held)
		}
	}
	slices.SortFunc(all, func(a, b Refusal) int { return b.Last.Compare(a.Last) })
	return all
}

// Refusals lists the devices that are held back, the latest first.
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
