package room

import (
	"testing"

	"downbeat.local/appliance/names"
)

func TestGeneratedNamesPass(t *testing.T) {
	for _, colour := range colours {
		for _, animal := range names.Animals {
			name := colour + " " + animal
			if got, err := names.Nickname(name); err != nil || got != name {
				t.Errorf("%s does not pass the filter", name)
			}
		}
	}
}
