// Package lobby knows the devices that show the box's page and have no seat yet.
//
// Such a device has no name. It gets a mark, a letter that its own screen shows at
// the same time, so that a teacher finds it in the room. The page reports every
// few seconds ([Visitors.Report]), and the box adds what it refused
// ([Visitors.Refuse]). [Visitors.List] says who stands before the door of a room
// and why.
//
// Everything is in memory and bounded, in all and by address (crowd.go): one child
// cannot fill the list with devices that do not exist. A device that says nothing
// more is missing for a while, and then forgotten. A teacher can dismiss one that
// needs no help ([Visitors.Dismiss]). The package knows no rooms and no pages. Its
// methods may be called from any goroutine.
package lobby

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"downbeat.local/appliance/names"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/sync/clock"
)

// ReportEvery is how often a page without a seat reports.
const ReportEvery = 5 * time.Second

// How long a device counts after its last report.
const (
	// missingAfter is two reports and a half. One may be lost.
	missingAfter = 5 * ReportEvery / 2
	// forgottenAfter is long enough for a teacher to walk to the device.
	forgottenAfter = 2 * time.Minute
	// dismissedFor is how long a device that the teacher has dismissed is not shown,
	// whatever it says. After that it is shown when it tries again.
	dismissedFor = 10 * time.Minute
)

// Bounds of the devices that are known at once.
const (
	maxVisitors = 128
	maxID       = 64 // bytes
)

// Reasons why a device has no seat, as on the wire. They are those of the refused
// join. Other reasons count as none.
const (
	WrongCode = "not_found"
	Locked    = "locked"
	Full      = "full"
	Removed   = "removed"
	SlowDown  = "slow_down"
	Missing   = "missing" // its reports do not come any more
)

var reasons = []string{WrongCode, Locked, Full, Removed, SlowDown}

// Visitor is a device without a seat, as teachers see it.
type Visitor struct {
	Mark  string       `json:"mark"`            // the letter on its screen
	Why   string       `json:"why,omitempty"`   // what keeps it out; empty for nothing yet
	Typed string       `json:"typed,omitempty"` // the code that no room has
	Since clock.Millis `json:"since"`           // when that began
}

// Report is what a page without a seat says of itself.
type Report struct {
	ID      string // the page's own, a secret of its browser
	Address string // HOST:PORT
	Room    string // the code of the room that its link names; empty if none
	Gone    bool   // the page is left
}

// Visitors is the devices without a seat.
type Visitors struct {
	mu    sync.Mutex // guards what follows
	byID  map[string]*visitor
	crowd crowd
}

// visitor is a device and what only the box knows of it.
type visitor struct {
	Visitor
	address string // as ratelimit.AddressKey
	room    string
	heard   clock.Millis
	seated  clock.Millis // when it took a seat; 0 if it has not
	gone    bool         // its page was left, or it has a seat; the mark stays for a page that comes back

	dismissed clock.Millis // when the teacher dismissed it; 0 if they have not
}

// New returns a lobby with nobody in it.
func New() *Visitors {
	return &Visitors{byID: make(map[string]*visitor), crowd: make(crowd)}
}

// Report takes a report, and returns the mark that the page shows. It is empty for
// a device that is left out: one without an id, or one more than fits.
func (v *Visitors) Report(now clock.Millis, r Report) (mark string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	d := v.byID[r.ID]
	if d == nil {
		if d = v.addLocked(now, r); d == nil {
			return ""
		}
	}
	if d.seated > 0 && now.Sub(d.seated) < ReportEvery {
		return d.Mark // it was on its way when the seat was given
	}
	if d.gone || now.Sub(d.heard) > missingAfter {
		d.begin(now, "", "")
	}
	d.heard, d.room, d.gone, d.seated = now, r.Room, r.Gone, 0
	return d.Mark
}

// addLocked makes a mark for a new device. It returns nil if there is no place.
func (v *Visitors) addLocked(now clock.Millis, r Report) *visitor {
	if r.ID == "" || len(r.ID) > maxID || r.Gone {
		return nil
	}
	v.forgetLocked(now)
	address, same := ratelimit.AddressKey(r.Address), 0
	taken := make(map[string]bool, len(v.byID))
	for _, d := range v.byID {
		taken[d.Mark] = true
		if d.address == address {
			same++
		}
	}
	if len(v.byID) >= maxVisitors || same >= maxOfRouter {
		return nil
	}
	d := &visitor{address: address, Visitor: Visitor{Mark: freeMark(taken), Since: now}}
	v.byID[r.ID] = d
	return d
}

