package appliance

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// loses decides of each packet, one at a time, whether it is lost.
type loses func() bool

func nothing() bool { return false }

// atRandom loses a share of all packets.
func atRandom(share float64) func(*rand.Rand) loses {
	return func(r *rand.Rand) loses {
		return func() bool { return r.Float64() < share }
	}
}

// inBursts loses so many packets in a row, each packet beginning a burst with
// that chance. Two bursts do not touch: that would be a longer one.
func inBursts(length int, chance float64) func(*rand.Rand) loses {
	return func(r *rand.Rand) loses {
		left, calm := 0, 0
		return func() bool {
			switch {
			case left > 0:
				if left--; left == 0 {
					calm = 2 * length
				}
				return true
			case calm > 0:
				calm--
				return false
			}
			if r.Float64() < chance {
				left = length - 1
				return true
			}
			return false
		}
	}
}

// onAir is a room whose members are on lanes that lose packets. Its time is
// that of a synctest bubble.
type onAir struct {
	*ensemble
	t      *testing.T
	start  time.Time
	hub    *realtime.Hub
	radios []*radio
}

// airConfig is how packets fare.
type airConfig struct {
	lanes    laneConfig
	up, down func(*rand.Rand) loses // nil loses nothing
	seed     uint64
}

const airCode = "MUSIC-2024"

func newOnAir(t *testing.T, members int, cfg airConfig) *onAir {
	t.Helper()
	r, err := room.New(room.Config{Code: airCode, Name: "Test"})
	if err != nil {
		t.Fatal(err)
	}
	a := &onAir{t: t, start: time.Now()}
	a.hub = realtime.NewHub(realtime.Config{
		Verify: func(string) (auth.Claims, error) { return auth.Claims{Role: auth.Authenticated}, nil },
		Direct: func(string) realtime.Director { return a },
		Log:    slog.New(slog.DiscardHandler),
	})
	a.ensemble = newEnsemble(r, a.hub.Keep(topicOf(airCode)), 0, cfg.lanes, usualLimits, func() {}, slog.New(slog.DiscardHandler))
	a.now = func() clock.Millis { return clock.Millis(0).Add(time.Since(a.start)) + 1000 }
	a.lanes.now = a.now
	t.Cleanup(a.lanes.stop)
	for i := range members {
		a.radios = append(a.radios, a.tune(cfg, uint64(i)))
	}
	return a
}

// Join seats whoever comes.
func (a *onAir) Join(m *realtime.Member) (realtime.Part, error) {
	seat, err := a.seat(room.Applicant{})
	if err != nil {
		return nil, err
	}
	return newPart(a.ensemble, m, seat.Member, false, false), nil
}

// Post is never called.
func (a *onAir) Post(string, auth.Claims, realtime.Broadcast) (bool, error) { panic("Post") }

// radio is a member's connection: a line on which he joins, and a lane whose
// packets take a while or are lost.
type radio struct {
	air     *onAir
	session *realtime.Session
	hear    func(frame wire.RoomFrame) // what comes down
	every   atomic.Int64               // between frames
	off     atomic.Bool                // has no lane
	sent    atomic.Int64               // packets down, lost ones too

	receiving sync.Mutex // held while the session is told

	mu           sync.Mutex // guards what follows
	chance       *rand.Rand
	upAir, downs loses
}

func (a *onAir) tune(cfg airConfig, n uint64) *radio {
	r := &radio{air: a, chance: rand.New(rand.NewPCG(cfg.seed, n)), upAir: nothing, downs: nothing}
	if cfg.up != nil {
		r.upAir = cfg.up(r.chance)
	}
	if cfg.down != nil {
		r.downs = cfg.down(r.chance)
	}
	r.hear = func(wire.RoomFrame) {}
	r.every.Store(int64(5 * time.Millisecond))
	r.session = a.hub.Open(r, realtime.Hello{Version: wire.V2, APIKey: "key", Frames: true})
	join := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), topicOf(airCode), "phx_join", []byte(`{"config":{"presence":{"enabled":false}}}`))
	r.session.Receive(join.Payload(), false, a.now())
	return r
}

// flight is how long a packet takes, and whether it comes at all.
func (r *radio) flight(lost loses) (d time.Duration, comes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Millisecond + time.Duration(r.chance.Int64N(int64(3*time.Millisecond))), !lost()
}

// play sends the payload of a member's notes.
func (r *radio) play(payload []byte) {
	topic := topicOf(airCode)
	frame := []byte{3, 1, 0, byte(len(topic)), byte(len(wire.EventNotes)), 0, byte(wire.Binary), '1'}
	frame = append(append(append(frame, topic...), wire.EventNotes...), payload...)
	if d, comes := r.flight(r.upAir); comes {
		time.AfterFunc(d, func() { r.receive(frame) })
	}
}

func (r *radio) receive(frame []byte) {
	r.receiving.Lock()
	defer r.receiving.Unlock()
	r.session.Receive(frame, true, r.air.now())
}

// Lossy lets a packet fly.
func (r *radio) Lossy(p wire.Packet) {
	r.sent.Add(1)
	d, comes := r.flight(r.downs)
	if !comes {
		return
	}
	time.AfterFunc(d, func() {
		head := 5 + len(topicOf(airCode)) + len(wire.EventNotes)
		frame, err := wire.DecodeRoomFrame(p.Payload()[head:])
		if err != nil {
			r.air.t.Errorf("a frame: %v", err)
		}
		r.hear(frame)
	})
}

func (r *radio) OnLane() (time.Duration, bool)            { return time.Duration(r.every.Load()), !r.off.Load() }
func (r *radio) SetLaneInterval(every time.Duration)      { r.every.Store(int64(every)) }
func (r *radio) DropLane(uint32)                          { r.off.Store(true) }
func (r *radio) LaneSettled() bool                        { return !r.off.Load() }
func (r *radio) Linked() bool                             { return true }
func (r *radio) Reply(wire.Packet)                        {}
func (r *radio) ReplyStamped(wire.Packet)                 {}
func (r *radio) Note(wire.Packet)                         {}
func (r *radio) State(wire.Packet, interface{ Resync() }) {}
func (r *radio) Follow(realtime.Log)                      {}
func (r *radio) Unfollow(realtime.Log)                    {}
func (r *radio) Deliver()                                 {}
func (r *radio) Wake()                                    {}
func (r *radio) Greeted()                                 {}
func (r *radio) SetReadLimit(int64)                       {}
func (r *radio) Close(int, string)                        {}
