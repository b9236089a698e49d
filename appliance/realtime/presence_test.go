package realtime

import (
	"fmt"
	"strings"
	"testing"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

func track(payload string) string { return `{"event":"track","payload":` + payload + `}` }

// long is an object of n bytes.
func long(n int) string { return `{"text":"` + strings.Repeat("<", n-len(`{"text":""}`)) + `"}` }

func TestWhatPresenceSaysIsBounded(t *testing.T) {
	h := testHub(nil)
	a, b := connect(t, h, wire.V2), connect(t, h, wire.V2)
	ref := a.join(lobby, quiet)
	b.join(lobby, `{"presence":{"key":"bob","enabled":true}}`)
	a.send(ref, lobby, "presence", track(long(maxTracked+1)))
	got := strings.Join(a.take(), "\n")
	for _, said := range []string{`"extension":"system"`, `"status":"error","response":{"reason":"Track message size exceeded"}`} {
		if !strings.Contains(got, said) {
			t.Errorf("too much is answered %s, want %s in it", got, said)
		}
	}
	want(t, "what others see of it", b.take())

	a.send(ref, lobby, "presence", track(long(maxTracked)))
	seen := b.take()
	if len(seen) != 1 || len(seen[0]) > maxTracked+200 {
		t.Errorf("%d bytes are told in %d messages, of which the longest may have %d and the refs", len(strings.Join(seen, "")), len(seen), maxTracked)
	}
	a.send(ref, lobby, "presence", `{"event":"untrack"}`)
	if seen := b.take(); len(seen) != 1 {
		t.Errorf("others are told %v of untrack", seen)
	}
}

func TestAServiceKeyTracksWhatItLikes(t *testing.T) {
	c := connect(t, testHub(nil), wire.V2)
	c.send("1", lobby, "phx_join", `{"access_token":"service"}`)
	c.take()
	c.send("1", lobby, "presence", track(long(2*maxTracked)))
	if got := strings.Join(c.take(), "\n"); !strings.Contains(got, `"status":"ok"`) {
		t.Errorf("answered %.200s", got)
	}
}

// actor has a part in every channel, of whom there is one thing to say.
type actor struct{ Part }

func (actor) Join(*Member) (Part, error)                        { return actor{}, nil }
func (actor) Post(string, auth.Claims, Broadcast) (bool, error) { return false, nil }
func (actor) Enter()                                            {}
func (actor) Broadcast(Broadcast) (bool, error)                 { return false, nil }
func (actor) Meta() map[string]any                              { return map[string]any{"name": "Ann"} }
func (actor) Leave()                                            {}

// TestARefreshReadsNothingThatIsTracked: the director refreshes everybody at
// each change of the room, and nearly all are as before.
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
	if after := cost(); after > before+2 { // a race detector counts a few of its own
		t.Errorf("%.0f allocations when 400 fields are tracked, %.0f when none are", after, before)
	}
	want(t, "what a refresh tells of who is as before", c.take())
}
