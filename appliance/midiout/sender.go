package midiout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"downbeat.local/appliance/musicroom"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// sender plays one output. What is not under mu belongs to run.
type sender struct {
	port    midi.Port
	cancel  context.CancelFunc
	rooms   *musicroom.Rooms
	playsAs func(id string) (code, studentID string)
	log     *slog.Logger
	alarm   *alarm
	echoes  echoes

	mu      sync.Mutex // guards what follows
	wish    choice     // what to play
	problem error      // why it cannot
	played  time.Time  // when it was last sent a note

	now      choice              // what it plays
	followed string              // the code of the room that it follows
	follower *musicroom.Follower // nil while there is nothing to play
	conduct  room.Conduct
	out      *midi.Out // nil unless open
	owes     bool      // it failed after it was sent something: it may still sound, or be told so
	localOff bool      // it may have been told so, and not otherwise since
	failed   clock.Millis
	clock    midiClock
	player   player
	scratch  []byte
}

// retry is how long to wait before an output that failed is opened again.
const retry = 500 * time.Millisecond

func newSender(p midi.Port, cancel context.CancelFunc, cfg Config) (*sender, error) {
	alarm, err := newAlarm()
	if err != nil {
		return nil, err
	}
	return &sender{
		port: p, cancel: cancel, rooms: cfg.Rooms, playsAs: cfg.PlaysAs, log: cfg.Log, alarm: alarm,
		failed: -clock.Never(),
	}, nil
}

// assign says what to play from now on.
func (s *sender) assign(c choice) {
	s.mu.Lock()
	s.wish = c
	s.mu.Unlock()
	s.alarm.poke()
}

// playingFor is how long an output shows as playing after a note.
const playingFor = time.Second

// describe fills in how the output is.
func (s *sender) describe(shown *room.Output) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown.Playing = time.Since(s.played) < playingFor
	if s.problem != nil {
		shown.Problem = s.problem.Error()
	}
}

// run plays until ctx ends. Then it ends what sounds. A bug ends the output, not the
// box.
func (s *sender) run(ctx context.Context) {
	defer s.alarm.close()
	defer func() {
		if bug := recover(); bug != nil {
			s.log.Error("a MIDI output crashed", "port", s.port.Name, "panic", bug, "stack", string(debug.Stack()))
			s.note(fmt.Errorf("port %s crashed", s.port.Name))
		}
	}()
	defer s.leave()
	defer context.AfterFunc(ctx, s.alarm.poke)()
	for ctx.Err() == nil {
		s.alarm.wait(s.play(clock.Now()))
	}
}

// play sends what is due, and returns when more is. What an output that failed was
// sent ends when it is open again, even if there is nothing more to play.
func (s *sender) play(now clock.Millis) clock.Millis {
	s.take()
	next, idle := clock.Never(), s.follower == nil && !s.now.LocalOff
	switch {
	case (s.owes || !idle) && !s.open(now):
		return s.failed.Add(retry)
	case idle:
		s.stop()
		if !s.owes {
			s.note(nil) // nothing is in the way of nothing
		}
	default:
		s.setLocal(!s.now.LocalOff)
		next = s.sendDue(now)
	}
	if s.owes { // it has failed now
		return s.failed.Add(retry)
	}
	return next
}

// sendDue sends what is due of the room, and returns when more is.
func (s *sender) sendDue(now clock.Millis) clock.Millis {
	if s.follower == nil {
		return clock.Never()
	}
	s.follower.Conduct(now, &s.conduct)
	send, next := s.scratch[:0], clock.Never()
	if s.now.Clock {
		send, next = s.clock.due(send, s.conduct.Plan, now)
	}
	beat := len(send)
	if s.now.Notes != room.WhoseNone {
		var due clock.Millis
		s.player.listen(s.follower, &s.conduct, s.plays())
		send, due = s.player.due(send, &s.conduct, now)
		next = min(next, due)
	}
	s.scratch = send
	s.send(send, len(send) > beat)
	return next
}

