package classroom_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/wire"
)

// TestJoinKeepsWhatComesBeforeItsReply joins while another member does.
func TestJoinKeepsWhatComesBeforeItsReply(t *testing.T) {
	const topic = "realtime:room:X"
	broadcast := func(event string) []byte {
		p, err := wire.UserBroadcast(topic, event, nil, wire.JSON, []byte(`{}`))
		if err != nil {
			t.Error(err)
		}
		return p.Payload()
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var upgrader websocket.Upgrader
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = ws.Close() }()
		_ = ws.WriteMessage(websocket.BinaryMessage, broadcast("before"))
		_ = ws.WriteMessage(websocket.TextMessage, wire.Reply(wire.V2, wire.TextRef("1"), wire.TextRef("1"), topic, "ok", wire.Nothing).Payload())
		_ = ws.WriteMessage(websocket.BinaryMessage, broadcast("after"))
		for err == nil {
			_, _, err = ws.ReadMessage()
		}
	}))
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	c, err := classroom.Connect(ctx, s.URL, classroom.SeatReply{Topic: "room:X", Token: "token"})
	if err != nil {
		t.Fatal(err)
	}
	var heard []string
	err = c.Read(ctx, classroom.Handler{Event: func(event string, _ []byte) {
		if heard = append(heard, event); event == "after" {
			cancel()
		}
	}})
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"before", "after"}, heard); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}
