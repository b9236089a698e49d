package appliance

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// stuckArchive keeps a broadcast only once its channel is closed.
type stuckArchive chan struct{}

func (s stuckArchive) Keep(context.Context, realtime.Kept) (string, error) {
	<-s
	return "", nil
}

func (stuckArchive) Recent(string, time.Time, int) ([]realtime.Kept, error) { return nil, nil }

// TestChangesDoNotWaitForBroadcasts writes rows while the archive is stuck.
// Clients that listen to the table hear of the rows all the same.
func TestChangesDoNotWaitForBroadcasts(t *testing.T) {
	a, stuck := openTestBox(t, Config{}), make(stuckArchive)
	a.hub = realtime.NewHub(realtime.Config{
		Verify: a.signer.Verify, Rights: a.policy.Rights, Tables: tables, Archive: stuck, Log: a.log,
	})
	token := mint(t, a, auth.Claims{Role: auth.Authenticated, App: auth.AppMetadata{Role: "teacher"}})
	conn := newRemote()
	s := a.hub.Open(conn, realtime.Hello{Version: wire.V2, APIKey: token})
	defer s.Closed(true)
	s.Receive(wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), "realtime:plans", "phx_join",
		[]byte(`{"config":{"postgres_changes":[{"event":"*","schema":"public","table":"lesson_plans"}]}}`)).Payload(), false, clock.Now())

	defer a.broadcastChanges()()
	defer close(stuck)
	for _, title := range []string{"One", "Two"} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/rest/v1/lesson_plans", strings.NewReader(`{"title":"`+title+`"}`))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if a.server.Handler.ServeHTTP(w, r); w.Code != http.StatusCreated {
			t.Fatalf("%s: %d %s", title, w.Code, w.Body)
		}
		conn.hear(t, "the change of "+title, func(m wire.Message) bool {
			return strings.Contains(string(m.Payload), `"title":"`+title+`"`)
		})
	}
}
