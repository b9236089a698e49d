// Package schedule says when the notes of others sound: at once in live mode, on
// the next step of the grid in snap mode, one interval later in loop mode. That
// depends on when a note was played and not on when it arrives, so that it is the
// same on every device.
//
// The pages have the same rules (webui/src/engine/play/grid.ts). The vectors in
// testdata test both.
package schedule

import (
	"math"
	"time"

	"downbeat.local/appliance/room"
	"downbeat.local/sync/clock"
)

const (
	// Grace is how late a note may be and still be worth hearing.
	Grace = 300 * time.Millisecond
	// Together is how far apart two sounds are heard as one.
	Together = 20 * time.Millisecond
	// early is how long before a step the notes begin that belong to it, half a step at
	// most. They sound on the next one: players who aim at a step are usually 20 to 80
	// ms early, and a note needs time to reach everybody.
	early = 60.0 // ms
	// grain is a millionth of a step. A note on the very edge belongs to the step
	// before it.
	grain = 1e-6
)

// Due is when a note sounds: at a moment or, if OnBeat, at a beat, wherever the
// tempo puts it.
type Due struct {
	OnBeat bool
	Beat   float64
	At     clock.Millis
}

// Of returns when others hear a note that was played at a moment. Without a running
// beat every mode is live.
func Of(plan clock.Plan, s room.Settings, played clock.Millis) Due {
	line := plan.At(played)
	if s.Mode == room.ModeLive || !line.Running {
		return Due{At: played}
	}
	beat := line.BeatAt(played)
	if s.Mode == room.ModeLoop {
		return Due{OnBeat: true, Beat: beat + float64(s.Interval)}
	}
	grid := float64(s.Grid)
	ahead := min(early/line.BeatMillis()*grid, 0.5)
	return Due{OnBeat: true, Beat: math.Ceil(beat*grid+ahead-grain) / grid}
}

// Moment is when a note is due as the tempo is planned. It is never if the music
// stops before.
func (d Due) Moment(plan clock.Plan) clock.Millis {
	if !d.OnBeat {
		return d.At
	}
	at := clock.Never()
	if plan[0].Running {
		at = plan[0].TimeOf(d.Beat)
	}
	for _, line := range plan[1:] {
		if at < line.Time0 {
			return at
		}
		if !line.Running {
			return clock.Never()
		}
		at = max(line.Time0, line.TimeOf(d.Beat))
	}
	return at
}

// End returns when the end of a note is due that began and ended at two moments. It
// is as late as the beginning is, so that the note keeps its length.
func (d Due) End(plan clock.Plan, began, ended clock.Millis) Due {
	if !d.OnBeat {
		return Due{At: d.At + ended - began}
	}
	length := plan.At(ended).BeatAt(ended) - plan[0].BeatAt(began)
	return Due{OnBeat: true, Beat: d.Beat + max(0, length)}
}

// Postponed returns a later beat for a note that cannot sound on its own before a
// moment: the next step of the grid, or the next round of the loop. Off its grid it
// would only disturb. It reports false for a note that has no grid.
func (d Due) Postponed(plan clock.Plan, s room.Settings, moment clock.Millis) (later Due, ok bool) {
	if !d.OnBeat || s.Mode == room.ModeLive {
		return d, false
	}
	now := plan.At(moment).BeatAt(moment)
	if s.Mode == room.ModeSnap {
		grid := float64(s.Grid)
		return Due{OnBeat: true, Beat: math.Ceil(now*grid-grain) / grid}, true
	}
	interval := float64(s.Interval)
	rounds := max(1, math.Ceil((now-d.Beat)/interval-grain))
	return Due{OnBeat: true, Beat: d.Beat + rounds*interval}, true
}
