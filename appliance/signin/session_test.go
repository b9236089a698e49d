package signin

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/people"
)

func TestAnonymousSignIn(t *testing.T) {
	b := openBox(t)
	got := b.ask("POST", "signup", b.anon, `{"data":{"nick":"Zoë"},"gotrue_meta_security":{}}`).expect(t, 200, "")
	if got.ExpiresIn != 3600 || !got.User.Anonymous || got.User.Role != "authenticated" || uuid.Validate(got.User.ID) != nil {
		t.Errorf("got %s", got.body)
	}
	claims, err := b.cfg.Signer.Verify(got.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if claims.Role != auth.Authenticated || claims.Subject != got.User.ID || claims.App != (auth.AppMetadata{}) || claims.All["is_anonymous"] != true {
		t.Errorf("the token says %+v", claims)
	}
	if left := time.Until(claims.ExpiresAt); left < 59*time.Minute || left > time.Hour {
		t.Errorf("the token holds %v", left)
	}
	if again := b.newcomer(); again.User.ID == got.User.ID {
		t.Error("two are one user")
	}
}

func TestTheTeacherSignsIn(t *testing.T) {
	b := openBox(t)
	b.signIn("teacher@box", password).expect(t, 400, "invalid_credentials")
	b.claim()
	id := ""
	for _, email := range []string{"teacher@box", "", "Ms.Rivera@School.example", "no address"} {
		got := b.signIn(email, password).expect(t, 200, "")
		if id == "" {
			id = got.User.ID
		}
		claims, err := b.cfg.Signer.Verify(got.AccessToken)
		if err != nil || !claims.Teacher("ANY-1") || claims.Subject != id {
			t.Errorf("%q: the token says %+v, %v", email, claims, err)
		}
	}
	if got := b.signIn("no address", password); got.User.Email != "ms.rivera@school.example" {
		t.Errorf("email: got %q", got.User.Email)
	}
}

// reuse is how long a refresh token stays good after its use (Supabase Auth's
// default).
const reuse = 10 * time.Second

// TestGuessesAreSlowed runs in a bubble, where no time passes between a guess
// and the next.
func TestGuessesAreSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openBox(t)
		b.claim()
		b.make(`{"email":"zoe@school.example","password":"`+password+`"}`).expect(t, 200, "")
		b.make(`{"email":"ben@school.example","password":"`+password+`"}`).expect(t, 200, "")
		tooLong := strings.Repeat("x", people.MaxPassword+1) // refused without the work of a hash
		for _, email := range []string{"teacher@box", "zoe@school.example"} {
			for range 21 { // one more than are free
				b.signIn(email, tooLong).expect(t, 400, "invalid_credentials")
			}
			got := b.signIn(email, password).expect(t, 429, "over_request_rate_limit")
			if got.header.Get("Retry-After") != "1" {
				t.Errorf("%s: Retry-After: got %q", email, got.header.Get("Retry-After"))
			}
		}
		b.signIn("ben@school.example", "wrong horse").expect(t, 400, "invalid_credentials")
		b.signIn("ben@school.example", password).expect(t, 200, "")
	})
}

func TestCallersInAHurryAreSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openBox(t)
		for range 201 { // one more than are free
			if _, err := b.cfg.People.SignUp(t.Context(), "192.0.2.1:1", nil); err != nil {
				t.Fatal(err)
			}
		}
		got := b.ask("POST", "signup", b.anon, `{}`).expect(t, 429, "over_request_rate_limit")
		if got.header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After: got %q", got.header.Get("Retry-After"))
		}
	})
}

func TestRefresh(t *testing.T) {
	b := openBox(t)
	first := b.newcomer()
	second := b.refresh(first.RefreshToken).expect(t, 200, "")
	if second.RefreshToken == first.RefreshToken || second.User.ID != first.User.ID {
		t.Errorf("got %s", second.body)
	}
	b.later(reuse - time.Second)
	again := b.refresh(first.RefreshToken).expect(t, 200, "")
	if again.RefreshToken != second.RefreshToken {
		t.Error("a token that is used twice in a moment gives two")
	}
	third := b.refresh(second.RefreshToken).expect(t, 200, "")
	b.refresh(third.RefreshToken).expect(t, 200, "")
}

func TestARefreshTokenThatComesLaterEndsTheSession(t *testing.T) {
	for name, turns := range map[string]int{"the last one": 1, "one before": 2} {
		t.Run(name, func(t *testing.T) {
			b := openBox(t)
			stolen := b.newcomer()
			now := stolen
			for range turns {
				now = b.refresh(now.RefreshToken).expect(t, 200, "")
			}
			if turns == 1 {
				b.later(reuse)
			}
			b.refresh(stolen.RefreshToken).expect(t, 400, "refresh_token_already_used")
			b.refresh(now.RefreshToken).expect(t, 400, "refresh_token_not_found")
			b.ask("GET", "user", now.AccessToken, "").expect(t, 403, "session_not_found")
			if !strings.Contains(b.log.String(), "came twice") {
				t.Errorf("the log says %s", b.log)
			}
		})
	}
}

