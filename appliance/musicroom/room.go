package musicroom

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"downbeat.local/appliance/frames"
	"downbeat.local/appliance/lesson"
	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/lobby"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Room joins the rules of one room, which know music but no clients, to its
// channel, which knows clients but no music. What members send becomes calls of
// the rules. What the rules answer becomes broadcasts.
//
// Everything leaves in the order in which the rules decided it. Otherwise a note
// might end before it began, and sound for ever. So a goroutine that asks the
// rules also sends the answer before another may ask: changes under mu, notes
// under noteMu. A change that ends notes holds both, and takes mu first. Under
// noteMu a room only asks the rules, appends to the log and queues JSON. Frames
// leave after it.
type Room struct {
	rules       *room.Room
	created     time.Time
	session     Session // as it is kept; only the saver changes it
	channel     *realtime.Channel
	notes       *frames.Log
	listeners   *frames.Listeners
	socketPacer *frames.SocketPacer // for clients without a lane
	lanePacer   *frames.LanePacer   // for clients with one
	budgets     *budgets
	followers   followers
	names       *ratelimit.Budget // by member, of new names
	instruments *ratelimit.Budget // by address, of those that students choose
	visitors    *lobby.Visitors   // devices without a seat
	latency     prometheus.Observer
	expelBearer func(id, why string)          // closes the channels of a member's token
	now         func() clock.Millis           // the box clock
	save        func(then ...func(kept bool)) // writes the room to the store, soon
	plans       func(id string) (lesson.Plan, error)
	log         *slog.Logger
	wake        chan struct{} // holds one token when run should ask the rules again
	ended       chan struct{} // closed when the room is

	firstRead atomic.Uint64 // when the first note of the next frame was read, as bits of clock.Millis; 0 is none

	noteMu   sync.Mutex // held from asking the rules for notes until they are sent; guards holds and watching
	holds    holds
	watching bool // run will look at the leases

	mu        sync.Mutex // held from asking the rules for changes until they are sent; guards what follows
	clients   map[string][]*Client
	keyboards map[string][]*Keyboard // that play as a student, by the student's id
	progress  map[string]*progress   // by member
	expected  int                    // students, by the teacher; 0 if they have not said
}

// roomConfig is what a room needs.
type roomConfig struct {
	frameInterval time.Duration
	lanes         frames.LaneConfig
	limits        limits.Limits
	expelBearer   func(id, why string)
	latency       prometheus.Observer           // of room frames
	names         *ratelimit.Budget             // by member, of new names
	visitors      *lobby.Visitors               // devices without a seat
	save          func(then ...func(kept bool)) // writes the room to the store, soon
	now           func() clock.Millis           // the box clock
	plans         func(id string) (lesson.Plan, error)
	log           *slog.Logger
}

func newRoom(rules *room.Room, ch *realtime.Channel, cfg roomConfig) *Room {
	r := &Room{
		rules: rules, channel: ch, visitors: cfg.visitors, now: cfg.now, save: cfg.save, plans: cfg.plans, log: cfg.log,
		notes:   frames.NewLog(topicOf(rules.Code()), rules.Held),
		budgets: newBudgets(cfg.limits), names: cfg.names, instruments: ratelimit.NewInstrumentBudget(), latency: cfg.latency, expelBearer: cfg.expelBearer,
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
		clients: make(map[string][]*Client), keyboards: make(map[string][]*Keyboard), progress: make(map[string]*progress),
	}
	r.socketPacer = frames.NewSocketPacer(cfg.frameInterval, r.publish)
	r.listeners = frames.NewListeners(r.notes)
	r.lanePacer = frames.NewLanePacer(r.notes, r.listeners, r.now, cfg.lanes)
	return r
}

// topicOf is the topic of a room on the wire.
func topicOf(code string) string { return wire.TopicPrefix + wire.RoomPrefix + code }

// run sends what the room does by itself, beats and the ends of notes and of
// leases, until ctx ends or the room is closed.
func (r *Room) run(ctx context.Context) {
	defer r.socketPacer.Stop()
	defer r.lanePacer.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-r.wake:
		case <-r.ended:
			return
		case <-ctx.Done():
			return
		}
		timer.Reset(r.runDue())
	}
}

// runDue does what is due now, and returns how long to wait for the rest.
func (r *Room) runDue() time.Duration {
	ended, next := r.sendDue()
	released, leases := r.endLeases()
	if ended || released {
		r.sendFrames()
	}
	next = min(next, leases)
	if math.IsInf(float64(next), 1) {
		return time.Hour
	}
	wait := float64(next-r.now()) * float64(time.Millisecond)
	return max(0, time.Duration(math.Ceil(wait))) // rounded down, it would be over before next
}

// sendDue asks the rules what is due, and sends it. It reports whether notes
// ended, and when the rules want to be asked again.
func (r *Room) sendDue() (ended bool, next clock.Millis) {
	r.noteMu.Lock()
	defer r.noteMu.Unlock()
	beats, ends, next := r.rules.Advance(r.now())
	for _, b := range beats {
		if r.channel.HasPlain() {
			r.channel.SendPlain(b.Event, encode(b.Payload), nil, nil)
		}
	}
	for _, n := range ends {
		r.sendNoteLocked(n, nil)
	}
	return len(ends) > 0, next
}

