package realtime

import (
	"testing"

	"downbeat.local/appliance/wire"
)

// A broadcast that cannot be read is answered if its sender asked for answers.
func TestBroadcastsThatCannotBeRead(t *testing.T) {
	h := testHub(nil)
	asks, asksNot := connect(t, h, wire.V2), connect(t, h, wire.V2)
	for c, config := range map[*client]string{asks: `{"broadcast":{"ack":true}}`, asksNot: quiet} {
		c.say(`["7","7","realtime:lobby","phx_join",{"config":` + config + `}]`)
		c.take()
	}
	const push = "\x03\x01\x01\x0e\x01"
	for name, tt := range map[string]struct{ frame, why string }{
		"an unknown encoding":    {push + "\x00\x0776realtime:lobbyxbody", "unknown payload encoding"},
		"metadata of a list":     {push + "\x02\x0076realtime:lobbyx[]body", "metadata is not a JSON object"},
		"JSON that is none":      {push + "\x00\x0176realtime:lobbyx{", "frame has the wrong shape: payload is not JSON"},
		"a frame that ends":      {push + "\x00\x0176realtime", ""},
		"a topic not joined":     {"\x03\x01\x01\x0e\x01\x00\x0786realtime:otherx", ""},
		"no ref, so no question": {"\x03\x01\x00\x0e\x01\x00\x077realtime:lobbyx", ""},
	} {
		var wanted []string
		if tt.why != "" {
			wanted = append(wanted, `["7","6","realtime:lobby","phx_reply",{"status":"error","response":`+
				`{"reason":"bad_payload","message":"The broadcast cannot be read: `+tt.why+`."}}]`)
		}
		asks.session.Receive([]byte(tt.frame), true, 0)
		want(t, name, asks.take(), wanted...)
		asksNot.session.Receive([]byte(tt.frame), true, 0)
		want(t, name+", without acks", asksNot.take())
	}
}
