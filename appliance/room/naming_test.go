package room

import (
	"errors"
	"testing"

	"downbeat.local/appliance/names"
)

// TestNothingHidesBehindAName writes what cannot be seen beside a name that a
// member has.
func TestNothingHidesBehindAName(t *testing.T) {
	r := testRoom(t)
	join(t, r, Applicant{Name: "Ana"})
	for _, hidden := range []string{"\u115f", "\u3164", "\uffa0", "\u2800", "\ufffc", "\U0001d159", "\u200d", "\u200b", "\ufe0f"} {
		for _, name := range []string{"Ana" + hidden, hidden + "Ana", hidden} {
			if _, _, err := r.Join(1000, Applicant{Name: name}); !errors.Is(err, names.ErrName) {
				t.Errorf("%+q: %v", name, err)
			}
		}
		if got, err := roomName("Mu" + hidden + "sic"); err == nil && got != "Music" {
			t.Errorf("%+q hides in the room %+q", hidden, got)
		}
	}
}

func TestGeneratedNamesPass(t *testing.T) {
	for _, colour := range colours {
		for _, animal := range names.Animals {
			if name := colour + " " + animal; !passes(name) {
				t.Errorf("%s does not pass the filter", name)
			}
		}
	}
}

func passes(name string) bool {
	got, err := names.Nickname(name)
	return err == nil && got == name
}
