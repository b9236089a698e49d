package table

import (
	"errors"
	"strings"
)

// scanner reads a filter, an order, an array or a time from left to right.
type scanner struct {
	text string
	at   int
}

var errQuote = errors.New(`a quoted value has no end`)

func (s *scanner) done() bool { return s.at >= len(s.text) }

func (s *scanner) rest() string { return s.text[s.at:] }

// peek returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.done() {
		return 0
	}
	return s.text[s.at]
}

// skip skips a prefix, and reports whether it was there.
func (s *scanner) skip(prefix string) bool {
	if !strings.HasPrefix(s.rest(), prefix) {
		return false
	}
	s.at += len(prefix)
	return true
}

// blanks are what Postgres skips around values (isspace in the C locale).
const blanks = " \t\n\r\v\f"

func isBlank(c byte) bool { return strings.IndexByte(blanks, c) >= 0 }

func trimBlanks(text string) string { return strings.Trim(text, blanks) }

func (s *scanner) skipBlanks() { s.while(isBlank) }

// while reads all bytes up to the first that does not belong.
func (s *scanner) while(belongs func(byte) bool) string {
	begin := s.at
	for !s.done() && belongs(s.text[s.at]) {
		s.at++
	}
	return s.text[begin:s.at]
}

// until reads up to the first of the stops, or to the end.
func (s *scanner) until(stops string) string {
	return s.while(func(c byte) bool { return strings.IndexByte(stops, c) < 0 })
}

// quoted reads a text in double quotes, where a backslash escapes the next byte.
func (s *scanner) quoted() (string, error) {
	if !s.skip(`"`) {
		return "", errQuote
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
			return b.String(), nil
		default:
			b.WriteByte(c)
		}
	}
	return "", errQuote
}

// value reads one value of a query: up to the first of the stops, or in double
// quotes. A stop or the end must follow a quoted value.
func (s *scanner) value(stops string) (string, error) {
	if !strings.HasPrefix(s.rest(), `"`) {
		return s.until(stops), nil
	}
	value, err := s.quoted()
	if err == nil && !s.done() && strings.IndexByte(stops, s.peek()) < 0 {
		return "", errQuote
	}
	return value, err
}

// list reads (a,"b",c) of a query and leaves the rest. An empty list has no
// values.
func (s *scanner) list(limit int) ([]any, error) {
	if !s.skip("(") {
		return nil, errors.New(`expecting "("`)
	}
	if s.skip(")") {
		return nil, nil
	}
	var values []any
	for {
		value, err := s.value(",)")
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
