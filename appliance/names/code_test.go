package names

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestWordsAreManyAndShort(t *testing.T) {
	if len(words) < 200 {
		t.Errorf("%d words, want 200", len(words))
	}
	shape := regexp.MustCompile(`^[A-Z]{4,8}$`)
	for _, w := range words {
		if !shape.MatchString(w) || rude(w) || PassesForStaff(w) {
			t.Errorf("%s is no word for a code", w)
		}
	}
}

func TestNoTwoWordsSoundAlike(t *testing.T) {
	seen := map[string]string{}
	for _, w := range words {
		key := soundKey(w)
		if other := seen[key]; other != "" {
			t.Errorf("%s and %s sound alike (%s)", w, other, key)
		}
		seen[key] = w
	}
}

// soundKey is what is left of a word across a noisy room: its consonants, of
// which b and p, d and t, g and k, v and f, z and s, m and n are the same, and
// where there are vowels.
func soundKey(word string) string {
	word = strings.NewReplacer(
		"ph", "f", "ck", "k", "gh", "", "wh", "w", "sch", "sk", "tch", "C", "ch", "C", "sh", "S", "th", "0", "dge", "j",
		"q", "k", "x", "ks", "ce", "se", "ci", "si", "cy", "sy", "c", "k", "ge", "je", "gi", "ji", "gy", "jy",
	).Replace(strings.ToLower(word))
	word = strings.NewReplacer("b", "p", "d", "t", "g", "k", "v", "f", "z", "s", "j", "C", "m", "n").Replace(word)
	word = word[:1] + regexp.MustCompile(`[aeiouyw]+`).ReplaceAllString(word[1:], "a")
	var b strings.Builder
	for _, r := range runsOf(word) {
		b.WriteRune(r.letter)
	}
	return b.String()
}

func TestNewCode(t *testing.T) {
	shape := regexp.MustCompile(`^[A-Z]{4,8}-[1-9][0-9]{3}$`)
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		code := NewCode(random)
		if parsed, ok := ParseCode(code); !shape.MatchString(code) || giggles(code) || !ok || parsed != code {
			t.Fatalf("made the code %q", code)
		}
	}
	if first, second := NewCode(nil), NewCode(nil); first == second {
		t.Errorf("made the code %q twice", first)
	}
}

func TestParseCode(t *testing.T) {
	for typed, want := range map[string]string{
		"MUSIC-2024":                   "MUSIC-2024",
		"music-2024":                   "MUSIC-2024",
		"music2024":                    "MUSIC-2024",
		"  Music   2024 ":              "MUSIC-2024",
		"m u s i c 2 0 2 4":            "MUSIC-2024",
		"music–2024":                   "MUSIC-2024", // a dash that phones write
		"music_2024.":                  "MUSIC-2024",
		"ｍｕｓｉｃ２０２４":                    "MUSIC-2024", // full-width
		"music-2O2I":                   "MUSIC-2021",
		"TUBA-1":                       "TUBA-1",
		"MUSIC":                        "",
		"2024":                         "",
		"2024-MUSIC":                   "",
		"":                             "",
		"A-1":                          "",
		"MUSIC-2024x":                  "",
		"MÜSIC-2024":                   "",
		"music/2024":                   "",
		"ABCDEFGHIJKLMNOPQ-1":          "",
		"MUSIC-123456789":              "",
		strings.Repeat(" ", 1_000_000): "",
	} {
		if got, ok := ParseCode(typed); got != want || ok != (want != "") {
			t.Errorf("ParseCode(%.40q) = %q, %v; want %q", typed, got, ok, want)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("music 2024")
	f.Add("MUSIC–2O2l")
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := ParseCode(typed)
		if !ok {
			return
		}
		if again, ok := ParseCode(code); !ok || again != code {
			t.Errorf("ParseCode(%q) = %q, and of that %q, %v", typed, code, again, ok)
		}
	})
}
