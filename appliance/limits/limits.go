// Package limits holds what a box allows: one number for each name that the
// flag --limit takes, with its default and its range.
//
// It knows what the numbers are and not what they bound. Package appliance
// turns them into the settings of connections, channels and rooms.
package limits

import (
	"fmt"
	"slices"
	"strings"

	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// Limits is what a box allows, by name. [New] fills in all of them.
type Limits map[string]int

// limit is one named limit: its default, its range and what it bounds.
type limit struct {
	name        string
	normal      int
	least, most int
	burst       int    // in multiples of the limit, for limits per second; else 0
	of          string // what it counts, for people
}

var known = []limit{
	{"rooms", 64, 1, 1024, 0, ""},
	{"members", room.MaxMembers, 1, room.MaxMembers, 0, "students a room, of rooms that open from now on"},
	{"clients", 512, 8, 20_000, 0, "connections"},
	{"member-clients", 8, 1, 64, 0, "connections of one member"},
	{"device-clients", 128, 1, 20_000, 0, "connections of one device that has only a key"},
	{"address-clients", 160, 1, 20_000, 0, "connections of one address without a teacher's"},
	{"connections", 1024, 64, 60_000, 0, "that are no sockets; a quarter of it an address"},
	{"channels", 100, 1, 10_000, 0, "at once, a client"},
	{"joins", 20, 1, 10_000, 6, "a client: a page that opens all its channels at once is normal"},
	{"broadcasts", 100, 1, 100_000, 5, "in plain channels, a client"},
	{"presence", 10, 1, 10_000, 3, "calls of track and untrack in one channel, a client"},
	{"presence-bytes", 8 << 10, 256, wire.MaxFrame, 0, "of what a client tracks"},
	{"notes", 40, 1, 1000, 2, "a member"},
	{"events", 20, 1, 1000, 3, "other events in a room, a member"},
	{"bytes", 64 << 10, 1 << 10, 16 << 20, 4, "of what is relayed unchanged, a client or a member"},
	{"frame", wire.MaxFrame, 4 << 10, wire.MaxServiceFrame, 0, "bytes of one message, without a service key"},
	{"service-frame", wire.MaxServiceFrame, wire.MaxFrame, 16 << 20, 0, "bytes of one message, with a service key"},
	{"posts", 100, 1, 100_000, 3, "broadcasts over HTTP, an address"},
	{"waiting", 64, 16, 1024, 0, "megabytes for all clients together"},
	{"filters", 2, 1, 64, 0, "megabytes of the filters of a client; 8 times as much an address"},
	{"bodies", 32, 8, 1024, 0, "megabytes of requests that arrive; a quarter of it an address"},
	{"idle", 60, 20, 3600, 0, "seconds of silence"}, // 20 s are two pings
	{"failed-codes", 10, 1, 1000, 0, "a minute, an address"},
}

// String is the limit for people: "joins 20/s burst 120 (a client)".
func (l limit) String() string {
	text := fmt.Sprintf("%s %d", l.name, l.normal)
	if l.burst > 0 {
		text += fmt.Sprintf("/s burst %d", l.normal*l.burst)
	}
	if l.of != "" {
		text += " (" + l.of + ")"
	}
	return text
}

// Help lists the limits with their defaults.
func Help() string {
	all := make([]string, 0, len(known))
	for _, l := range known {
		all = append(all, l.String())
	}
	return strings.Join(all, "; ")
}

// names lists the names of the limits.
func names() string {
	all := make([]string, 0, len(known))
	for _, l := range known {
		all = append(all, l.name)
	}
	return strings.Join(all, ", ")
}

// New returns the defaults with the limits of set in their place. The error
// names a limit that is unknown or out of range.
func New(set map[string]int) (Limits, error) {
	all := Limits{}
	for _, l := range known {
		all[l.name] = l.normal
	}
	for name, n := range set {
		name = strings.TrimSpace(name) // "notes=5; events=9"
		i := slices.IndexFunc(known, func(l limit) bool { return l.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no limit %q, there are %s", name, names())
		}
		if l := known[i]; n < l.least || n > l.most {
			return nil, fmt.Errorf("the limit %s is %d, give a number from %d to %d", name, n, l.least, l.most)
		}
		all[name] = n
	}
	return all, nil
}

// addressFilters is how much an address may hold of filters, in clients.
const addressFilters = 8

// What a client may track in all its channels together, an address and the box, in
// the largest payloads. A page tracks less than a hundred bytes in each.
const (
	clientPresence  = 64
	addressPresence = 512
	boxPresence     = 4096
)

// Bounds turns the limits into those on what clients order.
func (l Limits) Bounds() map[cost.Resource]cost.Bounds {
	filters, bodies, present := int64(l["filters"])<<20, int64(l["bodies"])<<20, int64(l["presence-bytes"])
	return map[cost.Resource]cost.Bounds{
		cost.Filters: {Client: filters, Address: addressFilters * filters, Box: 3 * addressFilters * filters},
		cost.Present: {Client: clientPresence * present, Address: addressPresence * present, Box: boxPresence * present},
		cost.Bodies:  {Client: bodies / 8, Address: bodies / 4, Box: bodies},
	}
}

// Rate is how many a second, and how many at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Rate is a limit per second with its burst.
func (l Limits) Rate(name string) Rate {
	i := slices.IndexFunc(known, func(l limit) bool { return l.name == name })
	return Rate{PerSecond: float64(l[name]), Burst: l[name] * known[i].burst}
}

// Bytes is the rate that a number of members may have relayed. The burst
// always holds the longest frame.
func (l Limits) Bytes(members int) Rate {
	r := l.Rate("bytes")
	return Rate{PerSecond: float64(members) * r.PerSecond, Burst: max(members*r.Burst, l["frame"])}
}
