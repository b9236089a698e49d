package room

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNicknames(t *testing.T) {
	for typed, want := range map[string]string{
		"Zoë":                   "Zoë",
		"  Blue   Otter ":       "Blue Otter",
		"Ｊｏ":                    "Jo", // full-width
		"Müller-Lüdenscheidt":   "Müller-Lüdenscheidt",
		"José":                  "José",
		"O'Neill 2":             "O'Neill 2",
		"Дима":                  "Дима",
		"Scunthorpe":            "Scunthorpe",
		"Cassandra":             "Cassandra",
		"Class Clown":           "Class Clown",
		"🎵 Ana":                 "🎵 Ana",
		"Dickens":               "Dickens",
		"":                      "",
		" - ":                   "",
		strings.Repeat("x", 21): "",
		"a\u0301\u0301\u0301":   "",
		"Mr Brown":              "",
		"Te4cher":               "",
		"TEACHER":               "",
		"a\u200bb":              "",
		"a\u202eb":              "",
		"Pаul":                  "", // a Cyrillic а
		rot13("fuvg"):           "",
		"5" + rot13("uvg"):      "",
		spaced(rot13("shpx")):   "",
		rot13("shhhpx"):         "",
	} {
		got, err := Nickname(typed)
		if (err == nil) != (want != "") || got != want {
			t.Errorf("Nickname(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}

func spaced(word string) string { return strings.Join(strings.Split(word, ""), " ") }

func FuzzNickname(f *testing.F) {
	f.Add("Zoë")
	f.Add("a\u0301")
	f.Fuzz(func(t *testing.T, typed string) {
		name, err := Nickname(typed)
		if err != nil {
			return
		}
		if name == "" || !utf8.ValidString(name) || len([]rune(name)) > 2*MaxNickname {
			t.Errorf("Nickname(%q) = %q", typed, name)
		}
		if again, err := Nickname(name); err != nil || again != name {
			t.Errorf("Nickname(%q) = %q, and of that %q, %v", typed, name, again, err)
		}
	})
}
