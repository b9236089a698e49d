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

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Band is robots that play along in a room: drums, a bass, chords and tunes
// that follow its tempo, meter and scale, and rest when they are muted, quiet
// or off their beats, like any member.
type Band struct {
	URL     string // of the box
	Room    string // a code
	Players int
	Log     *slog.Logger
}

// rejoin is how long a robot waits after it lost the box.
const rejoin = 2 * time.Second

// Run lets the robots play until ctx ends; a robot that loses the box comes
// back.
func (b Band) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range b.Players {
		group.Go(func() error {
			for ctx.Err() == nil {
				if err := b.perform(ctx, scores[i%len(scores)]); err != nil {
					b.Log.Debug("a robot lost the box", "err", err)
				}
				pause(ctx, rejoin)
			}
			return nil
		})
	}
	return group.Wait()
}

// perform joins and plays one score until the connection or ctx ends.
func (b Band) perform(ctx context.Context, s score) error {
	c, err := Join(ctx, b.URL, b.Room)
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
	return c.Read(ctx, Handler{Clock: r.time.answer, Event: r.hear})
}

// robot is one player of a band.
type robot struct {
	*Client
	score
	time    timekeeper
	changed chan struct{} // holds one token after the room changed

	mu   sync.Mutex // guards room
	room roomView

	sounding []stop // used by play only
	seq      uint16
}

// stop is a note to end.
type stop struct {
	at   clock.Millis
	note uint8
}

// roomView is what a robot needs to know of the room.
type roomView struct {
	Timeline clock.Timeline  `json:"timeline"`
	Next     *clock.Timeline `json:"next"`
	Quiet    bool            `json:"quiet"`
	Scale    scale           `json:"scale"`
	Members  []memberView    `json:"members"`
	me       memberView
}

type memberView struct {
	ID    string `json:"student_id"`
	Muted bool   `json:"muted"`
	Beats []int  `json:"beats"`
}

// hear keeps the robot's view of the room up to date.
func (r *robot) hear(event string, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch event {
	case wire.EventRoomState:
		var view roomView
		if json.Unmarshal(payload, &view) != nil {
			return
		}
		for _, m := range view.Members {
			if m.ID == r.ID {
				view.me = m
			}
		}
		r.room = view
	case wire.EventTempoChanged:
		var next clock.Timeline
		if json.Unmarshal(payload, &next) == nil && next.Validate() == nil {
			r.room.Timeline = r.room.Timeline.At(r.time.box(), r.room.Next)
			r.room.Next = &next
		}
	case wire.EventRoomChanged:
		_ = json.Unmarshal(payload, &r.room) // only the fields that changed are there
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

// ahead is how long before its time a robot sends a note, so that in a live
// room it arrives in time.
const ahead = clock.Millis(25)

// stepsPerBeat is the finest a robot plays: sixteenths.
const stepsPerBeat = 4

// play plays step after step until ctx ends.
func (r *robot) play(ctx context.Context) {
	for ctx.Err() == nil {
		now := r.time.box()
		view := r.view()
		line := view.Timeline.At(now+ahead, view.Next)
		if !r.time.synced() || line.BPM == 0 || !line.Running {
			r.endNotes(now, true)
			r.wait(ctx, time.Second)
			continue
		}
		step := float64(int(line.BeatAt(now+ahead)*stepsPerBeat+1)) / stepsPerBeat
		at := line.TimeOf(step)
		if !r.wait(ctx, at.Sub(now+ahead)) {
			continue // the room changed: think again
		}
		r.endNotes(at, false)
		if step >= 0 {
			r.playStep(view, line, step, at)
		}
	}
}

// wait waits, and reports false if ctx ended or the room changed first.
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

// playStep plays what the score has at a step, and ends it when its time comes.
func (r *robot) playStep(view roomView, line clock.Timeline, step float64, at clock.Millis) {
	var notes []wire.NoteEvent
	for _, h := range r.due(view, line, step) {
		r.seq++
		notes = append(notes, wire.NoteEvent{Seq: r.seq, At: float64(at), Note: h.note, Velocity: h.velocity})
		length := clock.Millis(h.steps / stepsPerBeat * line.BeatMillis())
		r.sounding = append(r.sounding, stop{at + length - 10, h.note})
	}
	if len(notes) > 0 {
		_ = r.Play(notes...) // Read notices a dead connection
	}
}

// due is what a score has at a step for a member whom the room lets play.
func (s score) due(view roomView, line clock.Timeline, step float64) []hit {
	bar, inBar := line.Bar(step)
	if view.Quiet || view.me.Muted || !allowed(view.me.Beats, inBar) {
		return nil
	}
	return s.play16(moment{
		bar: bar, beat: inBar, step: int(math.Round(step*stepsPerBeat)) % stepsPerBeat,
		meter: line.Meter, scale: view.Scale,
	})
}

// allowed reports whether a member with those beats may play on one of the bar.
func allowed(beats []int, inBar int) bool { return len(beats) == 0 || slices.Contains(beats, inBar) }

// endNotes ends the notes whose time has come, or all of them.
func (r *robot) endNotes(now clock.Millis, all bool) {
	var notes []wire.NoteEvent
	kept := r.sounding[:0]
	for _, s := range r.sounding {
		if !all && s.at > now {
			kept = append(kept, s)
			continue
		}
		r.seq++
		notes = append(notes, wire.NoteEvent{Seq: r.seq, At: float64(now), Note: s.note})
	}
	r.sounding = kept
	if len(notes) > 0 {
		_ = r.Play(notes...)
	}
}
