// Package wiretest holds the constants that the box and the web app both know,
// for the tests of both. A number that only one side changes fails a test.
package wiretest

import (
	_ "embed"
	"encoding/json"
	"testing"

	"downbeat.local/appliance/wire"
)

// Constants is constants.json, which the tests of the web app read too.
type Constants struct {
	Events      map[string]string
	RoomEvents  []string `json:"room_events"` // that change a room's state
	Controls    []string // by name
	Modes       []string
	Listenings  []string
	Hearings    []string
	Groups      int
	Scales      []string
	Instruments []string
	Grids       []int
	BPM         Range
	Meter       Range
	Interval    Range // beats, in loop mode
	CountIn     Range `json:"count_in"` // bars
	Seats       int
	Settings    json.RawMessage      // of a new room
	Limits      map[string]wire.Rate // the defaults
	NotesUp     int                  `json:"notes_up"` // in one push
	Repeat      struct {             // of notes on a lane, by their player
		AfterMS      []int `json:"after_ms"`
		HeldMS       int   `json:"held_ms"`
		OverlapMS    int   `json:"overlap_ms"`
		OverlapNotes int   `json:"overlap_notes"`
	}
	Pings struct { // of the clock
		Burst        int
		GapMS        int `json:"gap_ms"`
		FirstPhaseMS int `json:"first_phase_ms"`
		FirstPauseMS int `json:"first_pause_ms"`
		LaterPauseMS int `json:"later_pause_ms"`
	}
	HeartbeatMS int   `json:"heartbeat_ms"`
	Sounding    int   `json:"sounding"`  // notes that one member holds at once
	LateMS      int   `json:"late_ms"`   // from a key to the box, for a note that is still heard
	ReportMS    int   `json:"report_ms"` // between network reports
	VisitMS     int   `json:"visit_ms"`  // between reports of a page without a seat
	Expected    Range // students that a teacher may wait for
	Lobby       struct {
		Steps   []string // of a student on the way in
		Hurdles []string // why a device has no seat
		Marks   []string // of the first devices
	}
	Reflection struct {
		Prompt, Text int // letters, at most
		Feeling      Range
	}
	CheckIn Range `json:"check_in"` // of both axes
}

// Range is the least and the most of a number.
type Range struct{ Min, Max int }

//go:embed constants.json
var file []byte

// Read returns the constants.
func Read(t *testing.T) (c Constants) {
	t.Helper()
	if err := json.Unmarshal(file, &c); err != nil {
		t.Fatal(err)
	}
	return c
}
