package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/names"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/room"
	"github.com/google/go-cmp/cmp"
)

const (
	roomCode = "MUSIC-2024"
	roomName = "Music"
)

var otter = room.Seat{
	Resume: "r3sume",
	Member: room.Member{ID: "0192-uuid", Seat: 3, Name: "Blue Otter", Role: room.RoleStudent},
}

func TestJoin(t *testing.T) {
	s := newSite(t, nil)
	var asked room.Applicant
	code := ""
	s.rooms.join = func(in string, a room.Applicant) (room.Seat, error) { code, asked = in, a; return otter, nil }
	got := s.ask(t, "POST", "/box/v1/join", `{"code":" music 2024 ","name":"Ann","resume":"old","extra":1}`)
	if want := (room.Applicant{Role: room.RoleStudent, Name: "Ann", Resume: "old"}); asked != want || code != roomCode {
		t.Errorf("asked for %+v in %s, want %+v in %s", asked, code, want, roomCode)
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
	want := SeatReply{Resume: "r3sume", Topic: "music_room:MUSIC-2024", Room: RoomName{"MUSIC-2024", "Music"}, Member: replyOf(otter.Member)}
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
		{room.ErrNoRoom, 404, "not_found"},
		{fmt.Errorf("join: %w", room.ErrLocked), 423, "locked"},
		{room.ErrFull, 409, "full"},
		{room.ErrRemoved, 403, "removed"},
		{names.ErrName, 422, "bad_name"},
		{errors.New("bbolt: page 7 on fire"), 500, "internal"},
	}
	for _, tt := range tests {
		s.rooms.join = func(string, room.Applicant) (room.Seat, error) { return room.Seat{}, tt.err }
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
	s.rooms.open = []string{roomCode}
	s.rooms.join = func(code string, _ room.Applicant) (room.Seat, error) {
		if code != roomCode {
			return room.Seat{}, room.ErrNoRoom
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

// TestNewSeatsOfAnAddress joins from addresses of a class. The server of these
// tests is on loopback, which has no limit.
func TestNewSeatsOfAnAddress(t *testing.T) {
	s := newSite(t, nil)
	s.rooms.join = func(string, room.Applicant) (room.Seat, error) { return otter, nil }
	s.rooms.returning = func(resume string) (room.Member, bool) { return otter.Member, resume == otter.Resume }
	const resumed = `{"code":"MUSIC-2024","resume":"r3sume"}`
	for name, tt := range map[string]struct{ address, body string }{
		"without a secret":      {"192.0.2.1:1", `{"code":"MUSIC-2024"}`},
		"with a secret of none": {"192.0.2.2:1", `{"code":"MUSIC-2024","resume":"x"}`},
	} {
		for i := range ratelimit.SeatsBurst {
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
	for range ratelimit.SeatsBurst + 1 {
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
	s.rooms.join = func(string, room.Applicant) (room.Seat, error) { return otter, nil }
	s.rooms.returning = func(string) (room.Member, bool) { return otter.Member, true }
	again := fmt.Sprintf(`{"code":"MUSIC-2024","resume":"r3sume","name":%q}`, otter.Member.Name)
	for range 3 * ratelimit.NamesBurst {
		s.ask(t, "POST", "/box/v1/join", again).expect(t, 200, "")
	}
	var got reply
	for range ratelimit.NamesBurst + 1 {
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
	s.rooms.create = func(code, name string) (room.Summary, error) {
		return room.Summary{Code: code, Name: name, CreatedAt: created}, nil
	}
	want := `{"code":"DRUM-0007","name":"Drums","online":0,"locked":false,"created_at":"2026-11-23T09:00:00Z"}` + "\n"
	if got := s.ask(t, "POST", "/box/v1/rooms", `{"name":"Drums","code":"drum 0007"}`); got.status != 201 || got.body != want {
		t.Errorf("create: got %d %s, want %s", got.status, got.body, want)
	}
	s.ask(t, "POST", "/box/v1/rooms", `{"code":"¿que?"}`).expect(t, 422, "bad_code")
	s.rooms.create = func(string, string) (room.Summary, error) { return room.Summary{}, room.ErrCodeTaken }
	s.ask(t, "POST", "/box/v1/rooms", "").expect(t, 409, "code_taken")

	closed := ""
	s.rooms.close = func(code string) error { closed = code; return nil }
	s.ask(t, "DELETE", "/box/v1/rooms/music2024", "").expect(t, 204, "")
	if closed != "MUSIC-2024" {
		t.Errorf("closed %q", closed)
	}
	s.ask(t, "POST", "/box/v1/rooms/MUSIC-2024/enter", `{"as":"student"}`).expect(t, 400, "bad_request")
	s.rooms.join = func(_ string, a room.Applicant) (room.Seat, error) {
		seat := otter
		seat.Role = a.Role
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
	var asked [3]string
	s.rooms.rename = func(code, id, name string) (room.Member, error) {
		asked = [3]string{code, id, name}
		return otter.Member, nil
	}
	s.rooms.shuffle = func(string, string) (room.Member, error) {
		return room.Member{ID: otter.ID, Name: "Red Fox"}, nil
	}
	token, err := s.signer.Mint(auth.Member("0192-uuid", "MUSIC-2024", "student"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	got := s.ask(t, "POST", "/box/v1/me", `{"name":"Ann","student_id":"other","code":"OTHER-1"}`, "Authorization", "Bearer "+token)
	if want := [3]string{"MUSIC-2024", "0192-uuid", "Ann"}; got.status != 200 || asked != want {
		t.Errorf("got %d, asked %+v, want %+v", got.status, asked, want)
	}
	got = s.ask(t, "POST", "/box/v1/me", `{"shuffle":true}`, "Authorization", "Bearer "+token)
	if want := `{"member":{"student_id":"0192-uuid","seat":0,"name":"Red Fox","role":""}}` + "\n"; got.body != want {
		t.Errorf("shuffled: got %s, want %s", got.body, want)
	}
	for range ratelimit.NamesBurst { // faster than people read
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
	s.rooms.leave = func(string, string) error { return room.ErrNoMember }
	s.ask(t, "DELETE", "/box/v1/me", "", "Authorization", "Bearer "+token).expect(t, 404, "no_member")
	s.ask(t, "DELETE", "/box/v1/me", "").expect(t, 401, "bad_token")
	anon, _ := s.signer.Mint(auth.Claims{Role: auth.Anon}, time.Hour)
	s.ask(t, "DELETE", "/box/v1/me", "", "Authorization", "Bearer "+anon).expect(t, 404, "no_member")
}

// TestSlipsOfChildren joins with every code of the shared vectors that is
// looked up among rooms.
func TestSlipsOfChildren(t *testing.T) {
	s := newSite(t, func(c *Config) {
		patient := ratelimit.JoinThrottle()
		patient.Free = 1000
		c.Codes = ratelimit.NewThrottle(patient)
	})
	s.rooms.join = func(code string, _ room.Applicant) (room.Seat, error) {
		if !slices.Contains(s.rooms.open, code) {
			return room.Seat{}, room.ErrNoRoom
		}
		return otter, nil
	}
	raw, err := os.ReadFile("../names/testdata/codes.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Find []struct {
			Typed string
			Open  []string
			Code  string
		}
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, tt := range vectors.Find {
		s.rooms.open = tt.Open
		body, _ := json.Marshal(JoinRequest{Code: tt.Typed})
		got := s.ask(t, "POST", "/box/v1/join", string(body))
		if tt.Code == "" {
			got.expect(t, 404, "not_found")
			continue
		}
		var seat SeatReply
		if err := json.Unmarshal([]byte(got.body), &seat); err != nil || seat.Room.Code != tt.Code || seat.Topic != "music_room:"+tt.Code {
			t.Errorf("%+q among %v: %d %s, want %s", tt.Typed, tt.Open, got.status, got.body, tt.Code)
		}
	}
}

// TestASlipIsNoOracle tries slips that mean two rooms: the answer and its cost
// are those of a code that no room has.
func TestASlipIsNoOracle(t *testing.T) {
	s := newSite(t, nil)
	s.rooms.open = []string{"MUSIC-2024", "MUSIK-2024"} // one text sounds like both
	s.rooms.join = func(code string, _ room.Applicant) (room.Seat, error) {
		if !slices.Contains(s.rooms.open, code) {
			return room.Seat{}, room.ErrNoRoom
		}
		return otter, nil
	}
	none := s.ask(t, "POST", "/box/v1/join", `{"code":"tuba 2024"}`)
	for i := range ratelimit.JoinThrottle().Free { // each is typed another way: the same again is no guess
		two := s.ask(t, "POST", "/box/v1/join", fmt.Sprintf(`{"code":%q}`, strings.Repeat(" ", i)+"muzik 2024"))
		if two.status != 404 || two.body != none.body {
			t.Errorf("got %d %s, want %s", two.status, two.body, none.body)
		}
	}
	s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024"}`).expect(t, 429, "slow_down")
}

// TestComingBackForgivesNoSlip resumes in a room that is closed while a room of
// nearly the same code is open.
func TestComingBackForgivesNoSlip(t *testing.T) {
	s := newSite(t, nil)
	s.rooms.open = []string{"MUSIC-2024"}
	s.rooms.join = func(code string, _ room.Applicant) (room.Seat, error) {
		if !slices.Contains(s.rooms.open, code) {
			return room.Seat{}, room.ErrNoRoom
		}
		return otter, nil
	}
	s.ask(t, "POST", "/box/v1/join", `{"code":"MUZIK-2024","exact":true}`).expect(t, 404, "not_found")
	s.ask(t, "POST", "/box/v1/join", `{"code":"MUZIK-2024"}`).expect(t, 200, "")
	s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024","exact":true}`).expect(t, 200, "")
}

func TestATeacherChoosesNoCodeByASlip(t *testing.T) {
	s := newSite(t, nil)
	s.signIn(t)
	for _, code := range []string{"MUSIC-2O24", "H2O-2024", "MUSIC"} {
		s.ask(t, "POST", "/box/v1/rooms", `{"code":"`+code+`"}`).expect(t, 422, "bad_code")
	}
	closed := "no call"
	s.rooms.close = func(code string) error { closed = code; return room.ErrNoRoom }
	s.ask(t, "DELETE", "/box/v1/rooms/MUSIC-2O24", "").expect(t, 404, "not_found")
	if closed != "" {
		t.Errorf("closed %q", closed)
	}
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
