package appliance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestLimitsThatCannotBe(t *testing.T) {
	for what, set := range map[string]map[string]int{
		`there is no limit "client"`: {"client": 5},
		"the limit clients is 0":     {"clients": 0},
		"from 1 to 64":               {"member-clients": 65},
	} {
		if _, err := newLimits(set); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v: got %v, want %q", set, err, what)
		}
	}
	for _, l := range allLimits {
		if l.normal < l.least || l.normal > l.most {
			t.Errorf("%s: %d is not from %d to %d", l.name, l.normal, l.least, l.most)
		}
	}
}

func TestLimitsOfABox(t *testing.T) {
	b := openBox(t, Config{Limits: map[string]int{"member-clients": 1, "channels": 1, "notes": 1, "rooms": 1}})
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

func TestLimitsOnWhoComesIn(t *testing.T) {
	b := openBox(t, Config{Limits: map[string]int{"members": 1, " failed-codes": 1}})
	b.open("MUSIC-2024")
	b.sit("MUSIC-2024", "")
	for i, try := range []struct {
		code string
		want int
	}{
		{"MUSIC-2024", http.StatusConflict}, // it is full
		{"GUESS-0001", http.StatusNotFound},
		{"GUESS-0002", http.StatusNotFound}, // after this one has to wait
		{"GUESS-0003", http.StatusTooManyRequests},
	} {
		if status := b.call("POST", "/box/v1/join", object{"code": try.code}, nil); status != try.want {
			t.Errorf("try %d, %s: got %d, want %d", i, try.code, status, try.want)
		}
	}
}
