package generalmidi

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire/wiretest"
)

// Every program gives an instrument that rooms have.
func TestPrograms(t *testing.T) {
	r, err := room.New(room.Config{Code: "MUSIC-2024", Name: "Music"})
	if err != nil {
		t.Fatal(err)
	}
	seat, _, err := r.Join(0, room.Applicant{MIDI: "KeyStep 32"})
	if err != nil {
		t.Fatal(err)
	}
	for program := range uint8(128) {
		payload := fmt.Sprintf(`{"student_id":%q,"instrument":%q}`, seat.ID, InstrumentOf(program))
		if _, err := r.Control(0, seat.ID, false, room.AssignInstrument, []byte(payload)); err != nil {
			t.Errorf("program %d gives %q: %v", program+1, InstrumentOf(program), err)
		}
	}
	for program, want := range map[uint8]string{0: "piano", 12: "marimba", 19: "organ", 73: "flute", 114: "steel_drums", 127: room.Drums} {
		if got := InstrumentOf(program); got != want {
			t.Errorf("program %d gives %s, want %s", program+1, got, want)
		}
	}
}

// What the box plays to a sound module, the same module plays back as the same
// instrument.
func TestProgramsOfInstruments(t *testing.T) {
	for _, instrument := range wiretest.Read(t).Instruments {
		if instrument == room.Drums {
			continue // a channel and no program
		}
		if _, known := sounding[instrument]; !known {
			t.Errorf("%s has no program", instrument)
		}
		if got := InstrumentOf(ProgramOf(instrument)); got != instrument {
			t.Errorf("%s is program %d, which is %s", instrument, ProgramOf(instrument)+1, got)
		}
	}
}

// The web app's twin is engine/midi/programs.ts. The same list tests it.
func TestProgramsAsThePages(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "programs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != 128 {
		t.Fatalf("the list has %d programs", len(want))
	}
	for program, instrument := range want {
		if got := InstrumentOf(uint8(program)); got != instrument {
			t.Errorf("program %d gives %s, want %s", program+1, got, instrument)
		}
	}
}
