package room

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// request is the payload of a control event. Each method checks one field. The
// errors are *ControlError with a sentence that says what the field must be.
type request map[string]json.RawMessage

// parseRequest reads a payload: an object, or nothing for events that need no
// fields.
func parseRequest(payload []byte) (request, error) {
	if len(payload) == 0 {
		return nil, nil
	}
	var p request
	if err := json.Unmarshal(payload, &p); err != nil {
		return nil, badPayload("The payload must be a JSON object.")
	}
	return p, nil
}

// has reports whether a field is there; null counts as missing.
func (p request) has(name string) bool {
	raw, ok := p[name]
	return ok && string(raw) != "null"
}

// read reads a field that must be there.
func (p request) read(name string, v any) bool {
	return p.has(name) && json.Unmarshal(p[name], v) == nil
}

// isList reports whether a field is a list.
func (p request) isList(name string) bool { return p.has(name) && p[name][0] == '[' }

func (p request) boolean(name string) (v bool, err error) {
	if !p.read(name, &v) {
		return false, badPayload(name + " must be true or false.")
	}
	return v, nil
}

func (p request) number(name string, low, high float64) (v float64, err error) {
	if !p.read(name, &v) || !(v >= low && v <= high) {
		return 0, badPayload(fmt.Sprintf("%s must be a number from %g to %g.", name, low, high))
	}
	return v, nil
}

func (p request) whole(name string, low, high int) (int, error) {
	var v float64
	if !p.read(name, &v) || v != math.Trunc(v) || !(v >= float64(low) && v <= float64(high)) {
		return 0, badPayload(fmt.Sprintf("%s must be a whole number from %d to %d.", name, low, high))
	}
	return int(v), nil
}

func (p request) text(name string) (v string, err error) {
	if !p.read(name, &v) {
		return "", badPayload(name + " must be a text.")
	}
	return v, nil
}

func (p request) choice(name string, of []string) (v string, err error) {
	if !p.read(name, &v) || !slices.Contains(of, v) {
		return "", badPayload(name + " must be one of " + strings.Join(of, ", ") + ".")
	}
	return v, nil
}

// optional calls read for a field that may be missing, and returns nil if it is.
func optional[T any](p request, name string, read func() (T, error)) (*T, error) {
	if !p.has(name) {
		return nil, nil
	}
	v, err := read()
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// beats reads beats of a bar of that meter: one beat, or a list; an empty list
// means all. asked is the field as it was sent, an int or a []int.
func (p request) beats(name string, meter int) (beats []int, asked any, err error) {
	var list []float64
	var one float64
	switch {
	case p.read(name, &one):
		list = []float64{one}
	case !p.read(name, &list) || len(list) > maxBeats:
		return nil, nil, badBeats(name, meter)
	}
	numbers := make([]int, len(list))
	for i, v := range list {
		if v != math.Trunc(v) || v < 0 || v >= float64(meter) {
			return nil, nil, badBeats(name, meter)
		}
		numbers[i] = int(v)
	}
	asked = numbers
	if one, isOne := p.single(name, numbers); isOne {
		asked = one
	}
	beats = slices.Sorted(slices.Values(numbers))
	return append([]int{}, slices.Compact(beats)...), asked, nil
}

// single returns the number of a field that is no list.
func (p request) single(name string, numbers []int) (int, bool) {
	if len(numbers) != 1 || p.isList(name) {
		return 0, false
	}
	return numbers[0], true
}

// maxBeats is the longest list of beats: each beat of the longest bar, twice.
const maxBeats = 32

func badBeats(name string, meter int) error {
	return badPayload(fmt.Sprintf("%s must be a beat from 0 to %d, or a list of beats.", name, meter-1))
}
