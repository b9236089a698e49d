package limits_test

import (
	"testing"

	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/wire"
	"downbeat.local/appliance/wire/wiretest"
)

func TestConstants(t *testing.T) {
	usual, err := limits.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range wiretest.Read(t).Limits {
		r := usual.Rate(name)
		if got := (wire.Rate{PerSecond: r.PerSecond, Burst: r.Burst}); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}
