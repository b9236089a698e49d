package realtime

import (
	"strings"
	"testing"

	"downbeat.local/appliance/wire"
)

const tooLongAnswer = `{"status":"error","response":{"reason":"payload_size_exceeded",` +
	`"message":"A message may be at most 65536 bytes long.","error":"payload_size_exceeded"}}`

// A frame that is too long is answered with its refs, and nothing closes.
func TestFramesThatAreTooLong(t *testing.T) {
	h := testHub(nil)
	c, old := connect(t, h, wire.V2), connect(t, h, wire.V1)
	c.say(`["7","7","realtime:lobby","phx_join",{"config":` + quiet + `}]`)
	old.join(lobby, quiet)
	c.take()
	c.session.TooLong([]byte(`["7","8","realtime:lobby","broadcast",null]`), false)
	want(t, "in a channel", c.take(),
		`["7",null,"realtime:lobby","system",{"channel":"lobby","extension":"system","message":"payload_size_exceeded: A message may be at most 65536 bytes long.","status":"error"}]`,
		`["7","8","realtime:lobby","phx_reply",`+tooLongAnswer+`]`)
	c.session.TooLong([]byte(`[null,9,"realtime:lobby","presence",null]`), false)
	want(t, "again within a second, and without a join_ref", c.take(), `["7",9,"realtime:lobby","phx_reply",`+tooLongAnswer+`]`)
	c.session.TooLong([]byte("\x03\x01\x01\x0e\x01\x00\x0176realtime:lobbyxnull"), true)
	want(t, "binary", c.take(), `["7","6","realtime:lobby","phx_reply",`+tooLongAnswer+`]`)
	c.session.TooLong([]byte(`["5","5","realtime:other","phx_join",null]`), false)
	want(t, "a join", c.take(), `["5","5","realtime:other","phx_reply",`+tooLongAnswer+`]`)
	for _, outline := range []string{``, `null`, `["1"`, `[1,2,3]`, `{"topic":"realtime:lobby"}`} {
		c.session.TooLong([]byte(outline), false)
	}
	want(t, "nonsense", c.take())
	old.session.TooLong([]byte(`{"topic":"realtime:lobby","event":"broadcast","payload":null,"ref":"3","join_ref":"1"}`), false)
	if got := old.take(); len(got) != 2 || got[1] != `{"topic":"realtime:lobby","event":"phx_reply","payload":`+tooLongAnswer+`,"ref":"3"}` {
		t.Errorf("vsn 1 gets %v", got)
	}
	old.send("1", lobby, "broadcast", `{"event":"short"}`)
	if got := c.take(); len(got) != 1 || !strings.Contains(got[0], "short") {
		t.Errorf("a short one after it arrives as %v", got)
	}
	if got := h.Stats().Ignored[tooLong]; got != 10 {
		t.Errorf("%d are counted, want 10", got)
	}
}

// limited is a client whose read limit the test sees.
type limited struct {
	client
	bytes int64
}

func (l *limited) SetReadLimit(bytes int64) { l.bytes = bytes }

func TestReadLimits(t *testing.T) {
	h := testHub(nil)
	h.cfg.Limits.Frame, h.cfg.Limits.ServiceFrame = 5000, 9000
	for service, want := range map[bool]int64{false: 5000, true: 9000} {
		var c limited
		h.Open(&c, Hello{Version: wire.V2, APIKey: "anon", Service: service}).Closed(true)
		if c.bytes != want {
			t.Errorf("service %v: %d bytes, want %d", service, c.bytes, want)
		}
	}
	var c limited
	s := h.Open(&c, Hello{Version: wire.V2, APIKey: "anon"})
	s.Receive([]byte(`["1","1","realtime:a","phx_join",{"access_token":"service"}]`), false, 0)
	if s.Closed(true); c.bytes != 9000 {
		t.Errorf("after a join with a service key: %d bytes, want 9000", c.bytes)
	}
}
