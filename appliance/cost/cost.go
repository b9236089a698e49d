// Package cost keeps the account of what clients order from the box.
//
// A client orders more than it sends: a short filter becomes a large program, a
// request without its last byte holds its body, a scan takes a processor. So
// clients are charged for what the box holds and does for them, in bytes and in
// time, and not for the pieces they send.
//
// A [Ledger] bounds each [Resource] three times: for a client, for an address and
// for the box. A class may share one address, so the bound of an address fits a
// class, and a quarter of the box is left for staff. Callers ask before they work:
// [Ledger.Hold] for what is held until [Ledger.Free], and [Ledger.MayWork] for
// time, which [Ledger.Worked] charges afterwards.
//
// A refusal is a [*RefusedError] with a sentence for the client. The ledger logs
// it, once a minute for each address, and lists it under [Ledger.Refusals].
//
// This machine has no bound by address: the demo and the load test run on it.
package cost

import (
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"downbeat.local/appliance/count"
	"downbeat.local/appliance/ratelimit"
)

// Resource is what clients order.
type Resource string

// The resources of a box.
const (
	Filters Resource = "filters"  // bytes of the filters of subscriptions and of requests at work
	Bodies  Resource = "requests" // bytes of request bodies that arrive or are at work
	Present Resource = "presence" // bytes of what clients track
	Work    Resource = "queries"  // time of a processor, for scans, filters and what everybody gets

	// Other parts of the box bound these, and report with [Ledger.Refuse].
	Connections Resource = "connections"
	Seats       Resource = "seats"
	Kept        Resource = "kept messages"
)

// Payer is the client that pays.
type Payer struct {
	Client  string // the same for the same client
	Address string // of the device, without the port; empty on this machine
	// Device tells devices behind one address apart; empty if it is not known.
	Device string
	Staff  bool // a teacher, a stage or a program with a service key
}

// PayerAt returns the payer of a person at an address, HOST:PORT. Without a person
// the connection is the client.
func PayerAt(remote, person string, staff bool) Payer {
	p := Payer{Client: person, Address: ratelimit.AddressKey(remote), Staff: staff}
	if person == "" {
		p.Client = connection + remote
	}
	if host, _, _ := net.SplitHostPort(remote); net.ParseIP(host).IsLoopback() {
		p.Address = ""
	}
	return p
}

// connection begins the name of a client that is nobody in particular.
const connection = "connection "

// Owner is the name under which the payer's rows are kept, which outlasts a
// connection: the person, or else the address.
func (p Payer) Owner() string {
	if strings.HasPrefix(p.Client, connection) {
		return p.Address
	}
	return p.Client
}

// Bounds are the most that may be held at once. Zero is no bound.
type Bounds struct{ Client, Address, Box int64 }

// staffShare is the part of the box that only staff may hold: one of so many.
const staffShare = 4

// Config says what a ledger allows.
type Config struct {
	Bounds map[Resource]Bounds // of Filters and Bodies
	Log    *slog.Logger        // required
}

// Ledger is the account of a box. It is safe for concurrent use. A nil ledger
// charges nothing.
type Ledger struct {
	log  *slog.Logger
	work *ratelimit.Budget // by address or client, of microseconds
	// part is of microseconds too, by device: what each may have of an address that
	// has used up its own.
	part *ratelimit.Budget
	// refused counts refusals, by resource.
	refused *count.Reasons

	mu       sync.Mutex // guards what follows
	accounts map[Resource]*account
	refusals refusals
}

// Time that the filters and scans of one address may take: a quarter of a
// processor. The burst lets a class through that starts at once: forty scans of a
// thousand rows take 0.8 s.
const (
	workPerSecond = time.Second / 4
	workBurst     = 2 * time.Second
)

// deviceShare is the part of an address's bounds that each known device behind it
// may have when the address has used them up: one of so many. A router hides a whole
// class behind one address, and one device of it must not use up what the others
// need. A page needs far less than that part.
const deviceShare = 32

// deviceBurst is how long the box works for a device at once, of an address that
// has used up its time: a few joins and queries.
const deviceBurst = 200 * time.Millisecond

// New returns a ledger without entries.
func New(cfg Config) *Ledger {
	l := &Ledger{
		log: cfg.Log, accounts: make(map[Resource]*account), refusals: newRefusals(),
		refused: count.ByReason(string(Filters), string(Bodies), string(Present), string(Work), string(Connections), string(Seats), string(Kept)),
		work:    ratelimit.NewBudget(float64(workPerSecond.Microseconds()), int(workBurst.Microseconds())),
		part:    ratelimit.NewBudget(float64((workPerSecond / deviceShare).Microseconds()), int(deviceBurst.Microseconds())),
	}
	for r, b := range cfg.Bounds {
		l.accounts[r] = newAccount(b)
	}
	return l
}

// Hold charges a payer for n more of a resource, before it is taken. The error is
// a *RefusedError, and then nothing is charged.
func (l *Ledger) Hold(r Resource, p Payer, n int64) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.accounts[r]
	if a == nil {
		return nil
	}
	if whose := a.exceeded(p, n); whose != "" {
		l.refuseLocked(r, p)
		return &RefusedError{Resource: r, Whose: whose}
	}
	a.add(p, n)
	return nil
}

// Free gives back what Hold charged.
func (l *Ledger) Free(r Resource, p Payer, n int64) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.accounts[r]; a != nil {
		a.add(p, -n)
	}
}

// Held returns how much of a resource the box holds.
func (l *Ledger) Held(r Resource) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.accounts[r]; a != nil {
		return a.box
	}
	return 0
}

// MayWork says whether the box may work for a payer now. The error is a
// *RefusedError, with the time until it may. Staff may always. Time is that of a
// [Stopwatch].
func (l *Ledger) MayWork(p Payer) error {
	if l == nil || p.Staff {
		return nil
	}
	wait := l.work.Debt(p.Worker())
	if p.Device != "" && wait > 0 {
		wait = l.part.Debt(p.Device)
	}
	if wait <= 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuseLocked(Work, p)
	return &RefusedError{Resource: Work, Whose: "address", Wait: wait}
}

// Worked charges a payer for the time that the box has worked for them.
func (l *Ledger) Worked(p Payer, d time.Duration) {
	if l != nil && !p.Staff {
		l.work.Charge(p.Worker(), int(d.Microseconds()))
		if p.Device != "" {
			l.part.Charge(p.Device, int(d.Microseconds()))
		}
	}
}

// Worker is whose time counts together: the address, or on this machine the
// client.
func (p Payer) Worker() string {
	if p.Address == "" {
		return p.Client
	}
	return p.Address
}

// RefusedError refuses what is beyond a bound.
type RefusedError struct {
	Resource Resource
	Whose    string        // client, address or box
	Wait     time.Duration // until it may be tried again; 0 is unknown
}

// Error is one sentence for the client.
func (e *RefusedError) Error() string {
	if e.Whose == "box" {
		return fmt.Sprintf("The box is busy: there is no more room for %s. Try again in a moment.", e.Resource)
	}
	return fmt.Sprintf("This %s has asked for too much: the box has no more %s for it.", e.Whose, e.Resource)
}
