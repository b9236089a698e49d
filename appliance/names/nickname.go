package names

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Animals are the second words of generated nicknames. Their order must not
// change: members keep an index into it.
var Animals = []string{
	"Otter", "Fox", "Owl", "Bear", "Heron", "Lynx", "Panda", "Koala", "Tiger", "Lion", "Zebra", "Whale",
	"Dolphin", "Seal", "Penguin", "Puffin", "Robin", "Finch", "Falcon", "Eagle", "Swan", "Crane", "Stork", "Parrot",
	"Gecko", "Turtle", "Newt", "Frog", "Badger", "Squid", "Hare", "Rabbit", "Squirrel", "Hedgehog", "Mole", "Deer",
	"Moose", "Bison", "Llama", "Camel", "Giraffe", "Okapi", "Lemur", "Meerkat", "Jaguar", "Puma", "Wolf", "Walrus",
}

// ErrName is a refused name. Each refusal wraps it with its reason.
var ErrName = errors.New("that name cannot be used")

// MaxNickname is the longest nickname, in letters as people count them.
const MaxNickname = 20

// Nickname cleans a nickname that a child has typed. It refuses one that is
// too long, written to look like something else, meant to hurt, or passing for
// the teacher. The error wraps ErrName. No list is perfect: the teacher can
// remove a member whose name got through.
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

// Clean does what [Nickname] does, and accepts names that pass for a grown-up.
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

// maxNameBytes bounds the text that is read: 20 family emoji take 500 bytes.
const maxNameBytes = 512

// normal writes each letter in one way and puts single spaces between words.
func normal(text string) string {
	return strings.Join(strings.Fields(norm.NFKC.String(text)), " ")
}

// maxMarks is how many accents a letter may carry. Hindi and Thai write two on
// one. In the alphabets of scriptOf, NFKC has already joined an accent to its
// letter, and one more is enough. Towers of accents smear over other names.
func maxMarks(word scripts) int {
	if word != 0 {
		return 1
	}
	return 2
}

// punctuation is allowed beside letters, digits and pictures.
const punctuation = " -'’.!?&_,"

// writable checks the signs of a name. It allows letters of one alphabet a
// word, digits, pictures and some punctuation. It refuses invisible signs and
// towers of accents.
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

// invisible reports signs that show nothing: blanks, and the
// Default_Ignorable_Code_Points of Unicode such as Hangul fillers. The two
// that make emoji are excepted.
func invisible(r rune) bool {
	if isJoiner(r) || isSelector(r) {
		return false
	}
	return strings.ContainsRune(blanks, r) ||
		unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// blanks show nothing, though Unicode counts them as signs: the empty Braille
// pattern, the object placeholder and the null notehead.
const blanks = "\u2800\ufffc\U0001d159"

// bare writes normal text and keeps joiners and selectors only where they make
// an emoji. Elsewhere they change a letter's shape at most, and hide how long
// a name is.
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

// at returns the i-th rune, or 0 if there is none.
func at(runes []rune, i int) rune {
	if i < 0 || i >= len(runes) {
		return 0
	}
	return runes[i]
}

// scripts is a set of alphabets whose letters look alike.
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

// The parts of emoji that are no pictures themselves (Unicode TS 51): U+200D
// joins two, U+FE0F asks for colour, U+1F3FB to U+1F3FF are skin tones.
func isJoiner(r rune) bool   { return r == '\u200d' }
func isSelector(r rune) bool { return r == '\ufe0f' }
func isSkin(r rune) bool     { return r >= 0x1F3FB && r <= 0x1F3FF }
func isFlag(r rune) bool     { return r >= 0x1F1E6 && r <= 0x1F1FF }

// graphemes counts letters as people do. It follows Unicode TR 29 closely
// enough for what writable accepts: accents and parts of emoji belong to the
// sign before, and a flag is two letters.
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

// Label cleans a short text that a teacher gives. It returns false if the text
// is empty, longer than that many letters, or holds invisible signs.
func Label(typed string, letters int) (string, bool) {
	if len(typed) > 8*letters || !utf8.ValidString(typed) {
		return "", false
	}
	text := bare(typed)
	hidden := func(r rune) bool { return invisible(r) || !unicode.IsPrint(r) && !isJoiner(r) }
	n := graphemes(text)
	return text, n > 0 && n <= letters && !strings.ContainsFunc(text, hidden)
}
