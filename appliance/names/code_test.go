package names

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
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
		key := soundOf(w)
		if other := seen[key]; other != "" {
			t.Errorf("%s and %s sound alike (%s)", w, other, key)
		}
		seen[key] = w
	}
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

// codeVectors are what codes.json holds. The web app's tests read the same file.
type codeVectors struct {
	Parse []struct{ Typed, Code string }
	Find  []struct {
		Typed string
		Open  []string
		Code  string
	}
}

func readCodes(t testing.TB) (v codeVectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/codes.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseCode(t *testing.T) {
	for _, tt := range readCodes(t).Parse {
		if got, ok := ParseCode(tt.Typed); got != tt.Code || ok != (tt.Code != "") {
			t.Errorf("ParseCode(%+q) = %q, %v; want %q", tt.Typed, got, ok, tt.Code)
		}
	}
	if got, ok := ParseCode(strings.Repeat(" ", 1_000_000)); ok {
		t.Errorf("a million spaces are %q", got)
	}
}

func TestTidyCodeSwapsNothing(t *testing.T) {
	for typed, want := range map[string]string{
		" Music 2024": "MUSIC-2024", "jazz1": "JAZZ-1", "JAZZ–1": "JAZZ-1",
		"MUSIC-2O24": "", "H2O-1": "", "MUSIC": "", "": "", "A-1": "", "MUSIC-123456789": "",
	} {
		if got, ok := TidyCode(typed); got != want || ok != (want != "") {
			t.Errorf("TidyCode(%q) = %q, %v; want %q", typed, got, ok, want)
		}
	}
}

func TestFindCode(t *testing.T) {
	for _, tt := range readCodes(t).Find {
		if got, ok := FindCode(tt.Typed, slices.Values(tt.Open)); got != tt.Code || ok != (tt.Code != "") {
			t.Errorf("FindCode(%+q) among %v = %q, %v; want %q", tt.Typed, tt.Open, got, ok, tt.Code)
		}
	}
}

// TestOneTextMeansOneCode is why forgiving does not help a guesser. Words that
// sound alike are ruled out by TestNoTwoWordsSoundAlike; these are the words
// that a 1 leaves open.
func TestOneTextMeansOneCode(t *testing.T) {
	seen := map[string]string{}
	for _, w := range words {
		key := strings.NewReplacer("L", "1", "I", "1").Replace(w)
		if other := seen[key]; other != "" {
			t.Errorf("%s is %s and %s", key, w, other)
		}
		seen[key] = w
	}
}

func FuzzCodes(f *testing.F) {
	v := readCodes(f)
	for _, tt := range v.Parse {
		f.Add(tt.Typed)
	}
	for _, tt := range v.Find {
		f.Add(tt.Typed)
	}
	open := []string{"MUSIC-2024", "MUSIK-2024", "TRIO-1234", "TRI-01234", "SOLO-5", "OBOE-1001"}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := ParseCode(typed)
		if again, same := ParseCode(code); ok && (!same || again != code) {
			t.Errorf("ParseCode(%q) = %q, and of that %q, %v", typed, code, again, same)
		}
		if tidy, ok := TidyCode(typed); ok && tidy != code {
			t.Errorf("TidyCode(%q) = %q, but ParseCode %q", typed, tidy, code)
		}
		found, ok := FindCode(typed, slices.Values(open))
		if ok != (found != "") || ok && !slices.Contains(open, found) {
			t.Errorf("FindCode(%q) = %q, %v", typed, found, ok)
		}
		if slices.Contains(open, code) && found != code {
			t.Errorf("FindCode(%q) = %q, want the room %q", typed, found, code)
		}
	})
}
