package room

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// animals are the second words of generated nicknames.
var animals = []string{
	"Otter", "Fox", "Owl", "Bear", "Heron", "Lynx", "Panda", "Koala", "Tiger", "Lion", "Zebra", "Whale",
	"Dolphin", "Seal", "Penguin", "Puffin", "Robin", "Finch", "Falcon", "Eagle", "Swan", "Crane", "Stork", "Parrot",
	"Gecko", "Turtle", "Newt", "Frog", "Badger", "Beaver", "Hare", "Rabbit", "Squirrel", "Hedgehog", "Mole", "Deer",
	"Moose", "Bison", "Llama", "Camel", "Giraffe", "Okapi", "Lemur", "Meerkat", "Jaguar", "Puma", "Wolf", "Walrus",
}

// newNameLocked is a generated nickname that nobody in the room has: the
// colour of the seat and an animal. A stage is a stage.
func (p *people) newNameLocked(seat uint8, role string) string {
	switch role {
	case RoleTeacher:
		return "Teacher"
	case RoleStage:
		return "Stage"
	}
	first := rand.IntN(len(animals))
	name := ""
	for i := range animals {
		name = colours[Hue(seat)] + " " + animals[(first+i)%len(animals)]
		if !p.namedLocked(name) {
			break
		}
	}
	return name // with 6 seats to a colour and 48 animals one is always free
}

func (p *people) namedLocked(name string) bool {
	for _, m := range p.byID {
		if m.Name == name {
			return true
		}
	}
	return false
}

// MaxNickname is the longest nickname, in letters as people count them.
const MaxNickname = 20

// Nickname cleans a nickname that a child has typed, or refuses it with
// ErrName: too long, written to look like something else, meant to hurt, or
// passing for the teacher. It cannot be perfect; the teacher can remove.
func Nickname(typed string) (string, error) {
	if len(typed) > 8*MaxNickname || !utf8.ValidString(typed) {
		return "", fmt.Errorf("%w: too long, or no text", ErrName)
	}
	name := strings.Join(strings.Fields(norm.NFKC.String(typed)), " ")
	if err := writable(name); err != nil {
		return "", err
	}
	if rude(name) || important(name) {
		return "", fmt.Errorf("%w: choose another", ErrName)
	}
	return name, nil
}

// writable checks what a name is written with: letters of one script, digits,
// pictures and a little punctuation, no towers of accents, nothing invisible.
func writable(name string) error {
	letters, marks := 0, 0
	scripts := map[*unicode.RangeTable]bool{}
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Mn, r):
			if marks++; marks > 1 {
				return fmt.Errorf("%w: too many accents", ErrName)
			}
			continue
		case unicode.IsLetter(r):
			for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek} {
				if unicode.Is(script, r) {
					scripts[script] = true
				}
			}
		case unicode.IsDigit(r), unicode.Is(unicode.So, r), strings.ContainsRune(" -'.!&", r):
		default:
			return fmt.Errorf("%w: %q has no place in it", ErrName, r)
		}
		letters, marks = letters+1, 0
	}
	switch {
	case letters == 0 || strings.Trim(name, " -'.!&") == "":
		return fmt.Errorf("%w: empty", ErrName)
	case letters > MaxNickname:
		return fmt.Errorf("%w: longer than %d letters", ErrName, MaxNickname)
	case len(scripts) > 1:
		return fmt.Errorf("%w: letters of several alphabets", ErrName)
	}
	return nil
}

// roomName cleans the name of a room, which a teacher gives.
func roomName(typed string) (string, error) {
	name := strings.Join(strings.Fields(norm.NFKC.String(typed)), " ")
	if name == "" || len([]rune(name)) > 60 || strings.ContainsFunc(name, unicode.IsControl) {
		return "", fmt.Errorf("%w: a room's name has 1 to 60 letters", ErrName)
	}
	return name, nil
}
