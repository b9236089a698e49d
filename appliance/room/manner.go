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

// ScaleOff is the kind of scale that offers every note.
const ScaleOff = "off"

// Scale is the notes that instruments offer. The room does not enforce it: a
// drum is in no scale, and only the instrument knows which key it draws.
type Scale struct {
	Root int    `json:"root"` // 0-11, 0 is C
	Kind string `json:"kind"` // one of scaleKinds
}

// Manner is how a class plays together. The teacher sets it.
type Manner struct {
	Mode      string `json:"mode"`
	Grid      int    `json:"grid"`     // steps a beat, in snap mode
	Interval  int    `json:"interval"` // beats, in loop mode
	Listening string `json:"listening"`
	Scale     Scale  `json:"scale"`
	Quiet     bool   `json:"quiet"`    // only the teacher sounds
	CountIn   int    `json:"count_in"` // bars before a start, 0-4
	Lights    bool   `json:"lights"`   // the stage lights up on notes
}

// newManner is how a class begins.
func newManner() Manner {
	return Manner{
		Mode: ModeLive, Grid: 4, Interval: 8, Listening: ListenOwn,
		Scale: Scale{Kind: ScaleOff}, CountIn: 1, Lights: true,
	}
}

var (
	modes      = []string{ModeLive, ModeSnap, ModeLoop}
	listenings = []string{ListenOwn, ListenEveryone, ListenStage}
	scaleKinds = []string{ScaleOff, "major", "minor", "pentatonic", "minor_pentatonic", "blues"}
	grids      = []int{1, 2, 3, 4, 6, 8}
)

const (
	maxInterval = 64 // beats: four bars of 16
	maxCountIn  = 4  // bars
)

// DefaultInstrument is what everybody starts with.
const DefaultInstrument = "piano"

// instruments are those that the web app can sound.
var instruments = []string{
	DefaultInstrument, "epiano", "marimba", "xylophone", "glockenspiel", "guitar", "bass", "strings",
	"flute", "clarinet", "trumpet", "organ", "kalimba", "steel_drums", "drums",
}
