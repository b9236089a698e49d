package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The filter reads a name in several ways, because children write letters as
// digits and as letters of other alphabets. It looks for words in each
// reading. It compares runs of letters, so that "fooool" holds "fool". It
// looks through spaces, so that "f o o l" is a word again.

// run is a letter and how often it is repeated.
type run struct {
	letter rune
	times  int
}

type runs []run

func runsOf(word string) runs {
	var all runs
	for _, r := range word {
		if n := len(all); n > 0 && all[n-1].letter == r {
			all[n-1].times++
		} else {
			all = append(all, run{r, 1})
		}
	}
	return all
}

// starts reports whether the runs begin with a word. Each letter must be
// repeated as often as in the word, or more.
func (t runs) starts(word runs) bool {
	if len(t) < len(word) {
		return false
	}
	for i, w := range word {
		if t[i].letter != w.letter || t[i].times < w.times {
			return false
		}
	}
	return true
}

// is reports whether the runs are a word.
func (t runs) is(word runs) bool { return len(t) == len(word) && t.starts(word) }

// holds reports whether the runs hold a word anywhere.
func (t runs) holds(word runs) bool {
	for i := range t {
		if t[i:].starts(word) {
			return true
		}
	}
	return false
}

// wordlist is a list of words as runs.
type wordlist []runs

func wordsOf(list string) wordlist {
	var all wordlist
	for _, w := range strings.Fields(list) {
		all = append(all, runsOf(w))
	}
	return all
}

func (l wordlist) any(match func(word runs) bool) bool { return slices.ContainsFunc(l, match) }

var (
	rudeInside      = wordsOf(rot13(rudeAnywhere))
	rudeWhole       = wordsOf(rot13(rudeAlone))
	importantInside = wordsOf(importantAnywhere)
	importantWhole  = wordsOf(importantAlone)
	titleWords      = wordsOf(titles)
	harmlessWords   = strings.Fields(harmless)
)

// rude reports whether a name holds a word that is meant to hurt, in any
// spelling or spacing.
func rude(name string) bool {
	return looksRude(name) || slices.ContainsFunc(readings(name), func(words []string) bool {
		return found(words, rudeInside, rudeWhole)
	})
}

// looksRude reports whether a name looks like a rude one: it may have an l, a 1 or a
// stroke where the word has an i, and a v where it has a u. Repeated letters count as
// they are: a tilt is no harm.
func looksRude(name string) bool {
	words := strings.FieldsFunc(fold(name), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) && r != '!' })
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(harmlessWords, w) })
	for i, w := range words {
		words[i] = strings.Map(onlyLetters, strokes.Replace(w))
	}
	joined := strings.Join(words, "")
	return slices.ContainsFunc(rudeLooks, func(w string) bool { return strings.Contains(joined, w) }) ||
		slices.ContainsFunc(slices.Concat(words, spelled(words)), func(w string) bool { return slices.Contains(rudeLooksWhole, w) })
}

// strokes writes letters that look alike as one.
var strokes = strings.NewReplacer(
	"l", "i", "1", "i", "!", "i", "|", "i", "v", "u",
	"0", "o", "3", "e", "4", "a", "5", "s", "6", "g", "7", "t", "8", "b", "9", "g",
)

var (
	rudeLooks      = strings.Fields(strokes.Replace(rot13(rudeAnywhere)))
	rudeLooksWhole = strings.Fields(strokes.Replace(rot13(rudeAlone)))
)

func onlyLetters(r rune) rune {
	if unicode.IsLetter(r) {
		return r
	}
	return -1
}

// PassesForStaff reports whether a name passes for a grown-up or for the box.
func PassesForStaff(name string) bool {
	return slices.ContainsFunc(readings(apart(name)), func(words []string) bool {
		return len(words) > 0 && titled(words[0]) || found(words, importantInside, importantWhole)
	})
}

// titled reports whether a word is a title or begins with one. No word of
// English or Spanish begins with "mr".
func titled(word string) bool {
	return titleWords.any(runsOf(word).is) || strings.HasPrefix(word, "mr") && len(word) > 2
}

