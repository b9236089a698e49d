// Sounds cuts the box's instruments out of a sound font.
//
// The sound font is MuseScore_General_Lite.sf3 of Debian's package
// musescore-general-soundfont-small, whose licence allows that (THIRD_PARTY.md
// at the root says whose work it is). For each instrument it writes one file
// with the Ogg streams of its samples one after another, so that choosing an
// instrument is one request, and for all of them kit.json, which says where
// each sample lies, what notes it is for and how it fades. Streams end where
// the box's players do: after the loop, or after some seconds. What it wrote
// is committed; run it again to choose other instruments:
//
//	apt-get download musescore-general-soundfont-small
//	dpkg -x musescore-general-soundfont-small_*.deb font
//	go run ./scripts/sounds -font font/usr/share/sounds/sf3/MuseScore_General_Lite.sf3
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// instrument is one to cut.
type instrument struct {
	id            string
	bank, program int     // General MIDI
	low, high     int     // keys that are wanted
	most          int     // samples; the ones that spread best are kept
	velocity      int     // how hard the samples that are kept were struck
	seconds       float64 // a sample without a loop ends after so long
}

const drumBank = 128

// The instruments, by the names that the box knows, and the metronome's wood
// blocks. The piano is what a newcomer gets: it has to be there in a second.
var instruments = []instrument{
	{"piano", 0, 0, 36, 96, 7, 127, 2.8},
	{"epiano", 0, 4, 36, 96, 8, 100, 8},
	{"marimba", 0, 12, 36, 96, 8, 100, 3},
	{"xylophone", 0, 13, 48, 108, 8, 100, 2},
	{"glockenspiel", 0, 9, 60, 108, 6, 100, 3},
	{"guitar", 0, 24, 36, 88, 8, 100, 5},
	{"bass", 0, 32, 24, 67, 7, 100, 4},
	{"strings", 0, 45, 36, 96, 7, 100, 3},
	{"flute", 0, 73, 48, 96, 6, 100, 3},
	{"clarinet", 0, 71, 48, 96, 6, 100, 3},
	{"trumpet", 0, 56, 48, 96, 6, 100, 3},
	{"organ", 0, 19, 36, 96, 6, 100, 6},
	{"kalimba", 0, 108, 36, 96, 5, 100, 3},
	{"steel_drums", 0, 114, 36, 96, 5, 100, 3},
	{"drums", drumBank, 0, 35, 81, 64, 100, 2},
	{"click", drumBank, 0, 76, 77, 2, 100, 1},
}

func main() {
	font := flag.String("font", "", "the sound font, an SF3 file")
	out := flag.String("out", "webui/public/sounds", "the folder to write to")
	flag.Parse()
	if err := run(*font, *out); err != nil {
		fmt.Fprintln(os.Stderr, "sounds:", err)
		os.Exit(1)
	}
}

func run(path, out string) error {
	if path == "" {
		return fmt.Errorf("say with -font which sound font to cut")
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	font, err := parse(file)
	if err != nil {
		return err
	}
	kit := make(map[string][]sample)
	total := 0
	for _, i := range instruments {
		samples, streams, err := font.cut(i)
		if err != nil {
			return fmt.Errorf("cut %s: %w", i.id, err)
		}
		kit[i.id] = samples
		total += len(streams)
		if err := os.WriteFile(filepath.Join(out, i.id+".bin"), streams, 0o644); err != nil {
			return err
		}
		fmt.Printf("%-14s %2d samples %5d KB\n", i.id, len(samples), len(streams)>>10)
	}
	fmt.Printf("%-14s            %5d KB\n", "all", total>>10)
	text, err := json.Marshal(kit)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "kit.json"), append(text, '\n'), 0o644)
}