// begin notes that something new has begun for a device. It is shown again if the
// teacher dismissed it long ago.
func (d *visitor) begin(now clock.Millis, why, typed string) {
	d.Why, d.Typed, d.Since = why, typed, now
	if !d.dismissedNow(now) {
		d.dismissed = 0
	}
}

// dismissedNow reports whether the teacher has just dismissed a device.
func (d *visitor) dismissedNow(now clock.Millis) bool {
	return d.dismissed > 0 && now.Sub(d.dismissed) < dismissedFor
}

// forgetLocked forgets the devices that were silent for long. Those that were
// dismissed count for their address until they may be shown again.
func (v *Visitors) forgetLocked(now clock.Millis) {
	maps.DeleteFunc(v.byID, func(_ string, d *visitor) bool {
		return now.Sub(d.heard) > forgottenAfter && !d.dismissedNow(now)
	})
}

// Refuse notes that a device was refused a seat. A page that follows a link may ask
// for one before its first report. typed is what its person typed.
func (v *Visitors) Refuse(now clock.Millis, r Report, why, typed string) {
	if !slices.Contains(reasons, why) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	d := v.byID[r.ID]
	if d == nil {
		if d = v.addLocked(now, r); d == nil {
			return
		}
	}
	d.gone = false // its page is open, or it could not ask
	shown := ""
	if why == WrongCode {
		shown, _ = names.Clean(typed) // a rude one is not shown
	}
	d.heard = now
	d.begin(now, why, shown)
}

// Seat notes that a device has a seat.
func (v *Visitors) Seat(now clock.Millis, id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if d := v.byID[id]; d != nil {
		d.gone, d.seated, d.dismissed = true, now, 0
		v.crowd.seat(now, d.address)
	}
}

// Dismiss takes a device off the list of a room: it needs no help. It is listed again
// when it tries anew later. Dismiss reports whether it was listed.
func (v *Visitors) Dismiss(now clock.Millis, room, mark string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, d := range v.listedLocked(now, room) {
		if d.Mark == mark {
			d.dismissed = now
			return true
		}
	}
	return false
}

// List returns the devices before the door of a room, in the order of their marks:
// those whose link names it, and those whose room is not known.
func (v *Visitors) List(now clock.Millis, room string) []Visitor {
	v.mu.Lock()
	defer v.mu.Unlock()
	listed := v.listedLocked(now, room)
	all := make([]Visitor, 0, len(listed))
	for _, d := range listed {
		shown := d.Visitor
		if now.Sub(d.heard) > missingAfter {
			shown.Why, shown.Since = Missing, d.heard
		}
		all = append(all, shown)
	}
	return all
}

// listedLocked returns the devices that are listed for a room, in the order of their
// marks. Each address has a number of places, and a device that was just dismissed
// keeps its place: another of the same child does not take it.
func (v *Visitors) listedLocked(now clock.Millis, room string) (all []*visitor) {
	taken := make(map[string]int)
	for _, d := range v.byID {
		silent := now.Sub(d.heard) > forgottenAfter
		switch {
		case d.dismissedNow(now):
			taken[d.address]++
		case !d.gone && !silent && d.dismissed == 0 && (d.room == "" || d.room == room):
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b *visitor) int {
		return cmp.Or(cmp.Compare(len(a.Mark), len(b.Mark)), cmp.Compare(a.Mark, b.Mark))
	})
	return slices.DeleteFunc(all, func(d *visitor) bool {
		taken[d.address]++
		return taken[d.address] > v.crowd.most(now, d.address)
	})
}

// letters are those of marks. I and O look like digits.
const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"

// freeMark returns the first mark that is not taken: A to Z, then A2 to Z2, A3 and
// so on.
func freeMark(taken map[string]bool) string {
	for round := 1; ; round++ {
		for _, letter := range letters {
			mark := string(letter)
			if round > 1 {
				mark += string(rune('0' + round))
			}
			if !taken[mark] {
				return mark
			}
		}
	}
}
