package table

import (
	"errors"
	"strings"
)

// scanner reads a filter, an order or an array from left to right.
type scanner struct {
	text string
	at   int
}

var errQuote = errors.New(`a quoted value has no end`)

func (s *scanner) done() bool { return s.at >= len(s.text) }

func (s *scanner) rest() string { return s.text[s.at:] }

// skip passes over a prefix of what is left, if it is there.
func (s *scanner) skip(prefix string) bool {
	if !strings.HasPrefix(s.rest(), prefix) {
		return false
	}
	s.at += len(prefix)
	return true
}

// until reads up to the first of those bytes, or to the end.
func (s *scanner) until(stops string) string {
	rest := s.rest()
	end := strings.IndexAny(rest, stops)
	if end < 0 {
		end = len(rest)
	}
	s.at += end
	return rest[:end]
}

// value reads one value: up to the first of the stops, or in double quotes,
// where a backslash takes the meaning off the byte after it. Behind a quoted
// value there must be a stop or the end.
func (s *scanner) value(stops string) (value string, quoted bool, err error) {
	if !s.skip(`"`) {
		return s.until(stops), false, nil
	}
	var b strings.Builder
	for !s.done() {
		c := s.text[s.at]
		s.at++
		switch {
		case c == '\\' && !s.done():
			b.WriteByte(s.text[s.at])
			s.at++
		case c == '"':
			if !s.done() && !strings.Contains(stops, s.text[s.at:s.at+1]) {
				return "", true, errQuote
			}
			return b.String(), true, nil
		default:
			b.WriteByte(c)
		}
	}
	return "", true, errQuote
}

// list reads (a,"b",c) and leaves what follows. An empty list has no values.
func (s *scanner) list(limit int) ([]string, error) {
	if !s.skip("(") {
		return nil, errors.New(`expecting "("`)
	}
	if s.skip(")") {
		return nil, nil
	}
	var values []string
	for {
		value, _, err := s.value(",)")
		if err != nil {
			return nil, err
		}
		if values = append(values, value); len(values) > limit {
			return nil, TooMuch("a list holds more than %d values", limit)
		}
		if s.skip(")") {
			return values, nil
		}
		if !s.skip(",") {
			return nil, errors.New(`expecting "," or ")"`)
		}
	}
}
