package people

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestPasswordRoundTrip(t *testing.T) {
	h := newHasher()
	encoded, err := h.hash(t.Context(), "café-music", MinPassword)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %q, want the PHC form with our costs", encoded)
	}
	for password, want := range map[string]bool{
		"café-music":                     true,
		"cafe\u0301-music":               true, // the same, typed with a combining accent
		"cafe-music":                     false,
		"":                               false,
		strings.Repeat("x", MaxPassword): false,
		strings.Repeat("x", 1<<20):       false,
	} {
		if got, err := h.matches(t.Context(), password, encoded); got != want || err != nil {
			t.Errorf("password of %d bytes: got %v, %v, want %v", len(password), got, err, want)
		}
	}
}

func TestHashRefusesWeakPasswords(t *testing.T) {
	for _, password := range []string{"", "seven77", "éééé", strings.Repeat("x", 1025), "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"} {
		if _, err := newHasher().hash(t.Context(), password, MinPassword); !errors.Is(err, ErrWeakPassword) {
			t.Errorf("%d bytes: got %v, want %v", len(password), err, ErrWeakPassword)
		}
	}
}

// TestTwoHashesAtATime: a third password waits for memory, and one after eighteen is
// refused, or a class that guesses would fill the memory of a small box.
func TestTwoHashesAtATime(t *testing.T) {
	h := newHasher()
	for range 2 {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := h.hash(ctx, "long enough", MinPassword); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third password: got %v, want to wait", err)
	}
	for range 18 {
		h.queue <- struct{}{}
	}
	if _, err := h.hash(t.Context(), "long enough", MinPassword); !errors.Is(err, ErrBusy) {
		t.Errorf("the nineteenth: got %v, want %v", err, ErrBusy)
	}
}

func FuzzParsePHC(f *testing.F) {
	encoded, err := newHasher().hash(f.Context(), "long enough", MinPassword)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		encoded, "", "$$$$$", "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5",
		"$argon2id$v=19$m=8,t=1,p=0$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5a2V5", "$argon2i$v=19$m=8,t=1,p=1$$",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePHC(text)
		if err != nil {
			return
		}
		if p.memory > 256<<10 || p.time > 16 || p.threads == 0 || len(p.key) < 16 {
			t.Errorf("accepted %q with costs m=%d t=%d p=%d", text, p.memory, p.time, p.threads)
		}
		if again, err := parsePHC(p.String()); err != nil || again.String() != p.String() {
			t.Errorf("%q does not come back: %v", p.String(), err)
		}
	})
}
