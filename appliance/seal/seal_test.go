package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"downbeat.local/appliance/seal"
)

func newKey(t *testing.T, id byte) *seal.Key {
	t.Helper()
	k, err := seal.NewKey(seal.ID{id}, seal.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var place = seal.Place{Bucket: "rooms", Key: "MUSIC-2024", Version: 7}

func TestSealedValuesOpenInTheirPlaceAlone(t *testing.T) {
	k, words := newKey(t, 1), []byte("the words of a student")
	sealed := k.Seal(place, words)
	if len(sealed) != len(words)+seal.Overhead || bytes.Contains(sealed, words) {
		t.Errorf("sealed: %q", sealed)
	}
	if got, err := k.Open("rooms", "MUSIC-2024", sealed); err != nil || !bytes.Equal(got, words) {
		t.Errorf("got %q, %v", got, err)
	}
	if again := k.Seal(place, words); bytes.Equal(again, sealed) {
		t.Error("the same value looks the same when it is sealed again")
	}
	for name, open := range map[string]func() ([]byte, error){
		"another key's place":     func() ([]byte, error) { return k.Open("rooms", "DRUM-1111", sealed) },
		"another bucket":          func() ([]byte, error) { return k.Open("users", "MUSIC-2024", sealed) },
		"a bucket that runs over": func() ([]byte, error) { return k.Open("roomsM", "USIC-2024", sealed) },
		"another key":             func() ([]byte, error) { return newKey(t, 1).Open("rooms", "MUSIC-2024", sealed) },
		"a key of another name":   func() ([]byte, error) { return newKey(t, 2).Open("rooms", "MUSIC-2024", sealed) },
		"nothing":                 func() ([]byte, error) { return k.Open("rooms", "MUSIC-2024", nil) },
		"a plain value":           func() ([]byte, error) { return k.Open("rooms", "MUSIC-2024", bytes.Repeat(words, 9)) },
	} {
		if got, err := open(); !errors.Is(err, seal.ErrDamaged) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

// TestEveryBitOfASealedValueCounts flips each one.
func TestEveryBitOfASealedValueCounts(t *testing.T) {
	k := newKey(t, 1)
	sealed := k.Seal(place, []byte("words"))
	for i := range len(sealed) * 8 {
		sealed[i/8] ^= 1 << (i % 8)
		if got, err := k.Open("rooms", "MUSIC-2024", sealed); !errors.Is(err, seal.ErrDamaged) {
			t.Fatalf("bit %d: got %q, %v", i, got, err)
		}
		sealed[i/8] ^= 1 << (i % 8)
	}
}

func FuzzOpen(f *testing.F) {
	k, err := seal.NewKey(seal.ID{1}, make([]byte, seal.KeySize))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(k.Seal(place, []byte("words"))[:seal.Overhead])
	f.Add([]byte(`{"plain":true}`))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if got, err := k.Open("rooms", "MUSIC-2024", sealed); err == nil {
			t.Errorf("a forged value opens: %q", got)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	k, err := seal.NewKey(seal.ID{1}, seal.NewSecret())
	if err != nil {
		b.Fatal(err)
	}
	sealed := k.Seal(place, make([]byte, 400))
	for b.Loop() {
		if _, err := k.Open("rooms", "MUSIC-2024", sealed); err != nil {
			b.Fatal(err)
		}
	}
}
