package realtime

import (
	"fmt"
	"strings"
	"testing"

	"downbeat.local/appliance/wire"
)

// A client that has joined a topic twice may still send what it meant for its
// first join. That must end nothing of the second.
func TestMessagesOfAnEarlierJoin(t *testing.T) {
	for _, tt := range []struct {
		name, event, payload string
		answer               []string // without the refs
	}{
		{"a leave", "phx_leave", `{}`, []string{`"phx_reply",{"status":"ok","response":{}}]`}},
		{"an untrack", "presence", `{"event":"untrack"}`, []string{`"phx_reply",{"status":"ok","response":{}}]`}},
		{"a token that is none", "access_token", `{"access_token":"nonsense"}`, nil},
		{"a token that has expired", "access_token", `{"access_token":"expired"}`, nil},
		{"a good token", "access_token", `{"access_token":"anon"}`, nil},
	} {
		for _, version := range []wire.Version{wire.V1, wire.V2} {
			h := testHub(nil)
			c, other := connect(t, h, version), connect(t, h, wire.V2)
			other.join(lobby, `{"presence":{"enabled":true}}`)
			first := c.join(lobby, quiet)
			second := c.join(lobby, `{"presence":{"key":"ann","enabled":false}}`)
			c.send(second, lobby, "presence", `{"event":"track","payload":{"name":"Ann"}}`)
			c.take()
			other.take()
			ref := c.send(first, lobby, tt.event, tt.payload)
			if version == wire.V2 {
				for i, answer := range tt.answer {
					tt.answer[i] = fmt.Sprintf(`["%s","%s","realtime:lobby",`, first, ref) + answer
				}
				want(t, tt.name+" is answered", c.take(), tt.answer...)
			}
			c.take()
			want(t, "others see of "+tt.name, other.take())
			other.send("1", lobby, "broadcast", `{"event":"still","payload":{}}`)
			if got := c.take(); len(got) != 1 {
				t.Errorf("after %s of an earlier join, vsn %d gets %v", tt.name, version, got)
			}
			c.send(second, lobby, "phx_leave", `{}`)
			if got := other.take(); len(got) != 1 {
				t.Errorf("%s: others see %v of the real leave", tt.name, got)
			}
		}
	}
}

// What such a message adds counts, as with supabase/realtime.
func TestWhatAnEarlierJoinAdds(t *testing.T) {
	h := testHub(nil)
	c, other := connect(t, h, wire.V2), connect(t, h, wire.V2)
	other.join(lobby, `{"presence":{"enabled":true}}`)
	c.join(lobby, `{"broadcast":{"ack":true},"presence":{"enabled":false}}`)
	for _, joinRef := range []string{`"another"`, `null`, `""`, `99`} {
		c.say(`[` + joinRef + `,"8","realtime:lobby","broadcast",{"event":"x","payload":{"ref":` + joinRef + `}}]`)
		c.say(`[` + joinRef + `,"9","realtime:lobby","presence",{"event":"track","payload":{"ref":` + joinRef + `}}]`)
		if got := c.take(); len(got) < 2 {
			t.Errorf("%s: answered %v", joinRef, got)
		}
		if got := other.take(); len(got) != 2 {
			t.Errorf("%s: others get %v", joinRef, got)
		}
	}
}

// In a private channel, a token under an old ref may renew and never end.
func TestATokenOfAnEarlierJoin(t *testing.T) {
	h := privateHub(nil)
	c := connect(t, h, wire.V2)
	for _, ref := range []string{"1", "2"} {
		c.send(ref, lobby, "phx_join", `{"access_token":"rw","config":{"private":true,"broadcast":{"ack":true},"presence":{"enabled":false}}}`)
	}
	c.take()
	c.send("1", lobby, "access_token", `{"access_token":"-"}`)
	want(t, "a token without rights", c.take())
	c.send("1", lobby, "access_token", `{"access_token":"r"}`)
	c.send("2", lobby, "broadcast", `{"event":"x"}`)
	if got := c.take(); len(got) != 1 || !strings.Contains(got[0], "unauthorized") {
		t.Errorf("with a token that may only read, a broadcast is answered %v", got)
	}
	c.send("2", lobby, "access_token", `{"access_token":"-"}`)
	if got := c.take(); len(got) != 2 || !strings.Contains(got[1], "phx_close") {
		t.Errorf("a token without rights under the new ref: %v", got)
	}
}
