package appliance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/transport"
	"downbeat.local/appliance/wire"
)

// limits are what a box allows (design, "Limits"), by the names that a person
// sets them by.
type limits map[string]int

// limit is one of them: what it is if nobody says, and the least and the most
// that make sense.
type limit struct {
	name        string
	normal      int
	least, most int
	burst       int // times the limit, for those that are a second
}

var allLimits = []limit{
	{"rooms", 64, 1, 1024, 0},
	{"members", room.MaxMembers, 1, room.MaxMembers, 0}, // students of a room opened from now on
	{"clients", 512, 8, 20_000, 0},                      // connections
	{"member-clients", 8, 1, 64, 0},                     // connections of one member
	{"device-clients", 128, 1, 20_000, 0},               // of one device with a key alone
	{"channels", 100, 1, 10_000, 0},                     // of a client, as the next three
	{"joins", 10, 1, 10_000, 3},
	{"broadcasts", 100, 1, 100_000, 3},
	{"presence", 10, 1, 10_000, 3},
	{"notes", 40, 1, 1000, 2}, // of a member, as the next two
	{"events", 20, 1, 1000, 3},
	{"bytes", 64 << 10, 1 << 10, 16 << 20, 4},                  // of what is relayed unchanged
	{"frame", wire.MaxFrame, 4 << 10, wire.MaxServiceFrame, 0}, // bytes, without a service key
	{"waiting", 64, 16, 1024, 0},                               // megabytes for all clients together
	{"idle", 60, 20, 3600, 0},                                  // seconds of silence, two pings long at least
	{"failed-codes", 10, 1, 1000, 0},                           // a minute, of one address
}

// LimitHelp names the limits with what they are if nobody sets them.
func LimitHelp() string {
	var b strings.Builder
	for i, l := range allLimits {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %d", l.name, l.normal)
	}
	return b.String()
}

// newLimits are those that a person has set, and the rest. The error names the
// one that cannot be.
func newLimits(set map[string]int) (limits, error) {
	all := limits{}
	for _, l := range allLimits {
		all[l.name] = l.normal
	}
	for name, n := range set {
		name = strings.TrimSpace(name) // people put one behind a semicolon
		i := slices.IndexFunc(allLimits, func(l limit) bool { return l.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no limit %q, there are %s", name, LimitHelp())
		}
		if l := allLimits[i]; n < l.least || n > l.most {
			return nil, fmt.Errorf("the limit %s is %d, give a number from %d to %d", name, n, l.least, l.most)
		}
		all[name] = n
	}
	return all, nil
}

// rate is one of those that are a second, with its burst.
func (l limits) rate(name string) realtime.Rate {
	i := slices.IndexFunc(allLimits, func(l limit) bool { return l.name == name })
	return realtime.Rate{PerSecond: float64(l[name]), Burst: l[name] * allLimits[i].burst}
}

func (l limits) transport() transport.Limits {
	pace := 0 // of all that a client may do
	for _, what := range []string{"joins", "broadcasts", "presence", "notes", "events"} {
		pace += l[what]
	}
	return transport.Limits{
		Clients: l["clients"], Each: l["member-clients"], Shared: l["device-clients"],
		Total: l["waiting"] << 20, Pace: 2 * pace,
		IdleTimeout: time.Duration(l["idle"]) * time.Second,
	}
}

func (l limits) realtime() realtime.Limits {
	return realtime.Limits{
		Channels: l["channels"], Joins: l.rate("joins"),
		Broadcasts: l.rate("broadcasts"), Bytes: l.bytes(1), Presence: l.rate("presence"),
	}
}

// bytes is what so many members may have relayed; the longest frame always
// fits.
func (l limits) bytes(members int) realtime.Rate {
	r := l.rate("bytes")
	return realtime.Rate{PerSecond: float64(members) * r.PerSecond, Burst: max(members*r.Burst, l["frame"])}
}