// apart puts a space before a capital inside a word: MrSmith becomes Mr Smith.
func apart(name string) string {
	var b strings.Builder
	last := ' '
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// found reports whether the words hold one of inside, also across spaces, or
// are one of whole, also spelled letter by letter.
func found(words []string, inside, whole wordlist) bool {
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(harmlessWords, w) })
	if inside.any(runsOf(strings.Join(words, "")).holds) {
		return true
	}
	for _, w := range slices.Concat(words, spelled(words)) {
		if whole.any(runsOf(w).is) {
			return true
		}
	}
	return false
}

// spelled joins words that are written letter by letter, or in pieces of at
// most two letters.
func spelled(words []string) []string {
	var all []string
	var b strings.Builder
	for _, w := range append(words[:len(words):len(words)], "   ") {
		if utf8.RuneCountInString(w) <= 2 {
			b.WriteString(w)
			continue
		}
		all = append(all, b.String())
		b.Reset()
	}
	return all
}

// readings returns the words of a name in every known reading: digits as the
// letters they resemble, with 1 as i and as l; digits left out; ñ as n and as
// itself.
func readings(name string) [][]string {
	folded := fold(name)
	all := make([][]string, 0, len(digitReadings))
	for _, digits := range digitReadings {
		all = append(all, strings.FieldsFunc(digits.Replace(folded), func(r rune) bool { return !unicode.IsLetter(r) }))
	}
	all[0] = strings.FieldsFunc(strings.ReplaceAll(strings.Join(all[0], " "), "ñ", "n"), unicode.IsSpace)
	return all
}

var digitReadings = []*strings.Replacer{
	strings.NewReplacer("0", "o", "1", "i", "!", "i", "3", "e", "4", "a", "5", "s", "6", "g", "7", "t", "8", "b", "9", "g"),
	strings.NewReplacer("0", "o", "1", "l", "!", "l", "3", "e", "4", "a", "5", "s", "6", "b", "7", "t", "8", "b", "9", "g", "ñ", "n"),
	strings.NewReplacer("0", "", "1", "", "2", "", "3", "", "4", "", "5", "", "6", "", "7", "", "8", "", "9", ""),
}

// fold writes a name in small plain letters. Accents go, except that of ñ, and
// letters of other alphabets become the Latin letters that they look like.
func fold(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFC.String(name)) {
		if r == 'ñ' {
			b.WriteRune(r)
			continue
		}
		for _, part := range norm.NFKD.String(string(r)) {
			if !unicode.Is(unicode.M, part) && !isJoiner(part) {
				b.WriteString(lookalike(part))
			}
		}
	}
	return b.String()
}

// lookalike returns the plain letters that a letter looks like. It covers the
// part of Unicode TR 39 that can be typed on a keyboard or found in a list of
// fonts.
func lookalike(r rune) string {
	switch {
	case isFlag(r):
		return string('a' + r - 0x1F1E6)
	case r >= 0x1F150 && r <= 0x1F169:
		return string('a' + r - 0x1F150) // white on a black circle
	case r >= 0x1F170 && r <= 0x1F189:
		return string('a' + r - 0x1F170) // white on a black square
	}
	if i := strings.IndexRune(lookalikeFrom, r); i >= 0 {
		return string(lookalikeTo[utf8.RuneCountInString(lookalikeFrom[:i])])
	}
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	}
	return string(r)
}

// The letters by pairs: small capitals, Latin with strokes, Cyrillic, Greek,
// Cherokee, and one of Old Italic.
const (
	lookalikeFrom = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ" + "ıøłđħŧƒɑɕɡðʃɩʋɗɓɠɦƙʂɛʌɔʞɟǝɐɯ" +
		"авеѕіјкмнорстухһԁԛԝгпиьёз" + "αβεηικνορτυχωσμγςλ" + "ꭺꮃꭼꮪꮯꮋꮮꮲꮶꭰ" + "\U00010315"
	lookalikeTo = "abcdefghijklmnoprstuvwyz" + "ioldhtfacgdsiudbghkseackfeam" +
		"abesijkmhopctyxhdqwrnubez" + "abeniknoptuxwouysa" + "aweschlpkd" + "t"
)

// Key is the same for two names that readers take for each other.
func Key(name string) string {
	key := strings.Map(func(r rune) rune {
		switch {
		case r == 'i' || r == '1' || r == '!':
			return 'l'
		case r == '0':
			return 'o'
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.So, r):
			return r
		}
		return -1
	}, fold(name))
	return key
}
