package names

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNicknames(t *testing.T) {
	for typed, want := range map[string]string{
		"Zoë":                        "Zoë",
		"  Blue   Otter ":            "Blue Otter",
		"Ｊｏ":                         "Jo", // full-width
		"𝓐𝓵𝓮𝔁":                       "Alex",
		"Müller-Lüdenscheidt":        "Müller-Lüdenscheidt",
		"Nguyễn Thị Ánh":             "Nguyễn Thị Ánh",
		"O'Neill 2":                  "O'Neill 2",
		"Дима":                       "Дима",
		"DJ Дима":                    "DJ Дима",
		"मीरा में":                   "मीरा में",
		"小明":                         "小明",
		"🎵 Ana":                      "🎵 Ana",
		"👩🏽‍🚀":                       "👩🏽‍🚀",
		strings.Repeat("👩‍🚀", 20):    strings.Repeat("👩‍🚀", 20),
		strings.Repeat("x", 20):      strings.Repeat("x", 20),
		"":                           "",
		" - ":                        "",
		strings.Repeat("x", 21):      "",
		strings.Repeat("👩‍🚀", 21):    "",
		strings.Repeat("x ", 10_000): "",
		"a\u0301\u0301\u0301":        "", // a tower
		"a\u200bb":                   "", // invisible
		"a\u202eb":                   "",
		"\u3164":                     "", // letters that show nothing
		"❤\ufe0f\u200d🔥":             "❤\ufe0f\u200d🔥",
		"A\u200dn\ufe0fa\u200d":      "Ana", // what makes emoji, and none there
		"e\u200d\u0301":              "é",
		"葛\U000e0100城":               "葛城", // a shape of a letter
		"a\nb\x00":                   "",
		"\xc3":                       "",
		"\ufffd":                     "",
		"<b>":                        "",
		"Pаul":                       "", // a Cyrillic а
	} {
		got, err := Nickname(typed)
		if (err == nil) != (want != "") || got != want || err != nil && !errors.Is(err, ErrName) {
			t.Errorf("Nickname(%.60q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}

// TestNothingHidesInAName writes invisible signs into names that are refused
// without them.
func TestNothingHidesInAName(t *testing.T) {
	unseen := []string{"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\ufffc", "\U0001d159"}
	for r := range rune(0xE1000) { // past the last of them
		if unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) || unicode.Is(unicode.Cf, r) {
			unseen = append(unseen, string(r))
		}
	}
	for _, hidden := range unseen {
		for _, name := range []string{"Teach" + hidden + "er", rot13("sh") + hidden + rot13("px"), hidden} {
			if got, err := Nickname(name); !errors.Is(err, ErrName) {
				t.Errorf("Nickname(%+q) = %+q, %v", name, got, err)
			}
		}
		if got, err := Nickname("Zo" + hidden + "e"); err == nil && got != "Zoe" {
			t.Errorf("%+q hides in %+q", hidden, got)
		}
		if got, ok := Label("Mu"+hidden+"sic", MaxNickname); ok && got != "Music" {
			t.Errorf("%+q hides in the label %+q", hidden, got)
		}
	}
	if got, err := Nickname(strings.Repeat("x\u200d", 100)); err == nil {
		t.Errorf("a hundred letters count as few: %+q", got)
	}
}

// The words here are in rot13, as in the list under test.
func TestRudeHoweverItIsWritten(t *testing.T) {
	word := rot13("shpx")
	for name, typed := range map[string]string{
		"plain":              word,
		"capitals":           strings.ToUpper(word),
		"inside":             "xx" + word + "yy",
		"spaced":             strings.Join(strings.Split(word, ""), " "),
		"dotted":             strings.Join(strings.Split(word, ""), "."),
		"two halves":         word[:2] + " " + word[2:],
		"drawn out":          rot13("ssshhhppx"),
		"accents":            rot13("s") + "ü" + rot13("px"),
		"full-width":         "ｆ" + word[1:],
		"small capitals":     rot13("s") + "ᴜ" + rot13("px"),
		"Cyrillic":           rot13("sh") + "ск",
		"curly c":            rot13("sh") + "ɕ" + rot13("x"),
		"squares":            "🅵🆄🅲🅺",
		"flags":              "🇫🇺🇨🇰",
		"digit for a letter": rot13("f") + "h1" + rot13("g"),
		"digits behind":      rot13("qvpx") + "99",
		"alone":              rot13("nff"),
		"alone, spelled":     rot13("n f f"),
		"alone, in a row":    "big " + rot13("nff") + " otter",
		"alone, with 5":      rot13("n") + "55",
		"Spanish":            rot13("zvreqn"),
		"Spanish, alone":     rot13("chgb"),
		"Spanish ñ":          rot13("pb") + "ño",
		"German":             rot13("fpurvffr"),
		"finger":             "🖕",
		"l for i":            rot13("q") + "l" + rot13("px"),
		"l for i, inside":    "xx" + rot13("fu") + "l" + rot13("g") + "yy",
		"I for l":            rot13("f") + "I" + rot13("hg"),
		"1 for i and l":      rot13("q") + "11" + rot13("qb"),
		"i and l crossed":    rot13("q") + "li" + rot13("qb"),
		"a stroke":           rot13("q") + "|" + rot13("px"),
		"v for u":            rot13("s") + "v" + rot13("px"),
		"palochka":           rot13("q") + "ӏ" + rot13("px"),
		"mathematical":       "𝓯𝓾𝓬𝓴",
		"in circles":         "ⓕⓤⓒⓚ",
		"Armenian":           rot13("s") + "ս" + rot13("px"),
		"hooked":             "ɗ" + rot13("vpx"),
		"zero width":         rot13("sh") + "\u200b" + rot13("px"),
		"a wide blank":       rot13("sh") + "\u3000" + rot13("px"),
		"a Braille blank":    rot13("sh") + "\u2800" + rot13("px"),
		"a filler":           rot13("sh") + "\u3164" + rot13("px"),
		"low lines":          strings.Join(strings.Split(word, ""), "_"),
		"Polish":             rot13("xhejn"),
		"Polish, inside":     "xx" + rot13("cvreqby") + "yy",
		"Italian, alone":     rot13("pnmmb"),
		"Turkish":            rot13("bebfch"),
		"Portuguese":         rot13("pnenyub"),
		"Russian":            "пизда",
		"Russian, alone":     "сука",
		"Chinese":            "傻逼",
	} {
		if got, err := Nickname(typed); err == nil {
			t.Errorf("%s: let %s in", name, rot13(got))
		}
	}
}

// Real names that filters elsewhere have refused, and words that hold a rude
// word.
func TestHarmlessNames(t *testing.T) {
	for _, name := range []string{
		"Scunthorpe", "Cassandra", "Class Clown", "Dickens", "Bassist", "Grape", "Peacock", "Hancock", "Therapist",
		"Analog", "Basement", "Saltwater", "Sussex", "Essex", "Cockatoo", "Titan", "Nazir", "Nigel", "Niger", "Raccoon",
		"Assassin", "Glass", "Shiitake", "Badminton", "Cono", "Vergara", "Puma", "Computer", "Mississippi", "Missy",
		"Drake", "Moderato", "Modest", "Kat17", "Max1", "Tim55", "Ass1st", "Otter 420", "Pia", "Sam", "Smr", "Lil' Bo",
		"Anita", "Rootbeer", "Ñandú", "I I", "To To",
		"Tilt", "Tilly", "Lili", "Anaí", "Ana L", "Anu S", "Anil", "Shilling", "Blitz", "Clive", "Vivi", "Silvia", "Dilly", "Phil",
		"Bill 11", "Will1", "Olive", "Slvr", "Penelope", "Titus", "Dickson", "Hancock", "Sukamo", "Фёдор", "Юлия", "Сукачёв", "مريم", "小明",
	} {
		if _, err := Nickname(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImportantNames(t *testing.T) {
	for _, name := range []string{
		"Teacher", "TEACHER", "the teacher", "Te4cher", "t e a c h e r", "teacher2", "Teаcher", "ᴛᴇᴀᴄʜᴇʀ", "\U00010315eacher", "My Teacher",
		"Admin", "4dm1n", "a d m i n", "Moderator", "System", "Stage", "Downbeat", "Profe", "Maestra", "La Profesora",
		"Mr Brown", "mr. brown", "MrBrown", "mrbrown", "Mrs B", "Ms B", "Miss Honey", "M1ss Honey", "Miss", "Sir", "Dr Dre",
		"Señora López", "Sra. López", "Herr Müller", "Madame",
	} {
		if got, err := Nickname(name); !errors.Is(err, ErrName) {
			t.Errorf("Nickname(%q) = %q, %v; want ErrName", name, got, err)
		}
	}
}

func TestListsAreFolded(t *testing.T) {
	if n, m := utf8.RuneCountInString(lookalikeFrom), len(lookalikeTo); n != m {
		t.Fatalf("%d letters look like %d", n, m)
	}
	for _, list := range []string{rot13(rudeAnywhere), rot13(rudeAlone), importantAnywhere, importantAlone, titles, harmless} {
		for _, w := range strings.Fields(list) {
			if fold(w) != w {
				t.Errorf("%s is listed, but read as %s", rot13(w), rot13(fold(w)))
			}
		}
	}
}

func FuzzNickname(f *testing.F) {
	for _, seed := range []string{"Zoë", "a\u0301", "👩🏽‍🚀", "Mr X", "1!0|", "🇫🇺"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		name, err := Nickname(typed)
		if err != nil {
			if !errors.Is(err, ErrName) {
				t.Errorf("Nickname(%q): %v", typed, err)
			}
			return
		}
		if name == "" || !utf8.ValidString(name) || graphemes(name) > MaxNickname {
			t.Errorf("Nickname(%q) = %q", typed, name)
		}
		if again, err := Nickname(name); err != nil || again != name {
			t.Errorf("Nickname(%q) = %q, and of that %q, %v", typed, name, again, err)
		}
	})
}
