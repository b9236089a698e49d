package musicroom

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/frames"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// loses reports whether the next packet is lost.
type loses func() bool

func nothing() bool { return false }

// atRandom loses that share of all packets.
func atRandom(share float64) func(*rand.Rand) loses {
	return func(r *rand.Rand) loses {
		return func() bool { return r.Float64() < share }
	}
}

// inBursts loses length packets in a row. Each packet starts a burst with that
// chance, but none right after a burst, which would make it longer.
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

// onAir is a room whose members have lanes that lose packets. Its clock is that
// of a synctest bubble.
type onAir struct {
	*Room
	t      *testing.T
	start  time.Time
	hub    *realtime.Hub
	radios []*radio
}

// airConfig says what happens to packets.
type airConfig struct {
	lanes    frames.LaneConfig
	up, down func(*rand.Rand) loses // nil loses nothing
	jitter   time.Duration          // the most that a packet is late, in order; 0 for some 3 ms, in any order
	sockets  bool                   // nobody has a lane
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
	inAir := testConfig()
	inAir.lanes, inAir.frameInterval = cfg.lanes, 2*time.Millisecond
	inAir.now = func() clock.Millis { return clock.Millis(0).Add(time.Since(a.start)) + 1000 }
	a.Room = newRoom(r, a.hub.Pin(topicOf(airCode)), inAir)
	t.Cleanup(a.lanePacer.Stop)
	t.Cleanup(a.socketPacer.Stop)
	for i := range members {
		a.radios = append(a.radios, a.tune(cfg, uint64(i)))
	}
	return a
}

// Join seats every member.
func (a *onAir) Join(m *realtime.Member) (realtime.Participant, error) {
	seat, err := a.seat(room.Applicant{})
	if err != nil {
		return nil, err
	}
	return newClient(a.Room, m, seat.Member, false, false), nil
}

// Post is never called.
func (a *onAir) Post(string, auth.Claims, realtime.Broadcast) (bool, error) { panic("Post") }

// radio is a member's connection: a stream for the join, and a lane whose packets
// are late or lost.
type radio struct {
	air     *onAir
	session *realtime.Session
	hear    func(frame wire.RoomFrame) // what comes down
	every   atomic.Int64               // between frames
	off     atomic.Bool                // has no lane
	sent    atomic.Int64               // packets down, lost ones too

	heard, answered atomic.Int64 // when a message and an answer last came, ms
	probes          atomic.Int64
	browser         atomic.Bool // answers probes
	lone            bool        // cannot be probed

	receiving sync.Mutex // held during a call of the session

	mu           sync.Mutex // guards what follows
	chance       *rand.Rand
	upAir, downs loses
	jitter       time.Duration
	busy         [2]time.Time // until when packets wait for those before, up and down
	socket       bool         // frames leave by socket
	log          frames.Reader
	cursor       uint64
}

// The directions of a packet.
const (
	up = iota
	down
)

func (a *onAir) tune(cfg airConfig, n uint64) *radio {
	r := &radio{air: a, chance: rand.New(rand.NewPCG(cfg.seed, n)), upAir: nothing, downs: nothing, jitter: cfg.jitter, socket: cfg.sockets}
	r.off.Store(cfg.sockets)
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

// flight is how long a packet takes, and whether it arrives.
func (r *radio) flight(direction int, lost loses) (d time.Duration, comes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jitter == 0 {
		return time.Millisecond + time.Duration(r.chance.Int64N(int64(3*time.Millisecond))), !lost()
	}
	due := time.Now().Add(time.Millisecond + time.Duration(r.chance.Int64N(int64(r.jitter))))
	if due.Before(r.busy[direction]) {
		due = r.busy[direction]
	}
	r.busy[direction] = due
	return time.Until(due), !lost()
}

// play sends the payload of a member's notes.
func (r *radio) play(payload []byte) {
	topic := topicOf(airCode)
	frame, err := wire.AppendPush(nil, wire.Message{JoinRef: wire.TextRef("1"), Topic: topic, Event: wire.EventNotes, Encoding: wire.Binary, Payload: payload})
	if err != nil {
		r.air.t.Error(err)
	}
	if d, comes := r.flight(up, r.upAir); comes {
		time.AfterFunc(d, func() { r.receive(frame) })
	}
}

func (r *radio) receive(frame []byte) {
	r.receiving.Lock()
	defer r.receiving.Unlock()
	r.heard.Store(int64(r.air.now()))
	r.session.Receive(frame, true, r.air.now())
}

// dozing is how long a radio that saves power may take to answer.
const dozing = 300 * time.Millisecond

// Probe asks the member's browser for an answer.
func (r *radio) Probe() bool {
	r.probes.Add(1)
	if r.browser.Load() {
		time.AfterFunc(dozing, func() { r.answered.Store(int64(r.air.now())) })
	}
	return !r.lone
}

// Lossy sends a packet to the member's device.
func (r *radio) Lossy(p wire.Packet) {
	r.sent.Add(1)
	if d, comes := r.flight(down, r.downs); comes {
		r.arrive(d, p)
	}
}

// Follow sends what a log publishes, if frames leave by socket.
func (r *radio) Follow(log frames.Reader) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log, r.cursor = log, log.Head()
}

// Deliver sends what waits. Nothing is lost on a socket.
func (r *radio) Deliver() {
	if !r.socket {
		return
	}
	r.mu.Lock()
	p, next := r.log.Take(r.cursor)
	r.cursor = next
	r.mu.Unlock()
	if !p.IsZero() {
		d, _ := r.flight(down, nothing)
		r.sent.Add(1)
		r.arrive(d, p)
	}
}

// arrive hands a packet to the device after d.
func (r *radio) arrive(d time.Duration, p wire.Packet) {
	time.AfterFunc(d, func() {
		m, err := wire.DecodeBroadcast(p.Payload())
		if err != nil {
			r.air.t.Errorf("a broadcast: %v", err)
		}
		frame, err := wire.DecodeRoomFrame(m.Payload)
		if err != nil {
			r.air.t.Errorf("a frame: %v", err)
		}
		r.hear(frame)
	})
}

func (r *radio) Heard() clock.Millis                      { return clock.Millis(r.heard.Load()) }
func (r *radio) Answered() clock.Millis                   { return clock.Millis(r.answered.Load()) }
func (r *radio) OnLane() (time.Duration, bool)            { return time.Duration(r.every.Load()), !r.off.Load() }
func (r *radio) SetLaneInterval(every time.Duration)      { r.every.Store(int64(every)) }
func (r *radio) DropLane(uint32)                          { r.off.Store(true) }
func (r *radio) LaneSettled() bool                        { return !r.off.Load() }
func (r *radio) MayRepeat() bool                          { return true }
func (r *radio) Reply(wire.Packet)                        {}
func (r *radio) ReplyStamped(wire.Packet)                 {}
func (r *radio) Echo(heard func())                        { heard() }
func (r *radio) Note(wire.Packet)                         {}
func (r *radio) State(wire.Packet, interface{ Resync() }) {}
func (r *radio) Unfollow(frames.Reader)                   {}
func (r *radio) Wake()                                    { r.Deliver() }
func (r *radio) Greeted()                                 {}
func (r *radio) SetReadLimit(int64)                       {}
