package names

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Bounds of the two halves of a code. [NewCode] makes words of 4 to 8 letters
// and 4 digits; a teacher's own code may be any that still looks like one.
const (
	minWord   = 2
	maxWord   = 16
	maxNumber = 8
)

// NewCode makes a join code, such as MUSIC-2024: one of 2.4 million. A code
// only leads to the door and wrong ones are slowed down, so it need not be
// secret; random may be nil for the library's generator.
func NewCode(random *rand.Rand) string {
	intN := rand.IntN
	if random != nil {
		intN = random.IntN
	}
	for {
		code := fmt.Sprintf("%s-%d", words[intN(len(words))], 1000+intN(9000))
		if !giggles(code) {
			return code
		}
	}
}

// giggles reports whether a code holds a number that stands for something
// else in a school yard.
func giggles(code string) bool {
	for _, number := range []string{"69", "420", "666", "1488"} {
		if strings.Contains(code, number) {
			return true
		}
	}
	return false
}

// ParseCode reads a code as children type it: "music 2024", "music2024" and
// "Music–2O24" are MUSIC-2024. It reports false for what can be no code.
func ParseCode(typed string) (code string, ok bool) {
	if len(typed) > 8*(maxWord+maxNumber) {
		return "", false
	}
	var word, number strings.Builder
	for _, r := range strings.ToUpper(norm.NFKC.String(typed)) {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), strings.ContainsRune("_.\u2212\u200b\ufeff", r):
		case '0' <= r && r <= '9':
			number.WriteRune(r)
		case r < 'A' || r > 'Z':
			return "", false
		case number.Len() == 0:
			word.WriteRune(r)
		case r == 'O':
			number.WriteByte('0')
		case r == 'I' || r == 'L':
			number.WriteByte('1')
		default:
			return "", false
		}
	}
	if word.Len() < minWord || word.Len() > maxWord || number.Len() < 1 || number.Len() > maxNumber {
		return "", false
	}
	return word.String() + "-" + number.String(), true
}
