package boxtest

import (
	"strings"
	"testing"

	"downbeat.local/appliance"
)

// TestASlipInACodeLeadsToItsRoom joins over HTTP with codes as children type
// them, and then the channel that the answer names.
func TestASlipInACodeLeadsToItsRoom(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	b.open("PIANO-2024")
	for _, typed := range []string{"MUSIC-2O24", "music2o24", "Music–2024", "müsic 2024", "ＭＵＳＩＣ２０２４", "musik 2024"} {
		t.Run(typed, func(t *testing.T) {
			b := b.in(t)
			seat := b.sit(typed, "")
			if seat.Room.Code != "MUSIC-2024" || seat.Topic != "music_room:MUSIC-2024" {
				t.Errorf("the seat is in %s, its channel %s", seat.Room.Code, seat.Topic)
			}
			b.dial(seat.Token).join(strings.TrimPrefix(seat.Topic, "music_room:"))
		})
	}
	if status := b.call("POST", "/box/v1/join", object{"code": "tuba 2024"}, nil); status != 404 {
		t.Errorf("a code that no room has: %d", status)
	}
}