// reschedule makes run ask the rules again when something is due.
func (r *Room) reschedule() { poke(r.wake) }

// change makes a change of the room and sends it to everyone, in the order of
// the changes. See changeLocked.
func (r *Room) change(make func() ([]room.Change, error), then ...func(kept bool)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changeLocked(make, then...)
}

// seat gives an applicant a seat and tells the room. A member who loses theirs to
// the applicant has left the room everywhere.
func (r *Room) seat(a room.Applicant) (seat room.Seat, err error) {
	var evicted string
	err = r.change(func() (changes []room.Change, err error) {
		seat, changes, err = r.rules.Join(r.now(), a)
		evicted = removedBy(changes)
		return changes, err
	})
	if evicted != "" {
		r.expel(evicted, "Your seat was needed for somebody else")
	}
	return seat, err
}

// Control carries out a teacher's command.
func (r *Room) Control(event string, payload []byte) error {
	return r.change(func() ([]room.Change, error) { return r.rules.Control(r.now(), "", true, event, payload) })
}

// changeLocked makes a change. Each of then is called when it is written to the
// store or the write has failed, or never if nothing has changed.
func (r *Room) changeLocked(make func() ([]room.Change, error), then ...func(kept bool)) error {
	changes, ended, err := r.changeRulesLocked(make)
	if ended {
		r.sendFrames()
	}
	for _, c := range changes {
		r.announceLocked(c)
		if gone, ok := c.Payload.(room.MemberRemoved); ok {
			r.unseatKeyboardsLocked(gone.StudentID, gone.Expelled)
		}
	}
	if len(changes) > 0 {
		r.followers.poke()
		r.refreshPresenceLocked()
		r.save(then...)
		r.reschedule()
	}
	return err
}

// announceLocked sends a change to everyone, or to the devices of the one member
// whom it is for.
func (r *Room) announceLocked(c room.Change) {
	if c.To == "" {
		r.channel.Announce(c.Event, encode(c.Payload))
		return
	}
	for _, to := range r.clients[c.To] {
		to.member.Send(c.Event, encode(c.Payload))
	}
}

// changeRulesLocked makes a change of the rules, and sends the notes that end with
// it, to those who hear them until now. It reports whether frames have to leave.
func (r *Room) changeRulesLocked(make func() ([]room.Change, error)) (changes []room.Change, ended bool, err error) {
	r.noteMu.Lock()
	defer r.noteMu.Unlock()
	changes, err = make()
	for _, c := range changes {
		for _, n := range c.Notes {
			r.sendNoteLocked(n, nil)
			ended = true
		}
	}
	if len(changes) > 0 && r.moveClientsLocked() {
		ended = true
	}
	return changes, ended, err
}

// refreshPresenceLocked brings presence up to what the rules say of each member
// now. A member who has not changed costs nothing on the wire.
func (r *Room) refreshPresenceLocked() {
	for _, clients := range r.clients {
		for _, c := range clients {
			c.member.Refresh()
		}
	}
}

// updateRoleLocked makes a member a teacher while one of their tabs holds a
// teacher's token.
func (r *Room) updateRoleLocked(id string) {
	clients := r.clients[id]
	if len(clients) == 0 {
		return // the role of a member who is away does not matter
	}
	teaches := slices.ContainsFunc(clients, func(c *Client) bool { return c.teacher })
	_ = r.changeLocked(func() ([]room.Change, error) {
		if teaches {
			return r.rules.Promote(r.now(), id), nil
		}
		return r.rules.Demote(r.now(), id), nil
	})
}

// expel closes every channel of a member who has lost their seat, those of other
// topics too, and says why.
func (r *Room) expel(id, why string) {
	r.mu.Lock()
	clients := append([]*Client(nil), r.clients[id]...)
	r.mu.Unlock()
	for _, c := range clients {
		c.member.Expel(why)
	}
	r.expelBearer(id, why)
}

// close tells everyone that the room is over. It is called once.
func (r *Room) close() {
	close(r.ended)
	r.followers.poke()
	r.channel.Announce(wire.EventRoomClosed, wire.Nothing)
	r.unseatAllKeyboards()
	for _, m := range r.channel.Members() {
		m.Expel("This room is closed")
	}
}

// isClosed reports whether the room is over.
func (r *Room) isClosed() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// sendState sends a client the whole state of the room.
func (r *Room) sendState(c *Client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sendStateLocked(c)
}

func (r *Room) sendStateLocked(c *Client) {
	c.member.Send(wire.EventRoomState, encode(roomState{r.rules.State(r.now(), c.id), r.budgets.memberLimits()}))
}

// roomState is the payload of room_state.
type roomState struct {
	room.State
	Limits wire.MemberLimits `json:"limits"`
}

// encode turns what the box itself made into JSON.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a bug: these are plain structs
	}
	return b
}
