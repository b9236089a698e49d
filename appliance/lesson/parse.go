package lesson

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"downbeat.local/appliance/room"
)

// Parse reads a plan. The error is a *Problem.
func Parse(raw []byte) (Plan, error) {
	if len(raw) > MaxSize {
		return Plan{}, &Problem{Field: "size"}
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // a number that is too large is a wrong field, not a damaged text
	var fields map[string]any
	if err := d.Decode(&fields); err != nil || fields == nil {
		return Plan{}, &Problem{Field: "json"}
	}
	if _, err := d.Token(); err != io.EOF {
		return Plan{}, &Problem{Field: "json"}
	}
	return read(fields)
}

func read(fields object) (p Plan, err error) {
	version, ok := fields.number("downbeat_lesson")
	switch {
	case !ok || version < 1 || version != math.Trunc(version):
		return p, &Problem{Field: "kind"}
	case version > Version:
		return p, &Problem{Field: "version"}
	}
	p.Version = Version
	if p.Title, ok = fields.words("title"); !ok || p.Title == nil || !fits(p.Title, 1, MaxTitle) {
		return p, &Problem{Field: "title"}
	}
	if p.About, ok = fields.words("about"); !ok || p.About != nil && !fits(p.About, 0, MaxAbout) {
		return p, &Problem{Field: "about"}
	}
	if p.Steps, err = fields.steps("steps", room.MaxSteps, false); err != nil {
		return p, err
	}
	if len(p.Steps) == 0 {
		return p, &Problem{Field: "steps"}
	}
	p.Short, err = fields.steps("short", MaxShortSteps, true)
	minutes := 0.0
	for _, s := range p.Short {
		minutes += s.Minutes
	}
	if err == nil && minutes > MaxShortMinutes {
		err = &Problem{Field: "short"}
	}
	return p, err
}

// fits reports whether texts of one line have that many letters.
func fits(w room.Words, least, most int) bool {
	for _, text := range w {
		n := utf8.RuneCountInString(text)
		if n > most || utf8.RuneCountInString(strings.TrimSpace(text)) < least || strings.ContainsFunc(text, isControl) {
			return false
		}
	}
	return true
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }

// object is a JSON object. Each method reads one field. ok is false if the field
// has another type; a missing field and null are ok, and have no value.
type object map[string]any

func (o object) number(name string) (float64, bool) {
	n, isNumber := o[name].(json.Number)
	if !isNumber {
		return 0, false
	}
	v, err := n.Float64()
	return v, err == nil
}

// optional reads a number that may be missing. whole says that it has no fraction.
func (o object) optional(name string, whole bool) (v *float64, ok bool) {
	if o[name] == nil {
		return nil, true
	}
	n, ok := o.number(name)
	if !ok || whole && (n != math.Trunc(n) || math.Abs(n) > math.MaxInt32) {
		return nil, false
	}
	return &n, true
}

func (o object) whole(name string) (v *int, ok bool) {
	n, ok := o.optional(name, true)
	if n == nil {
		return nil, ok
	}
	i := int(*n)
	return &i, true
}

func (o object) text(name string) (v *string, ok bool) {
	if o[name] == nil {
		return nil, true
	}
	text, ok := o[name].(string)
	return &text, ok
}

// words reads a text, or an object with texts by language. Languages that the box
// does not know are left out.
func (o object) words(name string) (room.Words, bool) {
	switch v := o[name].(type) {
	case nil:
		return nil, true
	case string:
		return room.PlainWords(v), true
	case map[string]any:
		w := room.Words{}
		for _, language := range room.Languages {
			if text, isText := v[language].(string); isText {
				w[language] = text
			} else if v[language] != nil {
				return nil, false
			}
		}
		return w, len(w) > 0
	}
	return nil, false
}

func (o object) scale(name string) (*room.Scale, bool) {
	if o[name] == nil {
		return nil, true
	}
	v, isObject := o[name].(map[string]any)
	if !isObject {
		return nil, false
	}
	root, ok := object(v).whole("root")
	kind, also := object(v).text("kind")
	if !ok || !also || root == nil || kind == nil {
		return nil, false
	}
	return &room.Scale{Root: *root, Kind: *kind}, true
}

// list reads the elements of a list; nil if it is missing.
func list[T any](o object, name string, most int, element func(any) (T, bool)) (all []T, ok bool) {
	if o[name] == nil {
		return nil, true
	}
	elements, isList := o[name].([]any)
	if !isList || len(elements) > most {
		return nil, false
	}
	all = []T{}
	for _, e := range elements {
		v, ok := element(e)
		if !ok {
			return nil, false
		}
		all = append(all, v)
	}
	return all, true
}

func readText(v any) (string, bool) {
	text, ok := v.(string)
	return text, ok
}

func readBeat(v any) (int, bool) {
	beat, ok := object{"beat": v}.whole("beat")
	if beat == nil {
		return 0, false
	}
	return *beat, ok
}

func readPart(v any) (p room.Part, ok bool) {
	fields, isObject := v.(map[string]any)
	if !isObject {
		return p, false
	}
	o := object(fields)
	role, ok1 := o.words("role")
	beats, ok2 := list(o, "beats", maxBeats, readBeat)
	instrument, ok3 := o.text("instrument")
	p.Role, p.Beats = role, beats
	if instrument != nil {
		p.Instrument = *instrument
	}
	return p, ok1 && ok2 && ok3
}

// maxBeats is the longest list of beats of a part; package room checks them.
const maxBeats = 32

// steps reads steps, of the short version or not. The error is a *Problem.
func (o object) steps(name string, most int, short bool) ([]room.Step, error) {
	all, ok := list(o, name, most, func(v any) (object, bool) {
		fields, isObject := v.(map[string]any)
		return fields, isObject
	})
	if !ok {
		return nil, &Problem{Field: name}
	}
	steps := make([]room.Step, len(all))
	for i, fields := range all {
		step, wrong := fields.step()
		if wrong == "" {
			wrong = step.Wrong()
		}
		if wrong != "" {
			return nil, &Problem{Field: wrong, Step: i + 1, Short: short}
		}
		steps[i] = step
	}
	return steps, nil
}

// step reads the fields of a step. wrong is the first one of another type.
func (o object) step() (s room.Step, wrong string) {
	var ok [14]bool
	activity, _ := o.text("activity")
	music, musicOK := o.text("music")
	minutes, minutesOK := o.number("minutes")
	ok[0] = activity != nil
	s.Do, ok[1] = o.words("do")
	s.Note, ok[2] = o.words("note")
	s.Minutes, ok[3] = minutes, minutesOK
	s.Mode, ok[4] = o.text("mode")
	s.Grid, ok[5] = o.whole("grid")
	s.Interval, ok[6] = o.whole("interval")
	s.Listening, ok[7] = o.text("listening")
	s.Scale, ok[8] = o.scale("scale")
	s.Tempo, ok[9] = o.optional("tempo", false)
	s.Meter, ok[10] = o.whole("meter")
	s.Parts, ok[11] = list(o, "parts", room.MaxParts, readPart)
	ok[12] = musicOK
	s.Prompts, ok[13] = list(o, "prompts", room.MaxPrompts, readText)
	if activity != nil {
		s.Activity = *activity
	}
	if music != nil {
		s.Music = *music
	}
	if at := slices.Index(ok[:], false); at >= 0 {
		return s, stepFields[at]
	}
	return s, ""
}

// stepFields are the fields of a step, in the order in which they are checked.
var stepFields = [...]string{
	"activity", "do", "note", "minutes", "mode", "grid", "interval", "listening", "scale", "tempo", "meter", "parts", "music", "prompts",
}
