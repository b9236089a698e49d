package transport

import (
	"sync"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/count"
	"downbeat.local/appliance/ratelimit"
)

// Caller is the one that asks for a connection.
type Caller struct {
	Key     string // the same for the same caller
	Subject string // the person whom the token names, if any
	Many    bool   // stands for several people: a device with a program's key
	Staff   bool   // may have the reserve, and loses nothing for the class
	Seated  bool   // has a token for a room, and goes before those without
	// ConnName is what the caller calls this connection, so that they can give
	// it a lane later. Without one it gets none. It must be hard to guess.
	ConnName string
	// Address is the device's, for limits by device.
	Address string
	// Network is the address that one device may have many of, such as an IPv6
	// network. It is empty on this machine, which has no limit by address.
	Network string
	// Device tells devices of one Network apart; empty if it is not known.
	Device string
	// Lane is the caller's number for the lane that they offer, with which they
	// can give it up later.
	Lane uint32
}

// place is one connection's, from before it is made until it has ended.
type place struct {
	who   Caller
	order uint64 // of the places: the newest has the greatest
	conn  *Conn  // nil until it is made; guarded by places.mu, like the next
	freed bool
}

// places bounds how many connections there are, for the whole box, for one
// address and for one caller. A WebSocket that is being upgraded has its place
// already, and so has a lone peer that is connecting.
//
// When there is no place, a caller with many connections gives one up to a caller
// with fewer, a device to another of its address with fewer, and an address to
// another: one device cannot shut the others out, also of a class behind one router.
// Callers with a seat go before those without. Devices that are not known count as
// one.
type places struct {
	limits  Limits
	refused *count.Reasons

	mu        sync.Mutex // guards what follows
	last      uint64
	yields    *ratelimit.Budget // by device, of places that others gave up
	taken     map[*place]struct{}
	byCaller  map[string]int
	byNetwork map[string]int // without staff
	byDevice  map[device]int // without staff
}

// device is one device, or those of a network that are not known.
type device struct{ network, name string }

func (c Caller) device() device { return device{c.Network, c.Device} }

// How many places its equals give up to the devices of one network that are not
// known: to a class at once, and then to few. Callers who take each other's places in
// turn would be at it for ever, and each time everybody in their rooms hears of it. A
// known device is not many, and has an eighth.
const (
	yieldsPerSecond = 2
	yieldsBurst     = 64
	deviceYield     = 8
)

func newPlaces(limits Limits, refused *count.Reasons) *places {
	if limits.Refused == nil {
		limits.Refused = func(Caller) {}
	}
	return &places{
		limits: limits, refused: refused, yields: ratelimit.NewBudget(yieldsPerSecond, yieldsBurst),
		taken: make(map[*place]struct{}), byCaller: make(map[string]int), byNetwork: make(map[string]int), byDevice: make(map[device]int),
	}
}

// take takes a place for a caller. It returns nil if the caller, their address or
// the box has no more.
func (p *places) take(who Caller) *place {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byCaller[who.Key] >= p.each(who) {
		return p.refuseLocked(who, "caller_full")
	}
	if p.networkFullLocked(who) && !p.yieldLocked(who, who.Network) {
		return p.refuseLocked(who, "address_full")
	}
	if len(p.taken) >= p.most(who) && !p.yieldLocked(who, p.crowdedLocked(who.Network)) {
		return p.refuseLocked(who, "box_full")
	}
	p.last++
	taken := &place{who: who, order: p.last}
	p.taken[taken] = struct{}{}
	p.countLocked(who, 1)
	return taken
}

func (p *places) refuseLocked(who Caller, reason string) *place {
	p.refused.Add(reason)
	p.limits.Refused(who)
	return nil
}

// each is how many connections a caller may have.
func (p *places) each(who Caller) int {
	if who.Many {
		return p.limits.Shared
	}
	return p.limits.Each
}

// most is how many connections there may be before a caller finds no place.
func (p *places) most(who Caller) int {
	if who.Staff {
		return p.limits.Clients
	}
	return p.limits.Clients - min(p.limits.Reserve, p.limits.Clients/2)
}

func (p *places) networkFullLocked(who Caller) bool {
	return !who.Staff && who.Network != "" && p.byNetwork[who.Network] >= p.limits.Network
}

// crowdedLocked returns the network with the most places. One that is not more
// crowded than the caller's own does not count.
func (p *places) crowdedLocked(own string) string {
	most := own
	for network, n := range p.byNetwork {
		if n > p.byNetwork[most]+1 {
			most = network
		}
	}
	return most
}

// yieldLocked ends a connection of a network so that a caller finds a place. It
// reports false if none there has less right to it.
func (p *places) yieldLocked(who Caller, network string) bool {
	var victim *place
	for one := range p.taken {
		if one.who.Staff || one.who.Network != network || !p.yieldsLocked(one.who, who) {
			continue
		}
		if victim == nil || p.goesBeforeLocked(one, victim) {
			victim = one
		}
	}
	if victim == nil {
		return false
	}
	equals := victim.who.Seated == (who.Seated || who.Staff) // the others could not take the place back
	if equals && !p.mayDisplaceLocked(who) {
		return false
	}
	p.limits.Refused(victim.who)
	p.freeLocked(victim)
	if victim.conn != nil {
		victim.conn.Close(websocket.ClosePolicyViolation, "too many connections from this address")
	}
	return true
}

// mayDisplaceLocked reports whether a caller may have the place of an equal once
// more.
func (p *places) mayDisplaceLocked(who Caller) bool {
	price := 1
	if who.Device != "" {
		price = deviceYield
	}
	return p.yields.Spend(who.Network+" "+who.Device, price) == nil
}

// yieldsLocked reports whether one caller gives up a place to another.
func (p *places) yieldsLocked(one, to Caller) bool {
	switch {
	case one.Network != to.Network:
		return true // crowdedLocked has compared them
	case one.Seated != (to.Seated || to.Staff):
		return !one.Seated
	case one.Device != to.Device:
		return p.byDevice[one.device()] > p.byDevice[to.device()]+1
	}
	return !one.Many && p.byCaller[one.Key] > p.byCaller[to.Key]+1
}

// goesBeforeLocked reports whether a place is given up before another: those
// without a seat first, then those of the device with the most, then those of the
// caller with the most, then the newest.
func (p *places) goesBeforeLocked(one, other *place) bool {
	if one.who.Seated != other.who.Seated {
		return !one.who.Seated
	}
	if a, b := p.byDevice[one.who.device()], p.byDevice[other.who.device()]; a != b {
		return a > b
	}
	if a, b := p.byCaller[one.who.Key], p.byCaller[other.who.Key]; a != b {
		return a > b
	}
	return one.order > other.order
}

// bind gives a place its connection. It reports false if another caller has got
// the place meanwhile.
func (p *places) bind(taken *place, c *Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken.conn = c
	return !taken.freed
}

// free gives a place back.
func (p *places) free(taken *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.freeLocked(taken)
}

func (p *places) freeLocked(taken *place) {
	if taken.freed {
		return
	}
	taken.freed = true
	delete(p.taken, taken)
	p.countLocked(taken.who, -1)
}

func (p *places) countLocked(who Caller, n int) {
	addTo(p.byCaller, who.Key, n)
	if !who.Staff {
		addTo(p.byNetwork, who.Network, n)
		addTo(p.byDevice, who.device(), n)
	}
}

func addTo[K comparable](counts map[K]int, key K, n int) {
	if counts[key] += n; counts[key] <= 0 {
		delete(counts, key)
	}
}
