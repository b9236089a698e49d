package boxtest

import (
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/wire"
)

func TestReportsReachTeachersOnly(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	ada, bob, teacher := b.student("MUSIC-2024"), b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	ada.must("network_report", object{
		"transport": "carrier pigeon", "rtt_ms": 1e9, "bound_ms": -1, "loss": 7, "queue_ms": 12.5, "standing_ms": 2, "audio_ms": 21,
		"bluetooth": true, "student_id": bob.id,
	})
	var got wire.NetworkReport
	teacher.expect("network").into(&got)
	want := wire.NetworkReport{
		ID: ada.id, Transport: "websocket", RTT: 60_000, Loss: 1, Queue: 12.5, Standing: 2, Audio: 21, Bluetooth: true,
	}
	if got != want {
		t.Errorf("the teacher got %+v, want %+v", got, want)
	}
	if r := ada.ask("network_report", []int{1}); r.Response.Reason != "bad_payload" {
		t.Errorf("a report that is none: %+v", r)
	}
	if r := ada.ask("network", object{"rtt_ms": 1}); r.Response.Reason != "unauthorized" {
		t.Errorf("speaking for the box: %+v", r)
	}
	ada.send("wave", object{})
	for _, event := range bob.until("wave") {
		if event == "network" || event == "network_report" {
			t.Errorf("a student got %s", event)
		}
	}
}
