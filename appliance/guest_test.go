package appliance

import (
	"encoding/json"
	"testing"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// joinReply is the box's answer to a join.
type joinReply struct {
	Status   string
	Response struct{ Reason string }
}

// visit opens a session at an address, joins a room and leaves, and returns
// the answer to the join.
func visit(t *testing.T, a *Appliance, token, address string) (joined joinReply) {
	t.Helper()
	conn := newRemote()
	s := a.hub.Open(conn, realtime.Hello{Version: wire.V2, APIKey: token, Address: address})
	defer s.Closed(true)
	s.Receive(wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), wire.TopicPrefix+wire.RoomPrefix+"MUSIC-2024", "phx_join", wire.Nothing).Payload(), false, clock.Now())
	answer := conn.hear(t, "the answer to the join", func(m wire.Message) bool { return m.Event == "phx_reply" })
	if err := json.Unmarshal(answer.Payload, &joined); err != nil {
		t.Fatal(err)
	}
	return joined
}

// TestGuestsOfOneAddress come through an open door one after the other, until
// their address has had as many seats as a class.
func TestGuestsOfOneAddress(t *testing.T) {
	t.Parallel()
	const here, there, onThisMachine = "192.0.2.7:1000", "192.0.2.8:1000", "127.0.0.1:1000"
	a := openTestBox(t, Config{Door: room.DoorOpen})
	if _, _, err := a.rooms.Create(t.Context(), "MUSIC-2024", ""); err != nil {
		t.Fatal(err)
	}
	seat, _, err := a.rooms.TakeSeat(t.Context(), "MUSIC-2024", room.Applicant{})
	if err != nil {
		t.Fatal(err)
	}
	anon := mint(t, a, auth.Claims{Role: auth.Anon})
	teacher := mint(t, a, auth.Claims{Role: auth.Authenticated, App: auth.AppMetadata{Role: "teacher"}})
	got := 0
	for ; got < 1000; got++ {
		if r := visit(t, a, anon, here); r.Status != "ok" {
			if want := "ClientJoinRateLimitReached: Too many guests from this address, wait a moment"; r.Response.Reason != want {
				t.Errorf("refused with %q, want %q", r.Response.Reason, want)
			}
			break
		}
	}
	if got < 40 || got > 100 {
		t.Errorf("one address had %d seats, want those of a class", got)
	}
	for name, try := range map[string]struct{ token, address string }{
		"another address":                    {anon, there},
		"this machine":                       {anon, onThisMachine},
		"a teacher of the same":              {teacher, here},
		"a service of the same":              {mint(t, a, auth.Claims{Role: auth.Service}), here},
		"a member with a seat, of that seat": {mint(t, a, auth.Member(seat.ID, "MUSIC-2024", room.RoleStudent)), here},
	} {
		if r := visit(t, a, try.token, try.address); r.Status != "ok" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
