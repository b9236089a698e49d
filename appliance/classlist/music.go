package classlist

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"math/big"
)

// Pictures is how many pictures there are. The pages draw them, in an order that
// never changes: a printed card would be wrong (webui/src/ui/kit/pictures.tsx).
const Pictures = 12

// Music is a music name: three different pictures, in order. There are 1,320.
type Music [3]int

// errMusic refuses what is no music name.
var errMusic = errors.New("a music name is three different pictures")

// UnmarshalJSON reads a music name, and refuses what is none.
func (m *Music) UnmarshalJSON(raw []byte) error {
	var pictures []int
	if err := json.Unmarshal(raw, &pictures); err != nil || len(pictures) != len(m) {
		return errMusic
	}
	read := Music(pictures)
	if !read.valid() {
		return errMusic
	}
	*m = read
	return nil
}

func (m Music) valid() bool {
	for _, p := range m {
		if p < 0 || p >= Pictures {
			return false
		}
	}
	return m[0] != m[1] && m[0] != m[2] && m[1] != m[2]
}

// Near reports whether one slip makes one name of the other: another picture at
// one place, or the same pictures in another order.
func (m Music) Near(other Music) bool {
	same, sets := 0, 0
	for i, p := range m {
		if p == other[i] {
			same++
		}
		for _, q := range other {
			if p == q {
				sets++
			}
		}
	}
	return same >= 2 || sets == len(m)
}

// everyMusic lists all music names.
func everyMusic() (all []Music) {
	for a := range Pictures {
		for b := range Pictures {
			for c := range Pictures {
				if m := (Music{a, b, c}); m.valid() {
					all = append(all, m)
				}
			}
		}
	}
	return all
}

// draw gives n free music names for a class, at random. No slip of one child
// should open another's words, so names that are near one of the class come last.
// The caller holds changing and knows that MaxChildren leaves enough.
func (l *Lists) draw(n int, class string) []Music {
	l.mu.RLock()
	taken, mates := map[Music]bool{}, []Music{}
	for _, c := range l.children {
		taken[c.Music] = true
		if c.Class == class {
			mates = append(mates, c.Music)
		}
	}
	l.mu.RUnlock()
	deck := everyMusic()
	shuffle(deck)
	drawn := make([]Music, 0, n)
	for _, far := range []bool{true, false} {
		for _, m := range deck {
			if len(drawn) == n {
				return drawn
			}
			if taken[m] || far && nearAny(m, mates) {
				continue
			}
			taken[m] = true
			drawn, mates = append(drawn, m), append(mates, m)
		}
	}
	return drawn
}

func nearAny(m Music, others []Music) bool {
	for _, other := range others {
		if m.Near(other) {
			return true
		}
	}
	return false
}

// shuffle brings music names into an order that nobody can guess.
func shuffle(deck []Music) {
	for i := len(deck) - 1; i > 0; i-- {
		at, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			panic(err) // crypto/rand never fails since Go 1.24
		}
		j := int(at.Int64())
		deck[i], deck[j] = deck[j], deck[i]
	}
}
