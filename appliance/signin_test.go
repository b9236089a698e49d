package appliance

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// signedIn is what a test reads of a sign-in.
type signedIn struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	User         struct {
		ID        string
		Anonymous bool `json:"is_anonymous"`
	}
}

// auth asks what auth-js asks, from a page of another site.
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
	b := openBox(t, Config{DataDir: dir})
	if err := b.accounts.SetUp(t.Context(), "correct horse"); err != nil {
		t.Fatal(err)
	}
	b.open("MUSIC-2024")

	student, status := b.auth("signup", `{"data":{}}`)
	if status != http.StatusOK || !student.User.Anonymous {
		t.Fatalf("got %d %+v", status, student)
	}
	c := b.dial(b.token(anonClaims))
	if r := c.private("lobby", student.AccessToken); r.Status != "ok" {
		t.Errorf("who signed in with nothing, in a private channel: %+v", r)
	}
	if r := b.dial(student.AccessToken).knock("MUSIC-2024"); r.Status != "error" {
		t.Errorf("who signed in with nothing, in a room behind a door: %+v", r)
	}

	teacher, status := b.auth("token?grant_type=password", `{"email":"teacher@box","password":"correct horse"}`)
	if status != http.StatusOK {
		t.Fatalf("the teacher: got %d", status)
	}
	b.dial(teacher.AccessToken).join("MUSIC-2024").must("set_tempo", object{"bpm": 100})
	b.open("CHOIR-1000")
	b.dial(teacher.AccessToken).join("CHOIR-1000").must("start", object{})

	b.stop()
	again := openBox(t, Config{DataDir: dir})
	if got, status := again.auth("token?grant_type=refresh_token", `{"refresh_token":"`+student.RefreshToken+`"}`); status != http.StatusOK || got.User.ID != student.User.ID {
		t.Errorf("after a restart: got %d %+v", status, got)
	}
}
