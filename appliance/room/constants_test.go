package room

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/wire"
	"downbeat.local/appliance/wire/wiretest"
	"downbeat.local/sync/clock"
)

func TestConstants(t *testing.T) {
	want := wiretest.Read(t)
	var settings Settings
	if err := json.Unmarshal(want.Settings, &settings); err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]any{
		"controls":    {want.Controls, Controls()},
		"modes":       {want.Modes, modes},
		"listenings":  {want.Listenings, listenings},
		"hearings":    {want.Hearings, hearings},
		"groups":      {want.Groups, wire.Groups},
		"scales":      {want.Scales, scaleKinds},
		"instruments": {want.Instruments, instruments},
		"grids":       {want.Grids, grids},
		"BPM":         {want.BPM, wiretest.Range{Min: clock.MinBPM, Max: clock.MaxBPM}},
		"meter":       {want.Meter, wiretest.Range{Min: 1, Max: clock.MaxMeter}},
		"interval":    {want.Interval, wiretest.Range{Min: 1, Max: maxInterval}},
		"count-in":    {want.CountIn, wiretest.Range{Max: maxCountIn}},
		"seats":       {want.Seats, Seats},
		"expected":    {want.Expected, wiretest.Range{Max: MaxMembers}},
		"sounding":    {want.Sounding, MaxSounding},
		"settings":    {settings, defaultSettings()},
		"prompts":     {want.Reflection.Prompt, MaxPrompt},
		"late notes":  {want.LateMS, int(maxPast.Milliseconds())},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
