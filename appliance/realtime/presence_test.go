package realtime

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

func track(payload string) string { return `{"event":"track","payload":` + payload + `}` }

// long makes an object of n bytes.
func long(n int) string { return `{"text":"` + strings.Repeat("<", n-len(`{"text":""}`)) + `"}` }

func TestTrackedMetaIsBounded(t *testing.T) {
	h := testHub(nil)
	most := h.cfg.Limits.PresenceSize
	a, b := connect(t, h, wire.V2), connect(t, h, wire.V2)
	ref := a.join(lobby, quiet)
	b.join(lobby, `{"presence":{"key":"bob","enabled":true}}`)
	a.send(ref, lobby, "presence", track(long(most+1)))
	got := strings.Join(a.take(), "\n")
	for _, part := range []string{`"extension":"system"`, `"status":"error","response":{"reason":"Track message size exceeded"}`} {
		if !strings.Contains(got, part) {
			t.Errorf("too much is answered %s, want %s in it", got, part)
		}
	}
	want(t, "what others see of it", b.take())

	a.send(ref, lobby, "presence", track(long(most)))
	seen := b.take()
	if len(seen) != 1 || len(seen[0]) > most+200 {
		t.Errorf("%d bytes in %d messages, want one of at most %d and the refs", len(strings.Join(seen, "")), len(seen), most)
	}
	a.send(ref, lobby, "presence", `{"event":"untrack"}`)
	if seen := b.take(); len(seen) != 1 {
		t.Errorf("others get %v for the untrack", seen)
	}
}

func TestAServiceKeyTracksMore(t *testing.T) {
	h := testHub(nil)
	c := connect(t, h, wire.V2)
	c.send("1", lobby, "phx_join", `{"access_token":"service"}`)
	c.take()
	c.send("1", lobby, "presence", track(long(2*h.cfg.Limits.PresenceSize)))
	if got := strings.Join(c.take(), "\n"); !strings.Contains(got, `"status":"ok"`) {
		t.Errorf("answered %.200s", got)
	}
}

// actor directs every topic and is its own participant, with a fixed meta.
type actor struct{ Participant }

func (actor) Join(*Member) (Participant, error)                 { return actor{}, nil }
func (actor) Post(string, auth.Claims, Broadcast) (bool, error) { return false, nil }
func (actor) Joined()                                           {}
func (actor) Broadcast(Broadcast) (bool, error)                 { return false, nil }
func (actor) Meta() map[string]any                              { return map[string]any{"name": "Ann"} }
func (actor) Tracked(map[string]json.RawMessage)                {}
func (actor) Left()                                             {}

// A director refreshes all members at each change of its room, and nearly all
// of them are unchanged.
func TestARefreshReadsNothingThatIsTracked(t *testing.T) {
	h := testHub(func(string) Director { return actor{} })
	c := connect(t, h, wire.V2)
	ref := c.join(lobby, quiet)
	member := c.session.members[lobby]
	cost := func() float64 { return testing.AllocsPerRun(100, member.Refresh) }
	before := cost()
	var many []string
	for i := range 400 {
		many = append(many, fmt.Sprintf(`"%d":%d`, i, i))
	}
	c.send(ref, lobby, "presence", track("{"+strings.Join(many, ",")+"}"))
	c.take()
	if after := cost(); after > before+2 { // the race detector counts a few of its own
		t.Errorf("%.0f allocations when 400 fields are tracked, %.0f when none are", after, before)
	}
	want(t, "what a refresh without a difference sends", c.take())
}
