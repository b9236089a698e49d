package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
	"github.com/google/go-cmp/cmp"
)

var otter = Seat{
	Code: "MUSIC-2024", RoomName: "Music", Resume: "r3sume",
	Member: Member{StudentID: "0192-uuid", Seat: 3, Name: "Blue Otter", Role: RoleStudent},
}

func TestJoin(t *testing.T) {
	s := newSite(t, nil)
	var asked JoinRequest
	s.rooms.join = func(r JoinRequest) (Seat, error) { asked = r; return otter, nil }
	got := s.ask(t, "POST", "/box/v1/join", `{"code":" music 2024 ","name":"Ann","resume":"old","extra":1}`)
	if want := (JoinRequest{Code: "MUSIC-2024", Name: "Ann", Resume: "old"}); asked != want {
		t.Errorf("asked for %+v, want %+v", asked, want)
	}
	var reply SeatReply
	if err := json.Unmarshal([]byte(got.body), &reply); err != nil || got.status != 200 {
		t.Fatalf("got %d %s, %v", got.status, got.body, err)
	}
	claims, err := s.signer.Verify(reply.Token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(auth.AppMetadata{Role: "student", Room: "MUSIC-2024"}, claims.App); diff != "" || claims.Subject != "0192-uuid" || claims.Role != "authenticated" {
		t.Errorf("token of %s %s: %s", claims.Role, claims.Subject, diff)
	}
	if left := time.Until(claims.ExpiresAt); left < TokenTTL-time.Minute || left > TokenTTL {
		t.Errorf("token holds %v, want %v", left, TokenTTL)
	}
	reply.Token = ""
	want := SeatReply{Resume: "r3sume", Topic: "music_room:MUSIC-2024", Room: RoomName{"MUSIC-2024", "Music"}, Member: otter.Member}
	if diff := cmp.Diff(want, reply); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a token may be cached: %v", got.header)
	}
}

func TestJoinErrors(t *testing.T) {
	s := newSite(t, nil)
	tests := []struct {
		err    error
		status int
		code   string
	}{
		{ErrNoRoom, 404, "not_found"},
		{fmt.Errorf("join: %w", ErrLocked), 423, "locked"},
		{ErrFull, 409, "full"},
		{ErrRemoved, 403, "removed"},
		{ErrBadName, 422, "bad_name"},
		{errors.New("bbolt: page 7 on fire"), 500, "internal"},
	}
	for _, tt := range tests {
		s.rooms.join = func(JoinRequest) (Seat, error) { return Seat{}, tt.err }
		got := s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024"}`)
		got.expect(t, tt.status, tt.code)
		if strings.Contains(got.body, "bbolt") {
			t.Errorf("the box's inside shows: %s", got.body)
		}
	}
}

func TestBadBodies(t *testing.T) {
	s := newSite(t, nil)
	for name, tt := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"not JSON":      {"code=MUSIC-2024", 400, "bad_request"},
		"array":         {"[]", 400, "bad_request"},
		"wrong type":    {`{"code":7}`, 400, "bad_request"},
		"two objects":   {`{"code":"A"}{"code":"B"}`, 400, "bad_request"},
		"not UTF-8":     {"{\"code\":\"\xff\"}", 400, "bad_request"},
		"too big":       {`{"code":"` + strings.Repeat("A", maxBody) + `"}`, 413, "too_big"},
		"deeply nested": {strings.Repeat("[", 4000), 400, "bad_request"},
	} {
		t.Run(name, func(t *testing.T) {
			s.ask(t, "POST", "/box/v1/join", tt.body).expect(t, tt.status, tt.code)
		})
	}
}

