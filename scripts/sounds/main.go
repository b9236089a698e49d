// Sounds cuts the box's instruments out of a sound font.
//
// The sound font is MuseScore_General_Lite.sf3 from Debian's package
// musescore-general-soundfont-small. Its licence allows that (THIRD_PARTY.md at
// the root names the authors). Sounds writes one file for each instrument, with
// the Ogg streams of its samples one after another, so that an instrument is one
// request. It also writes kit.json: where each sample is, which notes it is for
// and how it fades. A stream ends where players stop: after the loop, or after
// some seconds. The results are committed. Run it again to choose other
// instruments:
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

// instrument is one instrument to cut.
type instrument struct {
	id            string
	bank, program int     // General MIDI
	low, high     int     // keys
	most          int     // samples, spread over the keys
	velocity      int     // of the samples
	seconds       float64 // the length of a sample without a loop
}

const drumBank = 128

// The instruments, by the names that the box knows, and the metronome's wood
// blocks. Every new student starts with the piano, so it must load in a second.
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
