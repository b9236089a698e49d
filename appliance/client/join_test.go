package client_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"downbeat.local/appliance/client"
	"downbeat.local/appliance/wire"
)

// waitLimit bounds the wait for an event that must come.
const waitLimit = 10 * time.Second

// TestConnectKeepsMessagesBeforeTheReply joins while the box broadcasts to the
// channel.
func TestConnectKeepsMessagesBeforeTheReply(t *testing.T) {
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
	c, err := client.Connect(ctx, s.URL, client.SeatReply{Topic: "room:X", Token: "token"})
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	err = c.Read(ctx, client.Handler{Event: func(event string, _ []byte) {
		if events = append(events, event); event == "after" {
			cancel()
		}
	}})
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"before", "after"}, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
