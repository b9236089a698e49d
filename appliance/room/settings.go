package room

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Modes say when the notes of others sound.
const (
	ModeLive = "live" // as soon as they arrive
	ModeSnap = "snap" // on the next step of the grid, everywhere at once
	ModeLoop = "loop" // one interval later, in time
)

// Listenings say which devices sound which notes.
const (
	ListenOwn      = "own"      // each device its own notes
	ListenEveryone = "everyone" // each device everyone's notes
	ListenStage    = "stage"    // the stage everyone's notes, the others none
)

// Settings say how a class plays together. The teacher sets them.
type Settings struct {
	Mode      string `json:"mode"`
	Grid      int    `json:"grid"`     // steps a beat, in snap mode
	Interval  int    `json:"interval"` // beats, in loop mode
	Listening string `json:"listening"`
	Hearing   string `json:"hearing"` // what groups hear
	Scale     Scale  `json:"scale"`
	Quiet     bool   `json:"quiet"`    // only the teacher sounds
	Volume    Volume `json:"volume"`   // of the class
	CountIn   int    `json:"count_in"` // bars before a start, 0-4
	Lights    bool   `json:"lights"`   // the stage lights up on notes
}

// defaultSettings are those of a new room.
func defaultSettings() Settings {
	return Settings{
		Mode: ModeLive, Grid: 4, Interval: 8, Listening: ListenOwn, Hearing: HearGroup,
		Scale: Scale{Kind: ScaleOff}, CountIn: 1, Lights: true,
	}
}

var (
	modes      = []string{ModeLive, ModeSnap, ModeLoop}
	listenings = []string{ListenOwn, ListenEveryone, ListenStage}
	grids      = []int{1, 2, 3, 4, 6, 8}
)

const (
	maxInterval = 64 // beats: four bars of 16
	maxCountIn  = 4  // bars
)

// DefaultInstrument is what every member starts with. Drums are no notes of a scale.
const (
	DefaultInstrument = "piano"
	Drums             = "drums"
)

// instruments are those that the web app can sound.
var instruments = []string{
	DefaultInstrument, "epiano", "marimba", "xylophone", "glockenspiel", "guitar", "bass", "strings",
	"flute", "clarinet", "trumpet", "organ", "kalimba", "steel_drums", Drums,
}

// validate says what is wrong with settings from a file.
func (s *Settings) validate() error {
	ok := slices.Contains(modes, s.Mode) && slices.Contains(grids, s.Grid) &&
		s.Interval >= 1 && s.Interval <= maxInterval && slices.Contains(listenings, s.Listening) && slices.Contains(hearings, s.Hearing) &&
		s.Scale.Root >= 0 && s.Scale.Root <= 11 && slices.Contains(scaleKinds, s.Scale.Kind) &&
		s.CountIn >= 0 && s.CountIn <= maxCountIn
	if !ok {
		return fmt.Errorf("the settings are damaged: %+v", *s)
	}
	return nil
}

func (s *Settings) setMode(p request) (RoomChanged, error) {
	mode, err := p.choice("mode", modes)
	if err != nil {
		return RoomChanged{}, err
	}
	grid, err := optional(p, "grid", func() (int, error) { return p.grid() })
	if err != nil {
		return RoomChanged{}, err
	}
	interval, err := optional(p, "interval", func() (int, error) { return p.whole("interval", 1, maxInterval) })
	if err != nil {
		return RoomChanged{}, err
	}
	s.Mode = mode
	if grid != nil {
		s.Grid = *grid
	}
	if interval != nil {
		s.Interval = *interval
	}
	return RoomChanged{Mode: &mode, Grid: grid, Interval: interval}, nil
}

// grid reads a number of steps that divide a beat.
func (p request) grid() (int, error) {
	steps, err := p.whole("grid", grids[0], grids[len(grids)-1])
	if err != nil || !slices.Contains(grids, steps) {
		return 0, badPayload("grid must be 1, 2, 3, 4, 6 or 8 steps a beat.")
	}
	return steps, nil
}

func (s *Settings) setListening(p request) (RoomChanged, error) {
	listening, err := p.choice("listening", listenings)
	if err != nil {
		return RoomChanged{}, err
	}
	s.Listening = listening
	return RoomChanged{Listening: &listening}, nil
}

func (s *Settings) setHearing(p request) (RoomChanged, error) {
	hearing, err := p.choice("hearing", hearings)
	if err != nil {
		return RoomChanged{}, err
	}
	s.Hearing = hearing
	return RoomChanged{Hearing: &hearing}, nil
}

// setScale sets the scale, or only its root or its kind.
func (s *Settings) setScale(p request) (RoomChanged, error) {
	root, err := optional(p, "root", func() (int, error) { return p.whole("root", 0, 11) })
	if err != nil {
		return RoomChanged{}, err
	}
	kind, err := optional(p, "kind", func() (string, error) { return p.choice("kind", scaleKinds) })
	if err != nil {
		return RoomChanged{}, err
	}
	if root == nil && kind == nil {
		return RoomChanged{}, badPayload("A scale needs a root or a kind.")
	}
	scale := s.Scale
	if root != nil {
		scale.Root = *root
	}
	if kind != nil {
		scale.Kind = *kind
	}
	s.Scale = scale
	return RoomChanged{Scale: &scale}, nil
}

func (s *Settings) setQuiet(p request) (RoomChanged, error) {
	quiet, err := p.boolean("quiet")
	if err != nil {
		return RoomChanged{}, err
	}
	s.Quiet = quiet
	return RoomChanged{Quiet: &quiet}, nil
}

func (s *Settings) setCountIn(p request) (RoomChanged, error) {
	bars, err := p.whole("bars", 0, maxCountIn)
	if err != nil {
		return RoomChanged{}, err
	}
	s.CountIn = bars
	return RoomChanged{CountIn: &bars}, nil
}

// maxVolume is as loud as devices play, in percent.
const maxVolume = 100

// Volume is how much softer than that devices play, in percentage points. In JSON it
// is the loudness itself, 0 to 100: the zero value is 100, as in rooms of earlier
// builds.
type Volume uint8

// MarshalJSON implements json.Marshaler.
func (v Volume) MarshalJSON() ([]byte, error) { return json.Marshal(maxVolume - int(v)) }

// UnmarshalJSON implements json.Unmarshaler.
func (v *Volume) UnmarshalJSON(data []byte) error {
	if string(data) == "null" { // it stays as it is, as for all types of encoding/json
		return nil
	}
	var loud int
	if err := json.Unmarshal(data, &loud); err != nil {
		return err
	}
	if loud < 0 || loud > maxVolume {
		return fmt.Errorf("volume %d, want 0 to %d", loud, maxVolume)
	}
	*v = Volume(maxVolume - loud)
	return nil
}

// setVolume sets how loud devices play some members, or without any the class. The
// two are multiplied.
func (c command) setVolume() ([]Change, error) {
	loud, err := c.whole("volume", 0, maxVolume)
	if err != nil {
		return nil, err
	}
	v := Volume(maxVolume - loud)
	if !c.has("student_id") {
		c.room.settings.Volume = v
		return []Change{c.room.revision.roomChanged(RoomChanged{Volume: &v})}, nil
	}
	students, err := c.students()
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(students))
	for i, m := range students {
		m.Volume, ids[i] = v, m.ID
	}
	return []Change{c.room.revision.volumeChanged(ids, v, c.isList("student_id"))}, nil
}
