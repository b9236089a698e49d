package room

// Modes say when the notes of others sound.
const (
	ModeLive = "live" // as soon as they arrive
	ModeSnap = "snap" // on the next step of the grid, everywhere at once
	ModeLoop = "loop" // one interval later, in time
)

// Listenings say which device sounds what.
const (
	ListenOwn      = "own"      // each its own notes
	ListenEveryone = "everyone" // each everybody's
	ListenStage    = "stage"    // the stage everybody's, the others nothing
)

// Scale is the notes that instruments offer.
type Scale struct {
	Root int    `json:"root"` // 0-11, 0 is C
	Kind string `json:"kind"` // one of scaleKinds; "off" offers all
}

// Manner is how a class plays together. The teacher sets it.
type Manner struct {
	Mode      string `json:"mode"`
	Grid      int    `json:"grid"`     // steps a beat, in snap mode
	Interval  int    `json:"interval"` // beats, in loop mode
	Listening string `json:"listening"`
	Scale     Scale  `json:"scale"`
	Quiet     bool   `json:"quiet"` // only the teacher sounds
}

// manner lets a Room have the fields of a Manner beside its own.
type manner struct{ Manner }

func newManner() manner {
	return manner{Manner{
		Mode: ModeLive, Grid: 4, Interval: 8, Listening: ListenEveryone,
		Scale: Scale{Kind: "off"},
	}}
}

var (
	modes           = []string{ModeLive, ModeSnap, ModeLoop}
	listenings      = []string{ListenOwn, ListenEveryone, ListenStage}
	scaleKinds      = []string{"off", "major", "minor", "pentatonic", "minor_pentatonic", "blues"}
	grids           = []int{1, 2, 3, 4, 6, 8}
	instrumentNames = []string{
		"piano", "epiano", "marimba", "xylophone", "glockenspiel", "guitar", "bass", "strings",
		"flute", "clarinet", "trumpet", "organ", "kalimba", "steel_drums", "drums",
	}
)

// maxInterval is the longest loop, in beats: four bars of 16.
const maxInterval = 64
