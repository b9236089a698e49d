package wire

// Limits on what one client may send (design, "Limits"). They are the
// defaults of settings; the frame sizes are also what the decoders expect.
const (
	MaxFrame        = 64 << 10 // bytes, for clients without a service key
	MaxServiceFrame = 3 << 20  // bytes, for service keys
	MaxTopic        = 255      // bytes: the longest that a binary frame can name
	MaxEvent        = 255      // bytes, likewise
)

// MemberLimits is the field "limits" of room_state: what the box takes from
// one member, over all of their connections. A client that stays within it is
// never refused with too_fast. Boxes before this field took 40 notes and 20
// events a second.
type MemberLimits struct {
	Notes  Rate `json:"notes"`  // that begin; the ends of notes are free
	Events Rate `json:"events"` // everything else that a member broadcasts, but for clock pings
	Bytes  Rate `json:"bytes"`  // of what the box relays unchanged
}

// Rate is how much the box takes a second, and how much at once.
type Rate struct {
	PerSecond float64 `json:"rate"`
	Burst     int     `json:"burst"`
}
