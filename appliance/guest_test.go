package appliance

import (
	"encoding/json"
	"testing"

	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// faraway is a connection from another address than this machine's. It keeps
// what the box answers to joins; what else the box does with it has no effect.
type faraway struct {
	realtime.Conn
	replies []message
}

func (f *faraway) Reply(p wire.Packet) {
	if p.Binary() {
		return
	}
	if m, err := wire.DecodeText(wire.V2, p.Payload()); err == nil && m.Event == "phx_reply" {
		f.replies = append(f.replies, message{event: m.Event, ref: m.Ref.String(), payload: m.Payload})
	}
}

func (*faraway) State(wire.Packet, interface{ Resync() }) {}
func (*faraway) Note(wire.Packet)                         {}
func (*faraway) Greeted()                                 {}
func (*faraway) SetReadLimit(int64)                       {}

// guest opens a session at an address, joins a room and leaves, and returns
// what the join was answered.
func (b *box) guest(token, address string) (joined reply) {
	b.t.Helper()
	conn := &faraway{}
	s := b.hub.Open(conn, realtime.Hello{Version: wire.V2, APIKey: token, Address: address})
	defer s.Closed(true)
	s.Receive(wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), topicOf("MUSIC-2024"), "phx_join", wire.Nothing).Payload(), false, clock.Now())
	if len(conn.replies) != 1 {
		b.t.Fatalf("a join is answered %v", conn.replies)
	}
	if err := json.Unmarshal(conn.replies[0].payload, &joined); err != nil {
		b.t.Fatal(err)
	}
	return joined
}

// TestGuestsOfOneAddress come through an open door one after the other, until
// their address has had as many seats as a class.
func TestGuestsOfOneAddress(t *testing.T) {
	t.Parallel()
	const here, there, onThisMachine = "192.0.2.7:1000", "192.0.2.8:1000", "127.0.0.1:1000"
	b := openBox(t, Config{Door: room.DoorOpen})
	b.open("MUSIC-2024")
	anon := b.token(anonClaims)
	got := 0
	for ; got < 1000; got++ {
		if r := b.guest(anon, here); r.Status != "ok" {
			if want := errTooManyGuests.Reason; r.Response.Reason != want {
				t.Errorf("refused with %q, want %q", r.Response.Reason, want)
			}
			break
		}
	}
	if got < 40 || got > 100 {
		t.Errorf("one address had %d seats, want those of a class", got)
	}
	for name, try := range map[string]struct{ token, address string }{
		"another address":         {anon, there},
		"this machine":            {anon, onThisMachine},
		"a teacher of the same":   {b.token(teacherClaims), here},
		"a service of the same":   {b.token(serviceClaims), here},
		"who has a seat, of that": {b.sit("MUSIC-2024", "").Token, here},
	} {
		if r := b.guest(try.token, try.address); r.Status != "ok" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