// take takes what to play. What sounds ends if it is something else, or if the room
// is closed.
func (s *sender) take() {
	s.mu.Lock()
	wish := s.wish
	s.mu.Unlock()
	last := s.now
	s.now = wish
	if last.Clock && !wish.Clock && s.out != nil {
		s.send(s.clock.stop(nil), false)
	}
	same := wish.Notes == last.Notes && slices.Equal(wish.Members, last.Members)
	code := wish.Room
	if !wish.Clock && wish.Notes == room.WhoseNone {
		code = ""
	}
	closed := s.follower != nil && s.follower.Closed()
	if code != s.followed || !same || closed || s.follower == nil && code != "" {
		s.follow(code)
	}
}

// follow ends the notes of the last room, and follows another. An empty code, or one
// that is not open, is none.
func (s *sender) follow(code string) {
	s.silence(nil)
	if s.follower != nil {
		s.follower.Leave()
		s.follower = nil
	}
	s.followed = code
	if code != "" {
		s.follower, _ = s.rooms.Follow(code, s.alarm.poke) // nil if it has just closed
	}
}

// plays returns which notes are wanted: those of the members that were chosen, and
// never those of the keyboard that would be sent them.
func (s *sender) plays() wanted {
	code, own := s.playsAs(s.port.ID())
	if code != s.now.Room {
		own = ""
	}
	return func(e *wire.NoteEvent, id string) bool {
		return !(e.Keyboard && id == own) && s.now.includes(id)
	}
}

// open opens the output, unless it is open or has just failed. What it was told
// before it failed is taken back first: its notes end, and its keys sound again.
func (s *sender) open(now clock.Millis) bool {
	if s.out != nil {
		return true
	}
	if now.Sub(s.failed) < retry {
		return false
	}
	out, err := s.port.OpenOutput()
	if err != nil {
		s.fail(err)
		return false
	}
	s.out = out
	s.takeBack()
	if s.out == nil {
		return false
	}
	s.owes, s.player = false, player{} // a device that was away may have forgotten its programs
	s.note(nil)
	s.log.Info("a MIDI output is open", "port", s.port.Name, "place", s.port.Place)
	return true
}

// send sends bytes, if there are any and the output is open.
func (s *sender) send(bytes []byte, notes bool) {
	if s.out == nil || len(bytes) == 0 {
		return
	}
	s.echoes.add(bytes, clock.Now()) // before it can come back
	if err := s.out.Send(bytes); err != nil {
		_ = s.out.Abort()
		s.out, s.owes = nil, true
		s.player.channels.missed(bytes)
		s.clock.running = s.clock.running || slices.Contains(bytes, midi.Stop)
		s.fail(err)
		return
	}
	if notes {
		s.mu.Lock()
		s.played = time.Now()
		s.mu.Unlock()
	}
}

// silence ends what sounds, after some other bytes. While the output is not open, it
// only forgets the notes that wait: what sounds ends when it is open again.
func (s *sender) silence(first []byte) {
	if s.out == nil {
		s.player.notes = nil
		return
	}
	s.send(s.player.silence(first), false)
}

// fail takes an error of the output.
func (s *sender) fail(err error) {
	s.failed = clock.Now()
	if s.note(err) && !errors.Is(err, midi.ErrUnplugged) {
		s.log.Warn("a MIDI output does not play, trying again", "port", s.port.Name, "err", err)
	}
}

// note notes why the output does not play, and reports whether that is new.
func (s *sender) note(err error) (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	news = err != nil && s.problem == nil
	s.problem = err
	return news
}

// leave ends what sounds, and follows no room any more.
func (s *sender) leave() {
	s.follow("")
	s.stop()
}

// setLocal tells a keyboard whether its keys sound on its own speaker, unless it
// knows (MIDI 1.0, "Local Control"). The box does not know its channel, so that it
// tells all.
func (s *sender) setLocal(on bool) {
	if s.localOff == !on || s.out == nil {
		return
	}
	value := byte(0)
	if on {
		value = 127
	}
	var all []byte
	for channel := range byte(16) {
		all = append(all, midi.ControlChange|channel, midi.LocalControl, value)
	}
	s.send(all, false)
	s.localOff = !on || s.out == nil // it may have got a part
}

// takeBack ends what sounds. A keyboard sounds by itself again.
func (s *sender) takeBack() {
	s.silence(s.clock.stop(nil))
	s.setLocal(true)
}

// stop takes everything back, and closes the output.
func (s *sender) stop() {
	s.takeBack()
	if s.out != nil {
		_ = s.out.Close()
		s.out = nil
	}
}
