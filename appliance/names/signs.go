package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxTyped bounds the text of a code, in characters: 24 signs, a space after
// each, and accents.
const maxTyped = 96

// signs are the letters and digits of a typed code, in capitals and without
// accents.
type signs struct {
	signs string
	gaps  [maxWord + maxNumber + 1]bool // places in signs with a hyphen, a space or the like before
}

// readSigns takes a typed code apart. Text that can be no code has no signs.
func readSigns(typed string) (s signs) {
	if len(typed) > utf8.UTFMax*maxTyped || utf8.RuneCountInString(typed) > maxTyped {
		return signs{}
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(plain.Replace(typed)) {
		r = unicode.ToUpper(r)
		switch digit := digitOf(r); {
		case unicode.Is(unicode.M, r), unicode.Is(unicode.Cf, r): // accents, and what shows nothing
		case isGap(r):
			s.gaps[b.Len()] = true
		case b.Len() == maxWord+maxNumber:
			return signs{}
		case digit >= 0:
			b.WriteByte(byte('0' + digit))
		case r == '|':
			b.WriteByte('1')
		case 'A' <= r && r <= 'Z':
			b.WriteRune(r)
		default:
			return signs{}
		}
	}
	s.signs = b.String()
	return s
}

// plain undoes letters that NFKD leaves whole.
var plain = strings.NewReplacer("ß", "SS", "ẞ", "SS", "æ", "AE", "Æ", "AE", "œ", "OE", "Œ", "OE",
	"ø", "O", "Ø", "O", "ł", "L", "Ł", "L", "đ", "D", "Đ", "D", "ı", "I")

// isGap reports signs that children put between word and number: spaces,
// dashes, minus, low line and dots. A Japanese keyboard has its long vowel on
// the dash.
func isGap(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("_.·\u2212\u2043\u02d7\u30fc", r)
}

// digitOf returns the value of a Latin, Arabic, Persian or Devanagari digit,
// and -1 for anything else.
func digitOf(r rune) int {
	for _, zero := range []rune{'0', '\u0660', '\u06f0', '\u0966'} {
		if r >= zero && r <= zero+9 {
			return int(r - zero)
		}
	}
	return -1
}

// Letters and digits that look alike. A 1 in a word is read as I; [FindCode]
// tries L as well.
const (
	letterDigits, digitsOfLetters = "OILZSGB", "0112568"
	digitLetters, lettersOfDigits = "012345678", "OIZEASGTB"
)

// asDigit returns the digit that a sign is or looks like, and 0 if none.
func asDigit(sign byte) byte {
	if isDigit(sign) {
		return sign
	}
	return swap(sign, letterDigits, digitsOfLetters)
}

// asLetter returns the letter that a sign is or looks like, and 0 if none.
func asLetter(sign byte) byte {
	if !isDigit(sign) {
		return sign
	}
	return swap(sign, digitLetters, lettersOfDigits)
}

func swap(sign byte, from, to string) byte {
	if i := strings.IndexByte(from, sign); i >= 0 {
		return to[i]
	}
	return 0
}

func isDigit(sign byte) bool { return '0' <= sign && sign <= '9' }

// plainSplit returns where the digits begin if the signs are letters and then
// digits, and otherwise 0.
func (s signs) plainSplit() int {
	word := strings.TrimRight(s.signs, "0123456789")
	if len(word) == len(s.signs) || strings.ContainsAny(word, "0123456789") {
		return 0
	}
	return len(word)
}

// leastAfterGap is how many digits at least follow a gap that ends the word. With
// fewer the gap is inside the number, which has four digits in most codes.
const leastAfterGap = 3

// split returns where the word ends and the number begins, and 0 if the signs
// are no code. Letters and then digits are split there, unless a gap says
// otherwise: TRI0-1234 is TRIO-1234, but MUSIC20 24 is MUSIC-2024. A single gap decides if both halves can be read. Otherwise the
// split that changes the fewest signs wins.
func (s signs) split() int {
	gap, gaps := s.gap()
	inNumber := gaps == 1 && len(s.signs)-gap < leastAfterGap
	if p := s.plainSplit(); p > 0 && (gaps == 0 || s.gaps[p] || inNumber && gap > p) {
		if !s.fits(p) {
			return 0
		}
		return p
	}
	if _, ok := s.cost(gap); ok && gaps == 1 {
		return gap
	}
	best, least := 0, 0
	for p := minWord; p <= maxWord; p++ {
		cost, ok := s.cost(p)
		if ok && (best == 0 || cost < least || cost == least && s.gaps[p] && !s.gaps[best]) {
			best, least = p, cost
		}
	}
	return best
}

// gap returns the last gap between two signs, and the number of gaps.
func (s signs) gap() (last, n int) {
	for p := 1; p < len(s.signs); p++ {
		if s.gaps[p] {
			last = p
			n++
		}
	}
	return last, n
}

// fits reports whether a split at p leaves a word and a number in bounds.
func (s signs) fits(p int) bool {
	return p >= minWord && p <= maxWord && p < len(s.signs) && len(s.signs)-p <= maxNumber
}

// cost counts the changes if the word ends at p: one for each sign that is
// read as another, and one if there are gaps but none at p. Each half needs
// signs of its own kind, or SOLO would be a code, and so would 2024.
func (s signs) cost(p int) (cost int, ok bool) {
	if !s.fits(p) {
		return 0, false
	}
	letters, digits := 0, 0
	for i := range len(s.signs) {
		sign, isWord := s.signs[i], i < p
		if isWord && asLetter(sign) == 0 || !isWord && asDigit(sign) == 0 {
			return 0, false
		}
		switch {
		case isWord == isDigit(sign):
			cost++
		case isWord:
			letters++
		default:
			digits++
		}
	}
	if _, gaps := s.gap(); gaps > 0 && !s.gaps[p] {
		cost++
	}
	return cost, letters >= minWord && digits >= 1
}

// code writes the signs as a code whose word ends at p.
func (s signs) code(p int) string {
	raw := []byte(s.signs[:p] + "-" + s.signs[p:])
	for i := range raw {
		switch {
		case i < p:
			raw[i] = asLetter(raw[i])
		case i > p:
			raw[i] = asDigit(raw[i])
		}
	}
	return string(raw)
}
