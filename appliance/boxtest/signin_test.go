package boxtest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"downbeat.local/appliance"
)

// signedIn is the answer to a sign-in.
type signedIn struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	User         struct {
		ID        string
		Anonymous bool `json:"is_anonymous"`
	}
}

// auth makes a request as auth-js does from a page of another site.
func (b *box) auth(path, body string) (out signedIn, status int) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), "POST", b.url+"/auth/v1/"+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("apikey", b.token(anonClaims))
	req.Header.Set("Origin", "https://app.example")
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(resp.Header.Get("Access-Control-Expose-Headers"), "X-Supabase-Api-Version") {
		b.t.Errorf("%s: a page of another site cannot read the answer: %v", path, resp.Header)
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		b.t.Fatal(err)
	}
	return out, resp.StatusCode
}

func TestSignInWithSupabaseAuth(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: dir})
	b.open("MUSIC-2024")

	student, status := b.auth("signup", `{"data":{}}`)
	if status != http.StatusOK || !student.User.Anonymous {
		t.Fatalf("got %d %+v", status, student)
	}
	c := b.dial(b.token(anonClaims))
	if r := c.private("lobby", student.AccessToken); r.Status != "ok" {
		t.Errorf("an anonymous user in a private channel: %+v", r)
	}
	if r := b.dial(student.AccessToken).askToJoin("MUSIC-2024"); r.Status != "error" {
		t.Errorf("an anonymous user in a room with a door: %+v", r)
	}

	teacher, status := b.auth("token?grant_type=password", `{"email":"teacher@box","password":"`+password+`"}`)
	if status != http.StatusOK {
		t.Fatalf("the teacher: got %d", status)
	}
	b.dial(teacher.AccessToken).join("MUSIC-2024").must("set_tempo", object{"bpm": 100})
	b.open("CHOIR-1000")
	b.dial(teacher.AccessToken).join("CHOIR-1000").must("start", object{})

	b.stop()
	again := openBox(t, appliance.Config{DataDir: dir})
	if got, status := again.auth("token?grant_type=refresh_token", `{"refresh_token":"`+student.RefreshToken+`"}`); status != http.StatusOK || got.User.ID != student.User.ID {
		t.Errorf("after a restart: got %d %+v", status, got)
	}
}

// TestEmailSignUpIsASetting asks boxes with and without it.
func TestEmailSignUpIsASetting(t *testing.T) {
	t.Parallel()
	const body = `{"email":"zoe@school.example","password":"secret"}`
	for on, want := range map[bool]int{false: http.StatusUnprocessableEntity, true: http.StatusOK} {
		b := openBox(t, appliance.Config{EmailSignUp: on})
		got, status := b.auth("signup", body)
		if status != want {
			t.Errorf("email sign-up %v: got %d, want %d", on, status, want)
		}
		if on {
			if r := b.dial(b.token(anonClaims)).private("lobby", got.AccessToken); r.Status != "ok" {
				t.Errorf("a new user in a private channel: %+v", r)
			}
		}
	}
}

// TestAbsentServicesOfAWholeBox calls what the box does not offer from a page of
// another site: the page gets to read why.
func TestAbsentServicesOfAWholeBox(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	for _, path := range []string{"/storage/v1/bucket", "/storage/v1/object/a/b", "/functions/v1/hello", "/graphql/v1", "/graphql/v1/", "/auth/v1/authorize?provider=x"} {
		for _, method := range []string{"OPTIONS", "GET", "POST"} {
			req, err := http.NewRequestWithContext(t.Context(), method, b.url+path, strings.NewReader(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Origin", "https://app.example")
			req.Header.Set("Access-Control-Request-Headers", "apikey")
			resp, err := b.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s %s: a page cannot read the answer: %v, %v", method, path, resp.Header, err)
			}
			if says := strings.Contains(string(body), "he box has no "); (resp.StatusCode < 400) != (method == "OPTIONS") || says == (method == "OPTIONS") {
				t.Errorf("%s %s: got %d %s", method, path, resp.StatusCode, body)
			}
		}
	}
}
