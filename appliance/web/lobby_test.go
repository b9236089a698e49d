package web

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"downbeat.local/appliance/lobby"
	"downbeat.local/appliance/room"
	"downbeat.local/sync/clock"
)

// visitFrom reports a page without a seat from an address.
func (s *site) visitFrom(t *testing.T, address, body string) reply {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), "POST", s.URL+"/box/v1/lobby", strings.NewReader(body))
	req.RemoteAddr = address
	w := httptest.NewRecorder()
	s.Config.Handler.ServeHTTP(w, req)
	return reply{status: w.Code, header: w.Header(), body: w.Body.String()}
}

func TestVisits(t *testing.T) {
	visitors := lobby.New()
	s := newSite(t, func(c *Config) { c.Visitors = visitors })
	s.rooms.open = []string{roomCode}
	for body, want := range map[string]string{
		`{"visitor":"a"}`: "A", `{"visitor":"a","code":"music 2024"}`: "A", `{}`: "", `{"visitor":"` + strings.Repeat("x", 100) + `"}`: "",
	} {
		var got VisitReply
		answer := s.ask(t, "POST", "/box/v1/lobby", body)
		if err := json.Unmarshal([]byte(answer.body), &got); err != nil || answer.status != 200 || got.Mark != want {
			t.Errorf("%s: got %d %s, want the mark %q", body, answer.status, answer.body, want)
		}
	}
	s.ask(t, "POST", "/box/v1/lobby", `[]`).expect(t, 400, "bad_request")
	s.ask(t, "GET", "/box/v1/lobby", "").expect(t, 404, "no_page")
	s.rooms.join = func(string, room.Applicant) (room.Seat, error) { return room.Seat{}, room.ErrLocked }
	s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024","visitor":"a"}`).expect(t, 423, "locked")
	if all := visitors.List(clock.Now(), roomCode); len(all) != 1 || all[0].Why != lobby.Locked {
		t.Errorf("before the locked room: %+v", all)
	}
	s.rooms.join = func(string, room.Applicant) (room.Seat, error) { return otter, nil }
	s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024","visitor":"a"}`).expect(t, 200, "")
	if all := visitors.List(clock.Now(), roomCode); len(all) != 0 {
		t.Errorf("with a seat: %+v", all)
	}
}

// TestVisitsAreSlowed reports from one address as a program does that floods. A
// device at another address is not slowed.
func TestVisitsAreSlowed(t *testing.T) {
	s := newSite(t, nil)
	slowed := false
	for i := range 2000 {
		got := s.visitFrom(t, "192.0.2.1:1", fmt.Sprintf(`{"visitor":"flood %d"}`, i))
		if slowed = got.status == 429; slowed {
			break
		}
	}
	if !slowed {
		t.Error("2000 reports of one address passed")
	}
	s.visitFrom(t, "192.0.2.2:1", `{"visitor":"a"}`).expect(t, 200, "")
}
