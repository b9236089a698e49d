package realtime

import (
	"testing"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// recording is a participant that keeps what reaches it.
type recording struct {
	actor
	payloads []string
}

func (r *recording) Join(*Member) (Participant, error)                 { return r, nil }
func (r *recording) Post(string, auth.Claims, Broadcast) (bool, error) { return false, nil }
func (r *recording) Broadcast(b Broadcast) (bool, error) {
	r.payloads = append(r.payloads, b.Event+" "+string(b.Payload))
	return false, nil
}

// Flutter's clients put the fields of a broadcast beside its event. A director
// gets them as a payload. To others they go as they are.
func TestFlatBroadcasts(t *testing.T) {
	var room recording
	h := testHub(func(topic string) Director {
		if topic == "room" {
			return &room
		}
		return nil
	})
	for _, v := range []wire.Version{wire.V1, wire.V2} {
		room.payloads = nil
		c, other := connect(t, h, v), connect(t, h, wire.V2)
		for _, topic := range []string{"realtime:room", lobby} {
			ref := c.join(topic, quiet)
			other.join(topic, quiet)
			for _, payload := range []string{
				`{"midi":60,"type":"broadcast","event":"play_note"}`,
				`{"type":"broadcast","event":"bare"}`,
				`{"event":"nested","payload":{"midi":61},"midi":60}`,
				`{"event":"null","payload":null,"midi":60}`,
			} {
				c.send(ref, topic, "broadcast", payload)
				want(t, topic, other.take(), `[null,null,"`+topic+`","broadcast",`+payload+`]`)
			}
		}
		want(t, "what the director gets", room.payloads, `play_note {"midi":60}`, `bare {}`, `nested {"midi":61}`, `null null`)
	}
}

// supabase-js sends no payload for track().
func TestATrackWithoutAPayload(t *testing.T) {
	h := testHub(nil)
	c, other := connect(t, h, wire.V2), connect(t, h, wire.V2)
	other.join(lobby, `{"presence":{"enabled":true}}`)
	ref := c.join(lobby, `{"presence":{"key":"ann","enabled":false}}`)
	for _, payload := range []string{`{"type":"presence","event":"track"}`, `{"event":"track","payload":null}`, `{"event":"track","payload":{}}`} {
		c.send(ref, lobby, "presence", payload)
		if _, _, _, reply := c.last(); reply["status"] != "ok" {
			t.Errorf("%s is answered %v", payload, reply)
		}
		want(t, payload, mask(other.take()), `[null,null,"realtime:lobby","presence_diff",{"joins":{"ann":{"metas":[{"phx_ref":"R"}]}},"leaves":{}}]`)
		c.send(ref, lobby, "presence", `{"event":"untrack"}`)
		other.take()
		c.take()
	}
}
