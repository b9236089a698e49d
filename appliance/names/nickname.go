package names

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Animals are the second words of generated nicknames. Their order is kept:
// Member.Animal counts in it.
var Animals = []string{
	"Otter", "Fox", "Owl", "Bear", "Heron", "Lynx", "Panda", "Koala", "Tiger", "Lion", "Zebra", "Whale",
	"Dolphin", "Seal", "Penguin", "Puffin", "Robin", "Finch", "Falcon", "Eagle", "Swan", "Crane", "Stork", "Parrot",
	"Gecko", "Turtle", "Newt", "Frog", "Badger", "Squid", "Hare", "Rabbit", "Squirrel", "Hedgehog", "Mole", "Deer",
	"Moose", "Bison", "Llama", "Camel", "Giraffe", "Okapi", "Lemur", "Meerkat", "Jaguar", "Puma", "Wolf", "Walrus",
}

// ErrName says that a name cannot be used; it may be wrapped.
var ErrName = errors.New("that name cannot be used")

// MaxNickname is the longest nickname, in letters as people count them.
const MaxNickname = 20

// Nickname cleans a nickname that a child has typed, or refuses it: too long,
// written to look like something else, meant to hurt, or passing for the
// teacher. The error wraps ErrName. No list is perfect: the teacher can
// remove whom it let in.
func Nickname(typed string) (string, error) {
	name, err := Clean(typed)
	if err == nil && PassesForStaff(name) {
		err = fmt.Errorf("%w: it passes for a grown-up", ErrName)
	}
	if err != nil {
		return "", err
	}
	return name, nil
}

// Clean is a Nickname that may pass for a grown-up.
func Clean(typed string) (string, error) {
	if len(typed) > maxNameBytes || !utf8.ValidString(typed) {
		return "", fmt.Errorf("%w: too long, or not text", ErrName)
	}
	name := bare(typed)
	if strings.ContainsFunc(name, invisible) {
		return "", fmt.Errorf("%w: it holds what cannot be seen", ErrName)
	}
	if err := writable(name); err != nil {
		return "", err
	}
	if rude(name) {
		return "", fmt.Errorf("%w: choose another", ErrName)
	}
	return name, nil
}

// maxNameBytes bounds what is looked at: 20 families of emoji are 500 bytes.
const maxNameBytes = 512

// normal is text with one way of writing each letter and single spaces
// between words.
func normal(text string) string {
	return strings.Join(strings.Fields(norm.NFKC.String(text)), " ")
}

// maxMarks is how many accents a letter may carry: Hindi and Thai write two on
// one; those of the alphabets in scriptOf have come together with their letter
// by then, and one more is enough. Towers are made to smear over other names.
func maxMarks(word scripts) int {
	if word != 0 {
		return 1
	}
	return 2
}

// punctuation is what a name may hold besides letters, digits and pictures.
const punctuation = " -'’.!?&_,"

// writable checks what a name is written with: letters of one alphabet a word,
// digits, pictures and a little punctuation; nothing invisible, no towers.
func writable(name string) error {
	var word scripts
	marks, visible := 0, false
	for _, r := range name {
		switch {
		case unicode.Is(unicode.M, r) && !isSelector(r):
			if marks++; marks > maxMarks(word) {
				return fmt.Errorf("%w: too many accents", ErrName)
			}
			continue
		case r == utf8.RuneError, strings.ContainsRune(pictures, r):
			return fmt.Errorf("%w: choose another", ErrName)
		case unicode.IsLetter(r):
			if word |= scriptOf(r); word.mixed() {
				return fmt.Errorf("%w: a word of two alphabets", ErrName)
			}
			visible = true
		case unicode.Is(unicode.Nd, r), unicode.Is(unicode.So, r):
			visible = true
		case strings.ContainsRune(punctuation, r):
			word = 0
		case !isJoiner(r) && !isSelector(r) && !isSkin(r):
			return fmt.Errorf("%w: %q has no place in it", ErrName, r)
		}
		marks = 0
	}
	if !visible {
		return fmt.Errorf("%w: empty", ErrName)
	}
	if n := graphemes(name); n > MaxNickname {
		return fmt.Errorf("%w: longer than %d letters", ErrName, MaxNickname)
	}
	return nil
}

// invisible reports signs that show nothing: Unicode's
// Default_Ignorable_Code_Points, as Hangul fillers and joiners of graphemes
// are, but for the two that make emoji; and blanks.
func invisible(r rune) bool {
	if isJoiner(r) || isSelector(r) {
		return false
	}
	return strings.ContainsRune(blanks, r) ||
		unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// blanks show nothing, though Unicode has them as signs: the empty pattern of
// Braille, the place of an object, the head of a note that is not there.
const blanks = "\u2800\ufffc\U0001d159"

// bare is normal text in which joiners and selectors stand only where they
// make an emoji. Elsewhere they choose a shape of a letter at most, and hide
// how long a name is.
func bare(text string) string {
	runes := []rune(normal(text))
	kept := runes[:0]
	for i, r := range runes {
		last, next := at(kept, len(kept)-1), at(runes, i+1)
		switch {
		case unicode.Is(unicode.Variation_Selector, r) && !(isSelector(r) && unicode.Is(unicode.So, last)),
			isJoiner(r) && !(unicode.Is(unicode.So, next) && (unicode.Is(unicode.So, last) || isSelector(last) || isSkin(last))):
			continue
		}
		kept = append(kept, r)
	}
	return normal(string(kept))
}

// at is the i-th rune, 0 if there is none.
func at(runes []rune, i int) rune {
	if i < 0 || i >= len(runes) {
		return 0
	}
	return runes[i]
}

// scripts is a set of the alphabets that are taken for each other.
type scripts uint8

func scriptOf(r rune) scripts {
	for i, table := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Cherokee, unicode.Armenian} {
		if unicode.Is(table, r) {
			return 1 << i
		}
	}
	return 0
}

func (s scripts) mixed() bool { return s&(s-1) != 0 }

// The parts of emoji that are not pictures themselves: U+200D joins two, U+FE0F
// asks for colour, U+1F3FB to U+1F3FF are skin tones (Unicode TS 51).
func isJoiner(r rune) bool   { return r == '\u200d' }
func isSelector(r rune) bool { return r == '\ufe0f' }
func isSkin(r rune) bool     { return r >= 0x1F3FB && r <= 0x1F3FF }
func isFlag(r rune) bool     { return r >= 0x1F1E6 && r <= 0x1F1FF }

// graphemes counts letters as people do, near enough to Unicode TR 29 for
// what writable lets through: accents and parts of emoji belong to what they
// follow, a flag is two letters of its country.
func graphemes(text string) int {
	n, joined, flag := 0, false, false
	for _, r := range text {
		switch {
		case isJoiner(r):
			joined = true
			continue
		case unicode.Is(unicode.M, r), isSkin(r):
			continue
		case isFlag(r) && flag:
			flag = false
			continue
		case joined:
			joined = false
			continue
		}
		flag = isFlag(r)
		n++
	}
	return n
}

// Label cleans a short text that a teacher gives; false if it is empty, longer
// than that many letters, or holds what cannot be seen.
func Label(typed string, letters int) (string, bool) {
	if len(typed) > 8*letters || !utf8.ValidString(typed) {
		return "", false
	}
	text := bare(typed)
	hidden := func(r rune) bool { return invisible(r) || !unicode.IsPrint(r) && !isJoiner(r) }
	n := graphemes(text)
	return text, n > 0 && n <= letters && !strings.ContainsFunc(text, hidden)
}
