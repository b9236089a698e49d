package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/room"
)

// guessed is a site with one room, whose address has guessed so many codes that
// it has to wait.
func guessed(t *testing.T) *site {
	t.Helper()
	s := newSite(t, nil)
	s.rooms.open = []string{roomCode}
	s.rooms.join = func(code string, _ room.Applicant) (room.Seat, error) {
		if code != roomCode {
			return room.Seat{}, room.ErrNoRoom
		}
		return otter, nil
	}
	for i := range ratelimit.JoinThrottle().Free + 1 {
		s.ask(t, "POST", "/box/v1/join", fmt.Sprintf(`{"code":"GUESS-%04d"}`, i)).expect(t, 404, "not_found")
	}
	return s
}

// device is the cookie that a page gives a browser, for a Cookie header; empty if
// it gives none.
func (s *site) device(t *testing.T, page string) string {
	t.Helper()
	return cookieOf(s.ask(t, "GET", page, ""))
}

func cookieOf(r reply) string {
	for _, line := range r.header.Values("Set-Cookie") {
		if cookie, err := http.ParseSetCookie(line); err == nil && cookie.Name == deviceCookie {
			return cookie.Name + "=" + cookie.Value
		}
	}
	return ""
}

const rightCode = `{"code":"MUSIC-2024"}`

func TestAGuesserSlowsNoOtherBrowser(t *testing.T) {
	s := guessed(t)
	browser := s.device(t, "/join")
	s.ask(t, "POST", "/box/v1/join", rightCode).expect(t, 429, "slow_down") // the guesser
	s.ask(t, "POST", "/box/v1/join", rightCode, "Cookie", browser).expect(t, 200, "")
	s.ask(t, "POST", "/box/v1/join", `{"code":"GUESS-0003"}`, "Cookie", browser).expect(t, 404, "not_found") // as another has: no guess
	s.ask(t, "POST", "/box/v1/join", rightCode, "Cookie", browser).expect(t, 200, "")
	s.ask(t, "POST", "/box/v1/join", `{"code":"SLIP-0000"}`, "Cookie", browser).expect(t, 404, "not_found")
	s.ask(t, "POST", "/box/v1/join", rightCode, "Cookie", browser).expect(t, 429, "slow_down")
	for i := range 30 {
		s.ask(t, "POST", "/box/v1/join", rightCode, "Cookie", s.device(t, "/")).expect(t, 200, "")
		if t.Failed() {
			t.Fatalf("browser %d of a class waits for a guesser at its address", i)
		}
	}
}

func TestDevicesAreNotMadeUp(t *testing.T) {
	s := guessed(t)
	browser := s.device(t, "/")
	for name, made := range map[string]string{
		"nothing":      deviceCookie + "=",
		"a number":     deviceCookie + "=b.GUESSER.AAAA",
		"another kind": strings.Replace(browser, "=b.", "=t.", 1),
		"a longer one": browser + "A",
		"a huge one":   browser + strings.Repeat("A", 1000),
	} {
		if got := s.ask(t, "POST", "/box/v1/join", rightCode, "Cookie", made); got.status != 429 {
			t.Errorf("%s: answered %d", name, got.status)
		}
	}
}

func TestNewDevicesOfAnAddressAreFew(t *testing.T) {
	s := newSite(t, nil)
	browser := s.device(t, "/")
	if again := cookieOf(s.ask(t, "GET", "/teacher", "", "Cookie", browser)); again != "" {
		t.Error("a browser gets a second cookie")
	}
	given := 1
	for range 3 * devicesBurst {
		if s.device(t, "/") != "" {
			given++
		}
	}
	if given < devicesBurst || given > 2*devicesBurst {
		t.Errorf("%d cookies were given, want about %d", given, devicesBurst)
	}
}

// TestGuessesOfAnAddressAreFew has a guesser that takes every cookie its address
// gets, and tries as many codes as it can with each and without.
func TestGuessesOfAnAddressAreFew(t *testing.T) {
	s := guessed(t)
	guesses := ratelimit.JoinThrottle().Free + 1
	for range 3 * devicesBurst {
		browser := s.device(t, "/")
		for range 3 {
			if s.ask(t, "POST", "/box/v1/join", fmt.Sprintf(`{"code":"TRIES-%04d"}`, guesses), "Cookie", browser).status == 404 {
				guesses++
			}
		}
	}
	if least := devicesBurst + ratelimit.JoinThrottle().Free; guesses < least || guesses > 2*least {
		t.Errorf("%d guesses passed at once, want about %d", guesses, least)
	}
}

