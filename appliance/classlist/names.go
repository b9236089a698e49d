package classlist

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"downbeat.local/appliance/names"
)

// Tidy returns a name as it is kept: composed, with single spaces, without what
// nobody sees. It reports false for a text that is no name.
func Tidy(typed string) (name string, ok bool) {
	seen := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff', r == '\u200b', r == '\u00ad':
			return -1
		}
		return r
	}, typed)
	return names.Label(norm.NFC.String(strings.Join(strings.Fields(seen), " ")), MaxName)
}

// Key is the same for two names that differ in case, in spaces, or in how accents
// are composed. "José" and "Jose" are two names.
func Key(name string) string {
	folded := cases.Fold().String(norm.NFKC.String(name))
	return strings.Join(strings.Fields(norm.NFKC.String(folded)), " ")
}
