package realtime

import (
	"fmt"
	"testing"

	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// say sends a text frame as it stands.
func (c *client) say(frame string) { c.session.Receive([]byte(frame), false, clock.Now()) }

// Every answer has the refs of its push, whatever they are.
func TestRefsComeBack(t *testing.T) {
	for _, ref := range []string{`null`, `""`, `7`, `7.5`, `"7"`, `"a b"`, `true`, `{"n":1}`} {
		c := connect(t, testHub(nil), wire.V2)
		say := func(what, frame, answer string) {
			t.Helper()
			c.say(fmt.Sprintf(frame, ref))
			want(t, what+" with the ref "+ref, c.take(), fmt.Sprintf(answer, ref))
		}
		const ok, failed = `"phx_reply",{"status":"ok","response":{}}]`, `"phx_reply",{"status":"error","response":{"reason":"%s"}}]`
		say("a heartbeat", `[null,%s,"phoenix","heartbeat",{}]`, `[null,%s,"phoenix",`+ok)
		say("a push to no channel", `[null,%s,"realtime:lobby","broadcast",{}]`, `[null,%s,"realtime:lobby",`+fmt.Sprintf(failed, "unmatched topic"))
		c.say(fmt.Sprintf(`[%s,%s,"realtime:lobby","phx_join",{"config":{"broadcast":{"ack":true},"presence":{"enabled":false}}}]`, ref, ref))
		want(t, "a join with the ref "+ref, c.take(), fmt.Sprintf(`[%s,%s,"realtime:lobby","phx_reply",{"status":"ok","response":{"postgres_changes":[]}}]`, ref, ref))
		say("a broadcast", `["x",%s,"realtime:lobby","broadcast",{"event":"e"}]`, `["x",%s,"realtime:lobby",`+ok)
		say("an untrack", `["x",%s,"realtime:lobby","presence",{"event":"untrack"}]`, `["x",%s,"realtime:lobby",`+ok)
		c.say(fmt.Sprintf(`[%s,"l","realtime:lobby","phx_leave",{}]`, ref))
		want(t, "a leave of the join "+ref, c.take(), fmt.Sprintf(`[%s,"l","realtime:lobby",`+ok, ref), fmt.Sprintf(`[%s,%s,"realtime:lobby","phx_close",{}]`, ref, ref))

		old := connect(t, testHub(nil), wire.V1)
		old.say(fmt.Sprintf(`{"topic":"phoenix","event":"heartbeat","payload":{},"ref":%s}`, ref))
		want(t, "a heartbeat of vsn 1 with the ref "+ref, old.take(), fmt.Sprintf(`{"topic":"phoenix","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":%s}`, ref))
	}
}

// A binary frame without a ref wants no answer: notes come so, many a second.
func TestBinaryFramesWithoutARef(t *testing.T) {
	c := connect(t, testHub(nil), wire.V2)
	ref := c.join(lobby, `{"broadcast":{"ack":true},"presence":{"enabled":false}}`)
	frame, err := wire.AppendPush(nil, wire.Message{JoinRef: wire.TextRef(ref), Topic: lobby, Event: "x", Encoding: wire.JSON, Payload: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	c.session.Receive(frame, true, clock.Now())
	want(t, "what comes back", c.take())
}
