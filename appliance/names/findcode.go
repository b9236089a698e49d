package names

import (
	"iter"
	"regexp"
	"slices"
	"strings"
)

// FindCode returns the code of the one open room that a typed code means.
//
// The room of the code that [ParseCode] reads comes first. If there is none, two
// kinds of slip are forgiven, both only for a room of the same number: signs that
// look like the room's ("SOLO I234"), and a word that sounds like the room's
// ("musik 2024" for MUSIC-2024). Sound counts only for the words of [NewCode],
// because words that teachers choose may sound alike: TOY-1 is not DAY-1.
// FindCode never guesses between two rooms.
//
// Forgiving does not help a guesser. No two words of NewCode sound alike (which a
// test holds), so that a text still means at most one code of NewCode. A text
// that means two rooms gets the answer of one that means none.
func FindCode(typed string, open iter.Seq[string]) (code string, ok bool) {
	exact, _ := ParseCode(typed)
	s, meant := readSigns(typed), 0
	for room := range open {
		if room == exact {
			return room, true
		}
		looks := s.lookLike(room)
		if !looks && !s.soundLike(room) {
			continue
		}
		meant++
		if looks || slices.Contains(words, wordOf(room)) {
			code = room
		}
	}
	if meant != 1 || code == "" {
		return "", false
	}
	return code, true
}

// lookLike reports whether the signs can be read as a room's code. A 1 in the
// word may be an I or an L.
func (s signs) lookLike(room string) bool {
	p, code := s.readFor(room)
	return code == room || code != "" && sameLetters(s.signs[:p], wordOf(room))
}

// soundLike reports whether the signs can be read as a room's number after a
// word that sounds like the room's. A word with a 1 would be two words by sound,
// and is none.
func (s signs) soundLike(room string) bool {
	p, code := s.readFor(room)
	return code != "" && !strings.Contains(s.signs[:p], "1") && soundOf(code[:p]) == soundOf(wordOf(room))
}

// readFor reads the signs as a code with a room's number. p is where the word
// ends; code is empty if the signs have another number, or are no code.
func (s signs) readFor(room string) (p int, code string) {
	_, number, _ := strings.Cut(room, "-")
	p = len(s.signs) - len(number)
	if _, ok := s.cost(p); !ok {
		return 0, ""
	}
	if code = s.code(p); code[p+1:] != number {
		return 0, ""
	}
	return p, code
}

// wordOf returns the word of a room's code.
func wordOf(room string) string {
	word, _, _ := strings.Cut(room, "-")
	return word
}

// sameLetters reports whether signs are the letters of a word.
func sameLetters(signs, word string) bool {
	if len(signs) != len(word) {
		return false
	}
	for i := range len(signs) {
		if asLetter(signs[i]) != word[i] && !(signs[i] == '1' && word[i] == 'L') {
			return false
		}
	}
	return true
}

// soundOf reduces a word to what is heard across a noisy room: its consonants
// and the places of its vowels. It takes b and p, d and t, g and k, v and f, z
// and s, m and n as the same.
func soundOf(word string) string {
	word = spellings.Replace(strings.ToLower(word))
	word = alike.Replace(word)
	if word == "" {
		return ""
	}
	word = word[:1] + vowels.ReplaceAllString(word[1:], "a")
	var b strings.Builder
	for _, r := range runsOf(word) {
		b.WriteRune(r.letter)
	}
	return b.String()
}

var (
	spellings = strings.NewReplacer(
		"ph", "f", "ck", "k", "gh", "", "wh", "w", "sch", "sk", "tch", "C", "ch", "C", "sh", "S", "th", "0", "dge", "j",
		"q", "k", "x", "ks", "ce", "se", "ci", "si", "cy", "sy", "c", "k", "ge", "je", "gi", "ji", "gy", "jy",
	)
	alike  = strings.NewReplacer("b", "p", "d", "t", "g", "k", "v", "f", "z", "s", "j", "C", "m", "n")
	vowels = regexp.MustCompile(`[aeiouyw]+`)
)
