package table

import (
	"slices"
	"strings"
	"time"
)

// arrayOf makes the type of one-dimensional arrays of a type.
func arrayOf(element kind) kind {
	k := kind{sql: element.sql + "[]", element: &element}
	k.readAt = func(text string, at time.Time) (any, bool, error) {
		texts, dimensions, err := splitArray(text)
		if err != nil {
			return nil, false, err
		}
		if dimensions > 1 {
			return nil, false, malformedArray(text)
		}
		value, err := k.castElements(texts, at)
		return value, false, err
	}
	k.compare = func(a, b any) int { return compareArrays(element, a, b) }
	return k
}

func (k kind) castElements(values []any, at time.Time) (any, error) {
	elements := make([]any, len(values))
	for i, value := range values {
		element, err := k.element.cast(value, at)
		if err != nil {
			return nil, err
		}
		elements[i] = element
	}
	return elements, nil
}

// compareArrays compares element by element. Null comes last, and a prefix comes
// before the longer array.
func compareArrays(element kind, a, b any) int {
	x, _ := a.([]any)
	y, _ := b.([]any)
	for i := range min(len(x), len(y)) {
		switch {
		case x[i] == nil && y[i] == nil:
		case x[i] == nil:
			return 1
		case y[i] == nil:
			return -1
		default:
			if c := element.compare(x[i], y[i]); c != 0 {
				return c
			}
		}
	}
	return len(x) - len(y)
}

// maxDimensions is how deep arrays nest in Postgres (MAXDIM).
const maxDimensions = 6

// splitArray reads an array as Postgres does (manual, section 8.15.6). The
// elements are strings and nils, those of inner arrays in their order.
func splitArray(text string) (elements []any, dimensions int, err error) {
	s := scanner{text: text}
	s.skipBlanks()
	elements, lengths, ok := s.array(maxDimensions)
	s.skipBlanks()
	if !ok || !s.done() {
		return nil, 0, malformedArray(text)
	}
	return elements, len(lengths), nil
}

func malformedArray(text string) error {
	return &Error{Code: CodeText, Message: `malformed array literal: "` + Shorten(text) + `"`}
}

// array reads {a,"b c",NULL}. lengths are those of the array and of the arrays
// inside it, which must all be alike.
func (s *scanner) array(depth int) (elements []any, lengths []int, ok bool) {
	if depth == 0 || !s.skip("{") {
		return nil, nil, false
	}
	if s.skipBlanks(); s.skip("}") {
		return nil, []int{0}, true
	}
	var inner []int
	for n := 1; ; n++ {
		found, within, ok := s.member(depth)
		if !ok || n > 1 && !slices.Equal(within, inner) {
			return nil, nil, false
		}
		elements, inner = append(elements, found...), within
		s.skipBlanks()
		switch {
		case s.skip("}"):
			return elements, append([]int{n}, inner...), true
		case !s.skip(","):
			return nil, nil, false
		}
	}
}

// member reads an element of an array, or an array inside it.
func (s *scanner) member(depth int) (elements []any, lengths []int, ok bool) {
	s.skipBlanks()
	if strings.HasPrefix(s.rest(), "{") {
		return s.array(depth - 1)
	}
	element, ok := s.element()
	return []any{element}, nil, ok
}

// element reads an element: in double quotes, or up to a comma or a brace and
// without the blanks around it. A backslash escapes the next byte in both.
// NULL is nil, unless a part of it is quoted or escaped.
func (s *scanner) element() (any, bool) {
	if strings.HasPrefix(s.rest(), `"`) {
		text, err := s.quoted()
		return text, err == nil
	}
	var b strings.Builder
	end, escaped := 0, false // end is that of the text without blanks after it
	for !s.done() {
		c := s.text[s.at]
		s.at++
		switch {
		case c == ',' || c == '}':
			s.at--
			text := b.String()[:end]
			if !escaped && strings.EqualFold(text, "null") {
				return nil, true
			}
			return text, text != ""
		case c == '{' || c == '"':
			return nil, false
		case c == '\\' && !s.done():
			c, escaped = s.text[s.at], true
			s.at++
			b.WriteByte(c)
			end = b.Len()
		default:
			if b.WriteByte(c); !isBlank(c) {
				end = b.Len()
			}
		}
	}
	return nil, false
}
