package wire

// Place is where a listener listens. All listeners at a place hear the same notes,
// so that one frame serves them.
type Place uint8

// The places: without a group, in one of the groups, where every note is heard, and
// one for each teacher who listens in.
const (
	PlaceNoGroup   Place = 0
	Groups               = 8 // groups are the places 1 to 8
	PlaceAll       Place = Groups + 1
	PlaceListening Place = PlaceAll + 1 // the first of them
	MaxListening         = 8
	PlaceCount           = int(PlaceListening) + MaxListening
)

// Places is a set of places.
type Places uint32

const (
	// GroupPlaces is where the notes of a group may be kept from: the groups, and the
	// place of those without one.
	GroupPlaces Places = 1<<PlaceAll - 1
	// ListeningPlaces is where teachers listen in.
	ListeningPlaces Places = (1<<MaxListening - 1) << PlaceListening
)

// With is the set and one place more.
func (s Places) With(p Place) Places { return s | 1<<p }

// Without is the set and one place less.
func (s Places) Without(p Place) Places { return s &^ (1 << p) }

// Has reports whether a place is in the set.
func (s Places) Has(p Place) bool { return s&(1<<p) != 0 }
