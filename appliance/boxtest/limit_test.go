package boxtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/wire"
)

func TestLimitsOfABox(t *testing.T) {
	b := openBox(t, appliance.Config{Limits: map[string]int{"member-clients": 1, "channels": 1, "notes": 1, "rooms": 1}})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	c := b.dial(seat.Token).join("MUSIC-2024")
	if r := c.reply(c.push("realtime:other", "phx_join", object{})); !strings.HasPrefix(r.Response.Reason, "ChannelRateLimitReached") {
		t.Errorf("a second channel: %+v", r)
	}
	if status := b.call("POST", "/box/v1/join", object{"code": "MUSIC-2024"}, nil); status != 200 {
		t.Errorf("another seat: %d", status)
	}
	_, resp, err := websocket.DefaultDialer.Dial("ws"+b.url[len("http"):]+"/realtime/v1/websocket?vsn=2.0.0&apikey="+seat.Token, nil)
	if err == nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a second connection of one member: %v", err)
	}
	for range 2 { // the burst
		c.must("play_note", object{"midi": 60})
	}
	if r := c.ask("play_note", object{"midi": 60}); r.Response.Reason != "too_fast" {
		t.Errorf("a third note: %+v", r)
	}
}

func TestRoomStateHasTheLimits(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Limits: map[string]int{"events": 3, "notes": 5, "bytes": 2048}})
	b.open("MUSIC-2024")
	c := b.student("MUSIC-2024")
	c.must("resync", object{})
	var state struct{ Limits wire.MemberLimits }
	c.expect("room_state").into(&state)
	want := wire.MemberLimits{
		Notes: wire.Rate{PerSecond: 5, Burst: 10}, Events: wire.Rate{PerSecond: 3, Burst: 9}, Bytes: wire.Rate{PerSecond: 2048, Burst: 8192},
	}
	if state.Limits != want {
		t.Errorf("got %+v, want %+v", state.Limits, want)
	}
	for range want.Events.Burst - 1 { // the resync was one
		c.must("chat", object{})
	}
}

// TestPingsAreNoEvents sends more clock pings than the box takes events.
func TestPingsAreNoEvents(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Limits: map[string]int{"events": 1}})
	b.open("MUSIC-2024")
	c := b.student("MUSIC-2024")
	for id := range uint16(10) {
		c.sendBinary(wire.Message{Event: wire.EventClock, Payload: wire.AppendClockPing(nil, wire.ClockPing{ID: id})})
		if r, err := wire.DecodeClockReply(c.expect(wire.EventClock).payload); err != nil || r.ID != id {
			t.Fatalf("ping %d is answered %+v, %v", id, r, err)
		}
	}
	for range 3 { // the burst
		c.must("chat", object{})
	}
}

func TestLimitsOnJoining(t *testing.T) {
	b := openBox(t, appliance.Config{Limits: map[string]int{"members": 1, " failed-codes": 1}})
	b.open("MUSIC-2024")
	b.sit("MUSIC-2024", "")
	for i, try := range []struct {
		code string
		want int
	}{
		{"MUSIC-2024", http.StatusConflict}, // it is full
		{"GUESS-0001", http.StatusNotFound},
		{"GUESS-0002", http.StatusNotFound}, // the next guest has to wait
		{"GUESS-0003", http.StatusTooManyRequests},
	} {
		if status := b.call("POST", "/box/v1/join", object{"code": try.code}, nil); status != try.want {
			t.Errorf("try %d, %s: got %d, want %d", i, try.code, status, try.want)
		}
	}
}

// A page may open as many channels at once as one client may have, and track in
// each of them.
func TestAHundredChannelsAtOnce(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	c := b.dial(b.token(anonClaims))
	var joins, tracks []string
	topic := func(i int) string { return fmt.Sprint("realtime:page:", i) }
	for i := range usualLimits["channels"] {
		joins = append(joins, c.push(topic(i), "phx_join", object{"config": object{"presence": object{"key": "ann"}}}))
	}
	for i := range usualLimits["channels"] {
		tracks = append(tracks, c.push(topic(i), "presence", object{"event": "track", "payload": object{"page": i}}))
	}
	for i, ref := range append(joins, tracks...) {
		if r := c.reply(ref); r.Status != "ok" {
			t.Errorf("message %d is answered %+v", i, r)
		}
	}
	if r := c.reply(c.push(topic(1000), "phx_join", object{})); r.Response.Reason != "ChannelRateLimitReached: Too many channels" {
		t.Errorf("one channel more: %+v", r)
	}
	if r := c.reply(c.push(topic(0), "phx_join", object{})); r.Status != "ok" {
		t.Errorf("one of them again: %+v", r)
	}
}

// TestInstrumentsAreFew toggles an instrument. Each change is written to the disk.
func TestInstrumentsAreFew(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Limits: map[string]int{"events": 1000}})
	b.open("MUSIC-2024")
	c := b.student("MUSIC-2024")
	refused := 0
	for i := range 3 * ratelimit.InstrumentsBurst {
		r := c.ask("assign_instrument", object{"student_id": c.id, "instrument": []string{"piano", "marimba"}[i%2]})
		if r.Response.Reason == "too_fast" {
			refused++
		}
	}
	if refused < ratelimit.InstrumentsBurst {
		t.Errorf("%d of %d changes were refused", refused, 3*ratelimit.InstrumentsBurst)
	}
	c.alive()
	b.teacher("MUSIC-2024").must("assign_instrument", object{"student_id": c.id, "instrument": "piano"})
}