func TestWrongCodesAreSlowedForGood(t *testing.T) {
	s := newSite(t, nil)
	s.rooms.join = func(r JoinRequest) (Seat, error) {
		if r.Code != otter.Code {
			return Seat{}, ErrNoRoom
		}
		return otter, nil
	}
	for i := range ratelimit.JoinThrottle().Free + 1 {
		s.ask(t, "POST", "/box/v1/join", fmt.Sprintf(`{"code":"GUESS-%04d"}`, i)).expect(t, 404, "not_found")
		if i < ratelimit.JoinThrottle().Free {
			s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024"}`).expect(t, 200, "")
		}
	}
	got := s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024"}`)
	got.expect(t, 429, "slow_down")
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

// TestNewSeatsOfAnAddress joins as an address of the class does: the server of
// these tests is on loopback, which has no budget.
func TestNewSeatsOfAnAddress(t *testing.T) {
	s := newSite(t, nil)
	s.rooms.join = func(JoinRequest) (Seat, error) { return otter, nil }
	s.rooms.former = func(resume string) (Member, bool) { return otter.Member, resume == otter.Resume }
	const resumed = `{"code":"MUSIC-2024","resume":"r3sume"}`
	for name, tt := range map[string]struct{ address, body string }{
		"without a secret":      {"192.0.2.1:1", `{"code":"MUSIC-2024"}`},
		"with a secret of none": {"192.0.2.2:1", `{"code":"MUSIC-2024","resume":"x"}`},
	} {
		for i := range newSeatsBurst {
			if got := s.from(t, tt.address, tt.body); got.status != 200 {
				t.Fatalf("%s: seat %d: %d %s", name, i+1, got.status, got.body)
			}
		}
		got := s.from(t, tt.address, tt.body)
		got.expect(t, 429, "slow_down")
		if got.header.Get("Retry-After") != "2" {
			t.Errorf("%s: Retry-After %q", name, got.header.Get("Retry-After"))
		}
		s.from(t, tt.address, resumed).expect(t, 200, "")
	}
	for range newSeatsBurst + 1 {
		s.from(t, "127.0.0.1:1", `{"code":"MUSIC-2024"}`).expect(t, 200, "")
	}
}

// from joins from an address.
func (s *site) from(t *testing.T, address, body string) reply {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), "POST", s.URL+"/box/v1/join", strings.NewReader(body))
	req.RemoteAddr = address
	w := httptest.NewRecorder()
	s.Config.Handler.ServeHTTP(w, req)
	return reply{status: w.Code, header: w.Header(), body: w.Body.String()}
}

func TestComingBackUnderNewNamesIsSlowed(t *testing.T) {
	s := newSite(t, nil)
	s.rooms.join = func(JoinRequest) (Seat, error) { return otter, nil }
	s.rooms.former = func(string) (Member, bool) { return otter.Member, true }
	again := fmt.Sprintf(`{"code":"MUSIC-2024","resume":"r3sume","name":%q}`, otter.Member.Name)
	for range 3 * newNamesBurst {
		s.ask(t, "POST", "/box/v1/join", again).expect(t, 200, "")
	}
	var got reply
	for range newNamesBurst + 1 {
		got = s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024","resume":"r3sume","name":"Ann"}`)
	}
	got.expect(t, 429, "slow_down")
}

func TestTeachersRooms(t *testing.T) {
	s := newSite(t, nil)
	for _, c := range [][2]string{{"GET", "/box/v1/rooms"}, {"POST", "/box/v1/rooms"}, {"DELETE", "/box/v1/rooms/MUSIC-2024"}, {"POST", "/box/v1/rooms/MUSIC-2024/enter"}} {
		s.ask(t, c[0], c[1], "{}").expect(t, 401, "signed_out")
	}
	s.signIn(t)
	created := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s.rooms.create = func(r CreateRequest) (Room, error) {
		return Room{Code: r.Code, Name: r.Name, CreatedAt: created}, nil
	}
	want := `{"code":"DRUM-0007","name":"Drums","online":0,"locked":false,"created_at":"2026-11-23T09:00:00Z"}` + "\n"
	if got := s.ask(t, "POST", "/box/v1/rooms", `{"name":"Drums","code":"drum 0007"}`); got.status != 201 || got.body != want {
		t.Errorf("create: got %d %s, want %s", got.status, got.body, want)
	}
	s.ask(t, "POST", "/box/v1/rooms", `{"code":"¿que?"}`).expect(t, 422, "bad_code")
	s.rooms.create = func(CreateRequest) (Room, error) { return Room{}, ErrCodeTaken }
	s.ask(t, "POST", "/box/v1/rooms", "").expect(t, 409, "code_taken")

	closed := ""
	s.rooms.close = func(code string) error { closed = code; return nil }
	s.ask(t, "DELETE", "/box/v1/rooms/music2024", "").expect(t, 204, "")
	if closed != "MUSIC-2024" {
		t.Errorf("closed %q", closed)
	}
	s.ask(t, "POST", "/box/v1/rooms/MUSIC-2024/enter", `{"as":"student"}`).expect(t, 400, "bad_request")
	s.rooms.enter = func(code, as string) (Seat, error) {
		seat := otter
		seat.Code, seat.Member.Role = code, as
		return seat, nil
	}
	for _, as := range []string{"teacher", "stage"} {
		var reply SeatReply
		got := s.ask(t, "POST", "/box/v1/rooms/MUSIC-2024/enter", `{"as":"`+as+`"}`)
		_ = json.Unmarshal([]byte(got.body), &reply)
		if claims, err := s.signer.Verify(reply.Token); err != nil || claims.App.Role != as {
			t.Errorf("as %s: got %s, claims %+v, %v", as, got.body, claims, err)
		}
	}
}