func TestRefreshRefuses(t *testing.T) {
	b := openBox(t)
	good := b.newcomer().RefreshToken
	for name, token := range map[string]string{
		"nothing": "", "words": "hello", "cut": good[:len(good)-1], "longer": good + "AAAA",
		"another signature": good[:len(good)-4] + "AAAA", "another box's": openBox(t).newcomer().RefreshToken,
	} {
		if got := b.refresh(token); got.status != 400 || got.Code != "refresh_token_not_found" {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
	b.refresh(good).expect(t, 200, "")
	b.ask("POST", "token", b.anon, `{}`).expect(t, 400, "unsupported_grant_type")
	b.ask("POST", "token?grant_type=refresh_token", b.anon, `{"refresh_token":7}`).expect(t, 400, "bad_json")
	b.ask("POST", "token?grant_type=refresh_token", b.anon, "\xff").expect(t, 400, "bad_json")
	b.ask("POST", "token?grant_type=refresh_token", b.anon, strings.Repeat(" ", maxBody+1)).expect(t, 413, "validation_failed")
}

func TestTwoTabsRefreshAtOnce(t *testing.T) {
	b := openBox(t)
	first := b.newcomer().RefreshToken
	var wg sync.WaitGroup
	got := make([]answer, 8)
	for i := range got {
		wg.Go(func() { got[i] = b.refresh(first) })
	}
	wg.Wait()
	for _, a := range got {
		if a.status != 200 || a.RefreshToken != got[0].RefreshToken {
			t.Errorf("got %d %s", a.status, a.body)
		}
	}
}

func TestLogOut(t *testing.T) {
	tests := []struct {
		scope string
		want  []int // status of a refresh by this session and by another
	}{
		{"", []int{400, 400}}, {"?scope=global", []int{400, 400}}, {"?scope=local", []int{400, 200}}, {"?scope=others", []int{200, 400}},
	}
	for _, tt := range tests {
		b := openBox(t)
		b.claim()
		this, other, student := b.signIn("", password), b.signIn("", password), b.newcomer()
		b.ask("POST", "logout"+tt.scope, this.AccessToken, "").expect(t, 204, "")
		got := []int{b.refresh(this.RefreshToken).status, b.refresh(other.RefreshToken).status}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("scope %q (-want +got):\n%s", tt.scope, diff)
		}
		b.refresh(student.RefreshToken).expect(t, 200, "")
	}
	b := openBox(t)
	student := b.newcomer()
	b.ask("POST", "logout?scope=all", student.AccessToken, "").expect(t, 400, "validation_failed")
	b.ask("POST", "logout", student.AccessToken, "").expect(t, 204, "")
	b.ask("POST", "logout", student.AccessToken, "").expect(t, 403, "session_not_found")
}

func TestUser(t *testing.T) {
	b := openBox(t)
	me := b.newcomer()
	got := b.ask("GET", "user", me.AccessToken, "").expect(t, 200, "")
	if diff := cmp.Diff(me.User, got.publicUser); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.send("GET", "user", "", "apikey", b.anon, versionHeader, newVersion).expect(t, 401, "no_authorization")
	b.ask("GET", "user", "nonsense", "").expect(t, 403, "bad_jwt")
	b.ask("GET", "user", b.anon, "").expect(t, 403, "bad_jwt")
	stranger, err := b.cfg.Signer.Mint(auth.Member("s-1", "MUSIC-2024", "student"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.ask("GET", "user", stranger, "").expect(t, 403, "user_not_found")
	forged := auth.Claims{Role: auth.Authenticated, Subject: me.User.ID, All: object{"session_id": 7}}
	token, err := b.cfg.Signer.Mint(forged, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.ask("GET", "user", token, "").expect(t, 403, "session_not_found")
}

func TestChangeUser(t *testing.T) {
	b := openBox(t)
	me := b.newcomer().AccessToken
	b.ask("PUT", "user", me, `{"data":{"a":1,"b":{"c":2}},"code_challenge":null}`).expect(t, 200, "")
	got := b.ask("PUT", "user", me, `{"data":{"a":null,"d":"x"}}`).expect(t, 200, "")
	if diff := cmp.Diff(object{"b": object{"c": 2.0}, "d": "x"}, got.Data); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again := b.ask("GET", "user", me, "")
	if diff := cmp.Diff(got.Data, again.Data); diff != "" {
		t.Errorf("asked again (-want +got):\n%s", diff)
	}
	for body, code := range map[string]string{
		`{"email":"a@b.c"}`: "signup_disabled", `{"password":"a long password"}`: "validation_failed", `{"phone":"1"}`: "phone_provider_disabled",
	} {
		b.ask("PUT", "user", me, body).expect(t, 422, code)
	}
	b.ask("PUT", "user", me, `{"data":{"x":"`+strings.Repeat("x", 4<<10)+`"}}`).expect(t, 422, "validation_failed")
	b.ask("PUT", "user", me, `{"data":[1]}`).expect(t, 400, "bad_json")
	b.ask("POST", "signup", b.anon, `{"data":{"x":"`+strings.Repeat("x", 4<<10)+`"}}`).expect(t, 422, "validation_failed")
}
