package web

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxCode bounds a room's code, in letters and digits.
const maxCode = 24

// NormalCode turns a join code as children type it into the one a room has:
// "music 2024", "music2024" and "Music–2024" are MUSIC-2024. It returns the
// empty string for what can be no code.
func NormalCode(typed string) string {
	if len(typed) > 4*maxCode {
		return ""
	}
	var kept strings.Builder
	for _, r := range strings.ToUpper(norm.NFKC.String(typed)) {
		switch {
		case 'A' <= r && r <= 'Z' || '0' <= r && r <= '9':
			kept.WriteRune(r)
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("_.\u2212\u200b\ufeff", r):
		default:
			return ""
		}
	}
	code := kept.String()
	if len(code) > maxCode {
		return ""
	}
	word := strings.TrimRight(code, "0123456789")
	if word == "" || word == code {
		return code
	}
	return word + "-" + code[len(word):]
}
