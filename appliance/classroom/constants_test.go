package classroom

import (
	"testing"
	"time"

	"downbeat.local/appliance/wire/wiretest"
)

func TestConstants(t *testing.T) {
	if want := time.Duration(wiretest.Read(t).ReportMS) * time.Millisecond; reportEvery != want {
		t.Errorf("a report every %v, want %v", reportEvery, want)
	}
}