func TestMe(t *testing.T) {
	s := newSite(t, nil)
	var asked RenameRequest
	s.rooms.rename = func(r RenameRequest) (Member, error) { asked = r; return otter.Member, nil }
	token, err := s.signer.Mint(auth.Member("0192-uuid", "MUSIC-2024", "student"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	got := s.ask(t, "POST", "/box/v1/me", `{"name":"Ann","student_id":"other","code":"OTHER-1"}`, "Authorization", "Bearer "+token)
	if want := (RenameRequest{Code: "MUSIC-2024", StudentID: "0192-uuid", Name: "Ann"}); got.status != 200 || asked != want {
		t.Errorf("got %d, asked %+v, want %+v", got.status, asked, want)
	}
	for range newNamesBurst { // faster than anybody reads
		got = s.ask(t, "POST", "/box/v1/me", `{"name":"Ann"}`, "Authorization", "Bearer "+token)
	}
	got.expect(t, 429, "slow_down")
	if got.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
	}
	s.ask(t, "POST", "/box/v1/me", `{}`).expect(t, 401, "bad_token")
	s.ask(t, "POST", "/box/v1/me", `{}`, "Authorization", "Bearer x.y.z").expect(t, 401, "bad_token")
	s.ask(t, "POST", "/box/v1/me", `{}`, "Authorization", "Basic "+token).expect(t, 401, "bad_token")
	old, _ := s.signer.Mint(auth.Member("0192-uuid", "MUSIC-2024", "student"), -time.Hour)
	s.ask(t, "POST", "/box/v1/me", `{}`, "Authorization", "Bearer "+old).expect(t, 401, "bad_token")
	anon, _ := s.signer.Mint(auth.Claims{Role: auth.Anon}, time.Hour)
	s.ask(t, "POST", "/box/v1/me", `{}`, "Authorization", "Bearer "+anon).expect(t, 404, "no_member")
}

func TestLeaving(t *testing.T) {
	s := newSite(t, nil)
	left := ""
	s.rooms.leave = func(code, id string) error { left = code + " " + id; return nil }
	token, err := s.signer.Mint(auth.Member("0192-uuid", "MUSIC-2024", "student"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	s.ask(t, "DELETE", "/box/v1/me", "", "Authorization", "Bearer "+token).expect(t, 204, "")
	if left != "MUSIC-2024 0192-uuid" {
		t.Errorf("left %q", left)
	}
	s.rooms.leave = func(string, string) error { return ErrNoMember }
	s.ask(t, "DELETE", "/box/v1/me", "", "Authorization", "Bearer "+token).expect(t, 404, "no_member")
	s.ask(t, "DELETE", "/box/v1/me", "").expect(t, 401, "bad_token")
	anon, _ := s.signer.Mint(auth.Claims{Role: auth.Anon}, time.Hour)
	s.ask(t, "DELETE", "/box/v1/me", "", "Authorization", "Bearer "+anon).expect(t, 404, "no_member")
}

func TestNormalCode(t *testing.T) {
	for typed, want := range map[string]string{
		"MUSIC-2024": "MUSIC-2024", "music2024": "MUSIC-2024", " Music 2024": "MUSIC-2024",
		"mu sic – 20 24": "MUSIC-2024", "ＭＵＳＩＣ２０２４": "MUSIC-2024", "MUSIC": "MUSIC", "2024": "2024",
		"A1B2-33": "A1B-233", "": "", "MÚSICA-1": "", "<b>": "", strings.Repeat("A", 25): "", strings.Repeat(" ", 500): "",
	} {
		if got := NormalCode(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func FuzzNormalCode(f *testing.F) {
	for _, seed := range []string{"music 2024", "MUSIC-2024", "\xff", "４", "--", "ﬃ-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code := NormalCode(typed)
		if len(code) > maxCode+1 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			t.Errorf("%q became %q", typed, code)
		}
		if again := NormalCode(code); again != code {
			t.Errorf("%q became %q, then %q", typed, code, again)
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{"code":"MUSIC-2024","name":"Ann"}`, `{}`, ``, `null`, `[`, "\xff", `{"code":1e999}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var req JoinRequest
		if err := parseBody(raw, &req); err != nil && !errors.Is(err, errBody) {
			t.Errorf("%q: %v", raw, err)
		}
	})
}
