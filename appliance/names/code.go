package names

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Bounds of the two halves of a code. [NewCode] makes words of 4 to 8 letters
// and 4 digits. A teacher's own code may have any word and number in these
// bounds.
const (
	minWord   = 2
	maxWord   = 16
	maxNumber = 8
)

// NewCode makes a join code such as MUSIC-2024: one of 2.4 million. A code only
// leads to the door, and wrong ones are slowed down, so it need not be secret.
// random may be nil for the library's generator.
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

// giggles reports whether a code holds a number that means something else to
// children.
func giggles(code string) bool {
	for _, number := range []string{"69", "420", "666", "1488"} {
		if strings.Contains(code, number) {
			return true
		}
	}
	return false
}

// TidyCode writes a code that a teacher chooses as rooms have it: in capitals,
// with one hyphen. It takes no letter for a digit. False means that the text is
// not a word and a number.
func TidyCode(typed string) (code string, ok bool) {
	s := readSigns(typed)
	p := s.split()
	if p == 0 || p != s.plainSplit() {
		return "", false
	}
	return s.code(p), true
}

// ParseCode reads a code as children type it: "music 2024", "MUSIC-2O24" and
// "Müsic–2o24" are MUSIC-2024. A code that a room may have is read as itself.
// False means that the text can be no code.
//
// If the hyphen is missing, and a digit looks like a letter, the text does not
// say where the word ends. ParseCode then changes as few signs as it can, and
// [FindCode] tries the other readings against the rooms that are open. The web
// app has the same function, and both are tested with testdata/codes.json.
func ParseCode(typed string) (code string, ok bool) {
	s := readSigns(typed)
	p := s.split()
	if p == 0 {
		return "", false
	}
	return s.code(p), true
}
