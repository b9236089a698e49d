package table

import "strings"

// A time is read in two steps, as the manual of Postgres describes in appendix
// B.1: this file splits its text into tokens, and timefields.go gives them
// meaning.

// tokenKind is what a token of a time can be.
type tokenKind int

const (
	numberToken tokenKind = iota // 2026, 20261130, 2026.334
	dateToken                    // 2026-11-30, 30-Nov-2026, Europe/Berlin
	clockToken                   // 09:00, 09:00:30.5
	zoneToken                    // +01, -01:30
	wordToken                    // Nov, PM, now
)

type timeToken struct {
	kind tokenKind
	text string
}

// The bounds on a time: those of Postgres (MAXDATELEN, MAXDATEFIELDS).
const (
	maxTimeText   = 128 // bytes
	maxTimeTokens = 25
)

// splitTime splits a time into tokens. Punctuation that belongs to no token
// separates tokens.
func splitTime(text string) (tokens []timeToken, ok bool) {
	if len(text) > maxTimeText {
		return nil, false
	}
	s := scanner{text: text}
	for s.skipBlanks(); !s.done(); s.skipBlanks() {
		c := s.peek()
		token, ok := timeToken{}, true
		switch {
		case isDigit(c):
			token = s.numeric()
		case isLetter(c):
			token = s.word()
		case c == '+' || c == '-':
			token, ok = s.signed()
		case isPunctuation(c):
			s.at++
			continue
		default:
			return nil, false
		}
		if tokens = append(tokens, token); !ok || len(tokens) > maxTimeTokens {
			return nil, false
		}
	}
	return tokens, true
}

// numeric reads a token that begins with a digit.
func (s *scanner) numeric() timeToken {
	text := s.while(isDigit)
	separator := s.peek()
	switch {
	case separator == ':':
		return timeToken{clockToken, text + s.while(func(c byte) bool { return isDigit(c) || c == ':' || c == '.' })}
	case separator == 0 || strings.IndexByte("-/.", separator) < 0:
		return timeToken{numberToken, text}
	}
	text += s.text[s.at : s.at+1]
	s.at++
	if !isDigit(s.peek()) { // a month's name
		return timeToken{dateToken, text + s.while(func(c byte) bool { return isDigit(c) || isLetter(c) || c == separator })}
	}
	text += s.while(isDigit)
	switch {
	case s.peek() == separator:
		return timeToken{dateToken, text + s.while(func(c byte) bool { return isDigit(c) || c == separator })}
	case separator == '.':
		return timeToken{numberToken, text}
	}
	return timeToken{dateToken, text}
}

// word reads a token that begins with a letter. With digits or separators in it
// it is a date, such as Nov-30-2026, or the name of a zone.
func (s *scanner) word() timeToken {
	text := s.while(isLetter)
	switch c := s.peek(); {
	case c == '-', c == '/', c == '.':
	case (c == '+' || isDigit(c)) && !isTimeWord(text):
	default:
		return timeToken{wordToken, text}
	}
	return timeToken{dateToken, text + s.while(func(c byte) bool {
		return isDigit(c) || isLetter(c) || strings.IndexByte("+-/_.:", c) >= 0
	})}
}

// signed reads a token that begins with a sign.
func (s *scanner) signed() (timeToken, bool) {
	sign := s.text[s.at : s.at+1]
	s.at++
	s.skipBlanks()
	switch c := s.peek(); {
	case isDigit(c):
		return timeToken{zoneToken, sign + s.while(func(c byte) bool { return isDigit(c) || strings.IndexByte(":.-", c) >= 0 })}, true
	case isLetter(c):
		return timeToken{wordToken, sign + s.while(isLetter)}, true
	}
	return timeToken{}, false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// isPunctuation reports whether a byte is ASCII that is seen, and is neither a
// letter nor a digit.
func isPunctuation(c byte) bool { return c > ' ' && c < 0x7f && !isDigit(c) && !isLetter(c) }
