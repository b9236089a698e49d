package appliance

import (
	"io"
	"log/slog"
	"time"

	"downbeat.local/appliance/frames"
	"downbeat.local/appliance/room"
	"downbeat.local/midi"
)

// DefaultFrameInterval is how far apart a room's frames leave at least. It halves
// the CPU of sending every note at once, and costs up to two milliseconds.
const DefaultFrameInterval = 2 * time.Millisecond

// MaxFrameInterval is more than any network needs. Beyond it notes are late.
const MaxFrameInterval = 100 * time.Millisecond

// Config is the settings of a box.
type Config struct {
	// Listen is HOST:PORT; port 0 takes a free one.
	Listen string
	// DataDir is where the box keeps everything. It is made if it is missing.
	DataDir string
	// JWTSecret is the raw bytes of the HS256 key that signs clients' tokens.
	// Empty means a key that the box makes once and keeps.
	JWTSecret string
	// JWKS is a URL or a file with the public keys of another issuer, such as a
	// school's Supabase Auth. The box takes its tokens too, so that issuer can
	// make teachers. Empty means none.
	JWKS string
	// EmailSignUp lets everybody on the network make a user with an email and a
	// password, as Supabase's default does. Off, administrators make users.
	EmailSignUp bool
	// FrameInterval is how far apart a room's frames leave at least. 0 sends
	// every note at once, for a wired class. Over 25 ms notes audibly lag.
	FrameInterval time.Duration
	// LaneInterval is how far apart a room's frames leave over WebRTC. If nil,
	// the box chooses for each device, by how its network queues.
	LaneInterval *time.Duration
	// LaneOnce sends every note once over WebRTC, for measuring. A lost note
	// stays lost.
	LaneOnce bool
	// ShortPort also takes port 80, if this user may, so that nobody types a port.
	ShortPort bool
	// Upstream is the school's Postgres, as postgres://name:password@host/database.
	// Empty means that rows stay in the box.
	Upstream string
	// UpstreamTables are the tables that go there; empty means CarriedTables. All
	// that may are those and OptionalTables.
	UpstreamTables []string
	// Wall reads the wall clock for the stamps of rows. nil means time.Now.
	Wall func() time.Time
	// MDNS announces the box on the network as downbeat.local.
	MDNS bool
	// RTCPort is the UDP port of all WebRTC peers. 0 means the port of Listen,
	// or any port if that one is taken.
	RTCPort uint16
	// Door says who may join new rooms: members with a token, or anyone.
	Door room.Door
	// Policy says what each role may do in private channels, as auth.ParsePolicy
	// reads it. Empty means auth.DefaultPolicy.
	Policy string
	// Limits replaces defaults of package limits, by name.
	Limits map[string]int
	// Hosts are names that the box answers to besides its own.
	Hosts []string
	// Version is what /healthz reports.
	Version string
	// KeepReflections is how long reflections stay. 0 means records.DefaultKeep,
	// and below 0 for ever.
	KeepReflections time.Duration
	// KeepCheckIns is how long check-ins stay. 0 means records.DefaultKeepCheckIns,
	// and below 0 for ever.
	KeepCheckIns time.Duration
	// MIDI says where the machine shows its MIDI devices. Keyboards that appear
	// there play. Nil leaves MIDI alone.
	MIDI *midi.System
	// Demo makes a box that is claimed already and has a class in it.
	Demo *Demo
	// Out receives the addresses of the box, for a person. Nil drops them.
	Out io.Writer
	// Log receives everything else. Nil means slog.Default().
	Log *slog.Logger
}

func (c Config) lanes() frames.LaneConfig {
	l := frames.LaneConfig{Once: c.LaneOnce, Fixed: c.LaneInterval != nil}
	if l.Fixed {
		l.Interval = *c.LaneInterval
	}
	return l
}
