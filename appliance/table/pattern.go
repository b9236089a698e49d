package table

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// The bounds on patterns. RE2's time grows with the length of the text times the
// size of the program, whatever the pattern. Of nine patterns written to be
// slow, the slowest took 60 ms with these bounds (2026-11).
const (
	MaxPattern = 256      // bytes of a pattern
	maxProgram = 512      // instructions, with every repetition written out
	MaxMatched = 16 << 10 // bytes of a text that a pattern sees
)

// instructionBytes is what a compiled pattern is charged for each instruction of
// size. An instruction has 40 bytes, and its characters follow it.
const instructionBytes = 96

// compileLike turns a LIKE pattern into a regular expression: % is any text, _
// any one character, and a backslash escapes what follows.
func compileLike(pattern string, ignoreCase bool, m terms) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`\A`)
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			b.WriteString(`.*`)
		case r == '_':
			b.WriteString(`.`)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if escaped {
		return nil, &Error{Code: CodeEscape, Message: "LIKE pattern must not end with escape character"}
	}
	b.WriteString(`\z`)
	return compile(pattern, b.String(), ignoreCase, m)
}

// compileRegexp compiles the operand of the operators ~ and ~*.
func compileRegexp(pattern string, ignoreCase bool, m terms) (*regexp.Regexp, error) {
	return compile(pattern, pattern, ignoreCase, m)
}

// compile makes a program of an expression, unless it would be too large or
// nobody pays for it. pattern is what the client sent.
func compile(pattern, expression string, ignoreCase bool, m terms) (*regexp.Regexp, error) {
	if len(pattern) > MaxPattern {
		return nil, TooMuch("a pattern is longer than %d bytes", MaxPattern)
	}
	flags := "(?s)"
	if ignoreCase {
		flags = "(?si)"
	}
	tree, err := syntax.Parse(flags+expression, syntax.Perl)
	if err != nil {
		return nil, &Error{Code: CodePattern, Message: fmt.Sprintf("invalid regular expression: %v", err)}
	}
	n := size(tree)
	if n > maxProgram {
		return nil, TooMuch("a pattern repeats too much")
	}
	if err := m.charge(instructionBytes * n); err != nil {
		return nil, err
	}
	return m.compile(flags + expression)
}

// size estimates the instructions of an expression once its repetitions are
// written out.
func size(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	if re.Op == syntax.OpCharClass {
		n = 1 + len(re.Rune)/16 // ranges are searched in one instruction
	}
	for _, sub := range re.Sub {
		n += size(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return min(n, maxProgram+1) // so that nested repetitions fit an int
}

// matches finds a pattern in a text.
func matches(re *regexp.Regexp, value any) bool {
	text, _ := value.(string)
	if len(text) > MaxMatched {
		text = text[:MaxMatched]
	}
	return re.MatchString(text)
}
