package room

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"downbeat.local/appliance/names"
	"downbeat.local/sync/clock"
)

// The bounds of a step. The web app knows them too (testdata of package lesson).
const (
	MaxDo      = 120 // letters that the class reads
	MaxNote    = 600 // letters for the teacher
	MaxParts   = 8
	MaxPrompts = 3
	MinMinutes = 0.25
	MaxMinutes = 60
)

// The activities of a step. They choose its picture. A step to reflect asks its
// first question as it begins.
const (
	ActivityListen    = "listen"
	ActivityPlay      = "play"
	ActivityEcho      = "echo"
	ActivityLayers    = "layers"
	ActivityImprovise = "improvise"
	ActivityMove      = "move"
	ActivityReflect   = "reflect"
)

var activities = []string{
	ActivityListen, ActivityPlay, ActivityEcho, ActivityLayers, ActivityImprovise, ActivityMove, ActivityReflect,
}

// What a step does to the music.
const (
	MusicStart = "start"
	MusicStop  = "stop"
)

// Step is one step of a lesson. What it leaves out stays as the steps before it
// have set it.
type Step struct {
	Activity string  `json:"activity"`
	Do       Words   `json:"do"`             // one sentence for the class
	Note     Words   `json:"note,omitempty"` // for the teacher
	Minutes  float64 `json:"minutes"`

	Mode      *string  `json:"mode,omitempty"`
	Grid      *int     `json:"grid,omitempty"`     // steps a beat
	Interval  *int     `json:"interval,omitempty"` // beats
	Listening *string  `json:"listening,omitempty"`
	Scale     *Scale   `json:"scale,omitempty"`
	Tempo     *float64 `json:"tempo,omitempty"` // beats a minute
	Meter     *int     `json:"meter,omitempty"` // beats a bar
	// Parts are dealt to the students by seat, around and around. An empty list
	// ends the parts; nil leaves them.
	Parts   []Part   `json:"parts,omitzero"`
	Music   string   `json:"music,omitempty"`   // MusicStart or MusicStop; empty leaves it
	Prompts []string `json:"prompts,omitempty"` // names of the web app's list, or words
}

// Part is what some of the students play in a step.
type Part struct {
	Role       Words  `json:"role,omitempty"` // a short word
	Beats      []int  `json:"beats,omitempty"`
	Instrument string `json:"instrument,omitempty"` // empty leaves theirs
}

// roleIn is the role of students with a part, in a language.
func (p Part) roleIn(language string) string {
	if role, ok := names.Label(p.Role.In(language), maxRole); ok {
		return role
	}
	return RoleStudent
}

// Wrong returns the name of the first field of a step that makes no sense; empty
// if there is none.
func (s Step) Wrong() string {
	meter := clock.MaxMeter
	if s.Meter != nil {
		meter = *s.Meter
	}
	for _, check := range []struct {
		field string
		ok    bool
	}{
		{"activity", slices.Contains(activities, s.Activity)},
		{"do", s.Do.readable(1, MaxDo)},
		{"note", s.Note == nil || s.Note.readable(0, MaxNote)},
		{"minutes", s.Minutes >= MinMinutes && s.Minutes <= MaxMinutes},
		{"mode", s.Mode == nil || slices.Contains(modes, *s.Mode)},
		{"grid", s.Grid == nil || slices.Contains(grids, *s.Grid)},
		{"interval", s.Interval == nil || *s.Interval >= 1 && *s.Interval <= maxInterval},
		{"listening", s.Listening == nil || slices.Contains(listenings, *s.Listening)},
		{"scale", s.Scale == nil || s.Scale.Root >= 0 && s.Scale.Root <= 11 && slices.Contains(scaleKinds, s.Scale.Kind)},
		{"tempo", s.Tempo == nil || *s.Tempo >= clock.MinBPM && *s.Tempo <= clock.MaxBPM},
		{"meter", meter >= clock.MinMeter && meter <= clock.MaxMeter},
		{"parts", len(s.Parts) <= MaxParts && !slices.ContainsFunc(s.Parts, func(p Part) bool { return !p.sensible(meter) })},
		{"music", s.Music == "" || s.Music == MusicStart || s.Music == MusicStop},
		{"prompts", len(s.Prompts) <= MaxPrompts && !slices.ContainsFunc(s.Prompts, func(p string) bool { return !readable(p, 1, MaxPrompt) })},
	} {
		if !check.ok {
			return check.field
		}
	}
	return ""
}

// sensible reports whether a part can be played in a bar of that many beats.
func (p Part) sensible(meter int) bool {
	for _, text := range p.Role {
		if label, ok := names.Label(text, maxRole); !ok || staff(strings.ToLower(label)) {
			return false
		}
	}
	return len(p.Beats) <= maxBeats &&
		!slices.ContainsFunc(p.Beats, func(b int) bool { return b < 0 || b >= meter }) &&
		(p.Instrument == "" || slices.Contains(instruments, p.Instrument))
}

// readable reports whether each of the texts can be read, and has that many
// letters. Words without a text cannot.
func (w Words) readable(least, most int) bool {
	for _, text := range w {
		if !readable(text, least, most) {
			return false
		}
	}
	return len(w) > 0
}

// readable reports whether a text has that many letters, and no control
// characters but the ends of lines.
func readable(text string, least, most int) bool {
	n := utf8.RuneCountInString(strings.TrimSpace(text))
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' }
	return utf8.ValidString(text) && n >= least && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, control)
}

// noParts is the place of the parts of a lesson that has none yet.
const noParts = -1

// upTo returns a step with what the steps before it have set, and which of the
// steps has set the parts.
func upTo(steps []Step, at int) (s Step, parts int) {
	parts = noParts
	for i, next := range steps[:at+1] {
		before := s
		s = next
		s.Mode = orBefore(s.Mode, before.Mode)
		s.Grid = orBefore(s.Grid, before.Grid)
		s.Interval = orBefore(s.Interval, before.Interval)
		s.Listening = orBefore(s.Listening, before.Listening)
		s.Scale = orBefore(s.Scale, before.Scale)
		s.Tempo = orBefore(s.Tempo, before.Tempo)
		s.Meter = orBefore(s.Meter, before.Meter)
		if s.Parts == nil {
			s.Parts = before.Parts
		} else {
			parts = i
		}
	}
	return s, parts
}

func orBefore[T any](now, before *T) *T {
	if now == nil {
		return before
	}
	return now
}
