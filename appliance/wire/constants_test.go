package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/wire"
	"downbeat.local/appliance/wire/wiretest"
)

func TestConstants(t *testing.T) {
	want := wiretest.Read(t)
	events := map[string]string{
		"notes": wire.EventNotes, "clock": wire.EventClock, "resync": wire.EventResync,
		"report": wire.EventReport, "network": wire.EventNetwork, "lobby": wire.EventLobby, "expect": wire.EventExpect,
		"dismiss": wire.EventDismiss,
	}
	if diff := cmp.Diff(want.Events, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	changes := []string{
		wire.EventAllCall, wire.EventAlone, wire.EventBeatAssigned, wire.EventGroupAssigned, wire.EventInstrument, wire.EventMemberChanged, wire.EventMemberRemoved,
		wire.EventReflection, wire.EventRoleAssigned, wire.EventRoomChanged, wire.EventStudentMuted, wire.EventTempoChanged,
		wire.EventVolume,
	}
	if diff := cmp.Diff(want.RoomEvents, changes); diff != "" {
		t.Errorf("events that change a room (-want +got):\n%s", diff)
	}
	if wire.MaxNotesUp != want.NotesUp {
		t.Errorf("%d notes in a push, want %d", wire.MaxNotesUp, want.NotesUp)
	}
}
