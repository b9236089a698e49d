package room

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden tunings anew")

// tuningVector is what every key gives in one tuning. The tests of the web app read
// the same.
type tuningVector struct {
	Fit    Fit   `json:"fit"`
	Octave int   `json:"octave"`
	Scale  Scale `json:"scale"`
	Notes  []int `json:"notes"` // by key; -1 is silent
}

func tuningVectors() (all []tuningVector) {
	add := func(fit Fit, octave, root int, kind string) {
		v := tuningVector{Fit: fit, Octave: octave, Scale: Scale{Root: root, Kind: kind}}
		for key := range uint8(128) {
			note, ok := Tuning{Fit: fit, Octave: octave}.Note(v.Scale, key)
			if v.Notes = append(v.Notes, int(note)); !ok {
				v.Notes[key] = -1
			}
		}
		all = append(all, v)
	}
	for _, octave := range []int{-3, 0, 3} {
		add(FitPass, octave, 0, "major")
	}
	for _, kind := range scaleKinds {
		for _, root := range []int{0, 7} {
			add(FitSnap, 0, root, kind)
			add(FitWhite, 0, root, kind)
		}
	}
	add(FitSnap, -1, 11, "minor")
	add(FitWhite, 2, 11, "blues")
	return all
}

func TestTuningVectors(t *testing.T) {
	const path = "testdata/tunings.json"
	var lines []string
	for _, v := range tuningVectors() {
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	got := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs from what the code gives (-file +code):\n%s", path, diff)
	}
}

func TestTuning(t *testing.T) {
	major, minor, pentatonic := Scale{Kind: "major"}, Scale{Root: 9, Kind: "minor"}, Scale{Root: 2, Kind: "pentatonic"}
	for name, c := range map[string]struct {
		tuning Tuning
		scale  Scale
		key    uint8
		want   int // -1 is silent
	}{
		"a key passes":                    {Tuning{}, major, 61, 61},
		"an octave higher":                {Tuning{Octave: 1}, major, 61, 73},
		"above the last note":             {Tuning{Octave: 3}, major, 100, -1},
		"below the first note":            {Tuning{Octave: -3}, major, 35, -1},
		"a key of the scale":              {Tuning{Fit: FitSnap}, major, 62, 62},
		"a key beside it goes down":       {Tuning{Fit: FitSnap}, major, 61, 60},
		"the nearer one":                  {Tuning{Fit: FitSnap}, pentatonic, 61, 62},
		"no scale, nothing to snap to":    {Tuning{Fit: FitSnap}, Scale{Kind: ScaleOff}, 61, 61},
		"middle C is the root":            {Tuning{Fit: FitWhite}, minor, 60, 69},
		"the next white key":              {Tuning{Fit: FitWhite}, minor, 62, 71},
		"an octave of seven notes":        {Tuning{Fit: FitWhite}, minor, 72, 81},
		"five notes need five white keys": {Tuning{Fit: FitWhite}, pentatonic, 69, 74},
		"below middle C":                  {Tuning{Fit: FitWhite}, pentatonic, 59, 59},
		"a black key is silent":           {Tuning{Fit: FitWhite}, minor, 61, -1},
		"without a scale it is not":       {Tuning{Fit: FitWhite}, Scale{Kind: ScaleOff}, 61, 61},
		"white, and an octave lower":      {Tuning{Fit: FitWhite, Octave: -1}, minor, 60, 57},
	} {
		t.Run(name, func(t *testing.T) {
			note, ok := c.tuning.Note(c.scale, c.key)
			if got := int(note); ok != (c.want >= 0) || ok && got != c.want {
				t.Errorf("key %d gives %d, %v, want %d", c.key, got, ok, c.want)
			}
		})
	}
}

// What a tuned key gives is in the scale, and two white keys never give one note.
func TestTunedKeysAreInTheScale(t *testing.T) {
	for _, v := range tuningVectors() {
		given := map[int]bool{}
		for key, note := range v.Notes {
			if note < 0 || v.Fit == FitPass {
				continue
			}
			if !v.Scale.has(note) {
				t.Errorf("%+v: key %d gives %d", v.Scale, key, note)
			}
			if v.Fit == FitWhite && given[note] {
				t.Errorf("%+v: two keys give %d", v.Scale, note)
			}
			given[note] = true
		}
	}
}

func TestTuningsThatMakeNoSense(t *testing.T) {
	for _, bad := range []Tuning{{Fit: "other"}, {Octave: 4}, {Octave: -4}} {
		if bad.Check() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
	for _, good := range []Tuning{{}, {Fit: FitWhite, Octave: 3}, {Fit: FitSnap, Octave: -3}} {
		if err := good.Check(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
}
