package classroom

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"downbeat.local/appliance/client"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Band is a group of robots that play in a room: drums, a bass, chords and tunes.
// They follow its tempo, meter and scale. Like every member, a robot rests while
// it is muted, while the room is quiet, and on beats that it may not play.
type Band struct {
	URL     string // of the box
	Room    string // a code
	Players int
	Log     *slog.Logger
}

// rejoinAfter is how long a robot waits after its connection ended.
const rejoinAfter = 2 * time.Second

// Run runs the robots until ctx ends. If a robot's connection ends, the robot
// joins again.
func (b Band) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range b.Players {
		group.Go(func() error {
			for ctx.Err() == nil {
				if err := b.perform(ctx, scores[i%len(scores)]); err != nil {
					b.Log.Debug("a robot lost the box", "err", err)
				}
				pause(ctx, rejoinAfter)
			}
			return nil
		})
	}
	return group.Wait()
}

// perform joins the room and plays a score until the connection or ctx ends.
func (b Band) perform(ctx context.Context, s score) error {
	c, err := client.Join(ctx, b.URL, b.Room)
	if err != nil {
		return err
	}
	r := &robot{Client: c, score: s, changed: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var helpers sync.WaitGroup
	helpers.Go(func() { r.time.run(ctx, c) })
	helpers.Go(func() { r.play(ctx) })
	defer helpers.Wait()
	defer cancel()
	choice, err := json.Marshal(map[string]string{"student_id": c.ID, "instrument": s.instrument})
	if err != nil {
		return err
	}
	if err := c.Send("assign_instrument", choice); err != nil {
		return fmt.Errorf("choose an instrument: %w", err)
	}
	return c.Read(ctx, client.Handler{Clock: r.time.answer, Event: r.update})
}

// robot is one player of a band.
type robot struct {
	*client.Client
	score
	time    timekeeper
	changed chan struct{} // holds one token if the room has changed

	mu   sync.Mutex // guards room
	room roomView

	ends []noteEnd // of the notes that sound; used by play only
	seq  uint16
}

// noteEnd is when a note ends.
type noteEnd struct {
	at   clock.Millis
	note uint8
}

// roomView is the part of the room's state that a robot needs.
type roomView struct {
	Timelines clock.Plan   `json:"timelines"`
	Quiet     bool         `json:"quiet"`
	Scale     scale        `json:"scale"`
	Members   []memberView `json:"members"`
	me        memberView
}

type memberView struct {
	ID    string `json:"student_id"`
	Muted bool   `json:"muted"`
	Beats []int  `json:"beats"`
}

// timelineAt returns the timeline at a moment. It reports false while the robot
// does not know the room.
func (v roomView) timelineAt(at clock.Millis) (clock.Timeline, bool) {
	if len(v.Timelines) == 0 {
		return clock.Timeline{}, false
	}
	return v.Timelines.At(at), true
}

// update applies an event to the robot's view of the room.
func (r *robot) update(event string, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch event {
	case wire.EventRoomState:
		var view roomView
		if json.Unmarshal(payload, &view) != nil || view.Timelines.Validate() != nil {
			return
		}
		for _, m := range view.Members {
			if m.ID == r.ID {
				view.me = m
			}
		}
		r.room = view
	case wire.EventTempoChanged:
		var changed struct {
			Timelines clock.Plan `json:"timelines"`
		}
		if json.Unmarshal(payload, &changed) == nil && changed.Timelines.Validate() == nil {
			r.room.Timelines = changed.Timelines
		}
	case wire.EventRoomChanged:
		_ = json.Unmarshal(payload, &r.room) // the payload has only the fields that changed
	case wire.EventStudentMuted, wire.EventBeatAssigned:
		m := r.room.me
		if json.Unmarshal(payload, &m) == nil && m.ID == r.ID {
			r.room.me = m
		}
	}
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

func (r *robot) view() roomView {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.room
}

// sendAhead is how long before its time a robot sends a note. In a live room the
// note then arrives in time.
const sendAhead = clock.Millis(25)

// stepsPerBeat is a robot's finest grid: sixteenths.
const stepsPerBeat = 4

// play plays one step after another until ctx ends.
func (r *robot) play(ctx context.Context) {
	for ctx.Err() == nil {
		now := r.time.box()
		view := r.view()
		timeline, ok := view.timelineAt(now + sendAhead)
		if !r.time.synced() || !ok || !timeline.Running {
			r.endNotes(now, true)
			r.wait(ctx, time.Second)
			continue
		}
		step := float64(int(timeline.BeatAt(now+sendAhead)*stepsPerBeat+1)) / stepsPerBeat
		at := timeline.TimeOf(step)
		if !r.wait(ctx, at.Sub(now+sendAhead)) {
			continue // the room changed
		}
		r.endNotes(at, false)
		if step >= 0 {
			r.playStep(view, timeline, step, at)
		}
	}
}

// wait waits for d. It reports false if ctx ended or the room changed first.
func (r *robot) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.changed:
	case <-ctx.Done():
	}
	return false
}

// playStep plays the notes of a step and schedules their ends.
func (r *robot) playStep(view roomView, timeline clock.Timeline, step float64, at clock.Millis) {
	var notes []wire.NoteEvent
	for _, h := range r.due(view, timeline, step) {
		r.seq++
		notes = append(notes, wire.NoteEvent{Seq: r.seq, At: float64(at), Note: h.note, Velocity: h.velocity})
		length := clock.Millis(h.steps / stepsPerBeat * timeline.BeatMillis())
		r.ends = append(r.ends, noteEnd{at + length - 10, h.note})
	}
	if len(notes) > 0 {
		_ = r.Play(notes...) // Read notices a dead connection
	}
}

// due returns a score's notes at a step. It returns none if the room does not
// allow the robot to play.
func (s score) due(view roomView, timeline clock.Timeline, step float64) []hit {
	bar, inBar := timeline.Bar(step)
	if view.Quiet || view.me.Muted || !allowed(view.me.Beats, inBar) {
		return nil
	}
	return s.play16(moment{
		bar: bar, beat: inBar, step: int(math.Round(step*stepsPerBeat)) % stepsPerBeat,
		meter: timeline.Meter, scale: view.Scale,
	})
}

// allowed reports whether a member with those beats may play on a beat of the
// bar. A member without beats may play on all.
func allowed(beats []int, inBar int) bool { return len(beats) == 0 || slices.Contains(beats, inBar) }

// endNotes ends the notes that are due, or all of them.
func (r *robot) endNotes(now clock.Millis, all bool) {
	var notes []wire.NoteEvent
	kept := r.ends[:0]
	for _, s := range r.ends {
		if !all && s.at > now {
			kept = append(kept, s)
			continue
		}
		r.seq++
		notes = append(notes, wire.NoteEvent{Seq: r.seq, At: float64(now), Note: s.note})
	}
	r.ends = kept
	if len(notes) > 0 {
		_ = r.Play(notes...)
	}
}