// TestADeviceThatTakesSeatsShutsOutNoBrowser takes all seats that an address may have, with
// no browser, and then a class comes.
func TestADeviceThatTakesSeatsShutsOutNoBrowser(t *testing.T) {
	s := newSite(t, func(c *Config) { c.Seats = ratelimit.NewSeatBudget() })
	var from room.Applicant
	s.rooms.join = func(_ string, a room.Applicant) (room.Seat, error) {
		from = a
		return otter, nil
	}
	join := func(cookie string) reply {
		req := httptest.NewRequestWithContext(t.Context(), "POST", s.URL+"/box/v1/join", strings.NewReader(rightCode))
		req.RemoteAddr = "192.0.2.7:1" // this machine has no limit
		req.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		s.Config.Handler.ServeHTTP(w, req)
		return reply{status: w.Code, header: w.Header(), body: w.Body.String()}
	}
	for range 2 * ratelimit.SeatsBurst {
		join("")
	}
	join("").expect(t, 429, "slow_down")
	devices := map[string]bool{}
	for i := range 40 {
		cookie := cookieOf(s.visitFrom(t, "192.0.2.7:1", fmt.Sprintf(`{"visitor":"%d"}`, i)))
		got := join(cookie)
		got.expect(t, 200, "")
		var seat SeatReply
		if err := json.Unmarshal([]byte(got.body), &seat); err != nil {
			t.Fatal(err)
		}
		claims, err := s.signer.Verify(seat.Token)
		if err != nil || claims.App.Device == "" || claims.App.Device != from.Device {
			t.Fatalf("browser %d: the token names device %q, the seat %q: %v", i, claims.App.Device, from.Device, err)
		}
		devices[from.Device] = true
		if i == 0 {
			for range deviceSeatsBurst - 1 {
				join(cookie).expect(t, 200, "")
			}
			join(cookie).expect(t, 429, "slow_down") // this one too is charged to the address
		}
	}
	if len(devices) != 40 {
		t.Errorf("40 browsers are %d devices", len(devices))
	}
}

func TestTheSecretOfASeatIsNoGuess(t *testing.T) {
	s := guessed(t)
	s.rooms.returning = func(string) (room.Member, bool) { return otter.Member, true }
	s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024","resume":"the secret"}`).expect(t, 200, "")
}

func TestAGuesserDoesNotLockOutTheTeacher(t *testing.T) {
	s := newSite(t, nil)
	code := s.people.ClaimCode()
	claimed := s.ask(t, "POST", "/box/v1/claim", fmt.Sprintf(`{"code":%q,"password":%q}`, code, password))
	claimed.expect(t, 204, "")
	teacher, student := cookieOf(claimed), s.device(t, "/")
	for range ratelimit.LoginThrottle().Free + 1 {
		s.ask(t, "POST", "/box/v1/login", `{"password":"a guess"}`, "Cookie", student).expect(t, 401, "wrong_password")
	}
	right := fmt.Sprintf(`{"password":%q}`, password)
	s.ask(t, "POST", "/box/v1/login", right, "Cookie", student).expect(t, 429, "slow_down")
	s.ask(t, "POST", "/box/v1/login", right).expect(t, 429, "slow_down")
	s.ask(t, "POST", "/box/v1/login", right, "Cookie", teacher).expect(t, 204, "")
	for range ratelimit.LoginThrottle().Free + 1 { // not even there may anyone guess on
		s.ask(t, "POST", "/box/v1/login", `{"password":"a guess"}`, "Cookie", teacher).expect(t, 401, "wrong_password")
	}
	s.ask(t, "POST", "/box/v1/login", right, "Cookie", teacher).expect(t, 429, "slow_down")
}

func TestARoomKnowsTheDevicesOfItsStudents(t *testing.T) {
	s := newSite(t, nil)
	var devices []string
	s.rooms.join = func(_ string, a room.Applicant) (room.Seat, error) {
		devices = append(devices, a.Device)
		return otter, nil
	}
	browser := s.device(t, "/join")
	for _, cookie := range []string{browser, browser, s.device(t, "/join"), deviceCookie + "=b.MADEUP.AAAA"} {
		s.ask(t, "POST", "/box/v1/join", rightCode, "Cookie", cookie).expect(t, 200, "")
	}
	if devices[0] == "" || devices[0] != devices[1] || devices[2] == "" || devices[2] == devices[0] || devices[3] != "" {
		t.Errorf("two joins of one browser, one of another and one with a made-up cookie: %q", devices)
	}
}
