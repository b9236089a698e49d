package signin

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/people"
)

// openSignUp is a box on which everybody may sign up with an email.
func openSignUp(t testing.TB) *box {
	t.Helper()
	b := openBox(t)
	b.claim()
	b.cfg.EmailSignUp = true
	return b
}

func (b *box) signUpAs(email, password string) answer {
	b.t.Helper()
	return b.ask("POST", "signup", b.anon, `{"email":"`+email+`","password":"`+password+`","data":{"n":1}}`)
}

func TestSignUpWithEmail(t *testing.T) {
	b := openSignUp(t)
	in := b.signUpAs(" Zoe@School.example ", "secret").expect(t, 200, "")
	if in.User.Email != "zoe@school.example" || in.User.Confirmed == nil || in.User.Anonymous || in.User.Data["n"] != 1.0 || in.RefreshToken == "" {
		t.Errorf("got %s", in.body)
	}
	b.ask("GET", "user", in.AccessToken, "").expect(t, 200, "")
	b.signIn("zoe@school.example", "secret").expect(t, 200, "")
	if got := b.signUpAs("zoe@school.example", "another one").expect(t, 422, "user_already_exists"); got.Message != "User already registered" {
		t.Errorf("got %s", got.body)
	}
	b.signUpAs("teacher@box", "secret").expect(t, 422, "user_already_exists")
	if got := b.signUpAs("ben@school.example", "short").expect(t, 422, "weak_password"); got.Message != "Password should be at least 6 characters." {
		t.Errorf("got %s", got.body)
	}
	b.signUpAs("ben@school.example", "").expect(t, 400, "validation_failed")
	b.ask("POST", "signup", b.anon, `{"phone":"1","password":"secret"}`).expect(t, 422, "phone_provider_disabled")
	for _, email := range []string{"x", "x@", "@x", "x y@z.example", "x@y@z", "x@.example", "x,y@z.example", "ä@z.example"} {
		if got := b.signUpAs(email, "secret").expect(t, 400, "validation_failed"); got.Message != "Unable to validate email address: invalid format" {
			t.Errorf("%s: got %s", email, got.body)
		}
	}
	if got := b.ask("GET", "settings", b.anon, ""); !strings.Contains(got.body, `"disable_signup":false`) {
		t.Errorf("settings: got %s", got.body)
	}
}

func TestPasswordsOverSupabasesLimit(t *testing.T) {
	b := openSignUp(t)
	fits := strings.Repeat("x", people.MaxUserPassword)
	in := b.signUpAs("zoe@school.example", fits).expect(t, 200, "")
	b.signIn("zoe@school.example", fits).expect(t, 200, "")
	for name, got := range map[string]answer{
		"sign-up":  b.signUpAs("ben@school.example", fits+"x"),
		"change":   b.ask("PUT", "user", in.AccessToken, `{"password":"`+fits+`x"}`),
		"creation": b.make(`{"email":"ben@school.example","password":"` + fits + `x"}`),
		"in bytes": b.signUpAs("ben@school.example", fits[1:]+"é"),
	} {
		if got.expect(t, 400, "validation_failed"); got.Message != "Password cannot be longer than 72 characters" {
			t.Errorf("%s: got %s", name, got.body)
		}
	}
}

// TestAnUnclaimedBoxTellsNoEmails signs in with the email of a user, of a deleted
// one and of none.
func TestAnUnclaimedBoxTellsNoEmails(t *testing.T) {
	b := openBox(t)
	if got := b.signIn("zoe@b.c", "guess one"); !strings.Contains(got.Message, "no teacher yet") {
		t.Errorf("without users: got %s", got.body)
	}
	b.make(`{"email":"zoe@b.c","password":"`+password+`"}`).expect(t, 200, "")
	gone := b.make(`{"email":"gone@b.c"}`).expect(t, 200, "")
	b.ask("DELETE", "admin/users/"+gone.ID, b.admin, "").expect(t, 200, "")
	for _, email := range []string{"zoe@b.c", "gone@b.c", "nobody@b.c", "no address", ""} {
		if got := b.signIn(email, "guess one").expect(t, 400, "invalid_credentials"); got.Message != "Invalid login credentials" {
			t.Errorf("%q: got %s", email, got.body)
		}
	}
	b.signIn("zoe@b.c", password).expect(t, 200, "")
}

func TestSignUpWithEmailIsOff(t *testing.T) {
	b := openBox(t)
	b.signUpAs("zoe@school.example", "secret").expect(t, 422, "signup_disabled")
	if got := b.ask("GET", "settings", b.anon, ""); !strings.Contains(got.body, `"disable_signup":true`) {
		t.Errorf("settings: got %s", got.body)
	}
}

func TestSignUpsAreSlowed(t *testing.T) {
	b := openSignUp(t)
	slowed := func() bool { return b.signUpAs("x", "secret").status == 429 }
	for range 300 {
		if slowed() {
			return
		}
	}
	t.Error("an address can try as many emails as it likes")
}

// TestAnAnonymousUserTakesAnEmail keeps who they are.
func TestAnAnonymousUserTakesAnEmail(t *testing.T) {
	b := openSignUp(t)
	me := b.newcomer()
	if len(me.User.Known) != 0 {
		t.Errorf("an anonymous user has identities: %s", me.body)
	}
	b.ask("PUT", "user", me.AccessToken, `{"password":"secret"}`).expect(t, 422, "validation_failed")
	got := b.ask("PUT", "user", me.AccessToken, `{"email":"Zoe@b.c","password":"secret"}`).expect(t, 200, "")
	if got.ID != me.User.ID || got.Anonymous || got.Email != "zoe@b.c" || len(got.Known) != 1 {
		t.Errorf("got %s", got.body)
	}
	if in := b.signIn("zoe@b.c", "secret").expect(t, 200, ""); in.User.ID != me.User.ID {
		t.Errorf("another user signs in: %s", in.body)
	}
}

func TestUsersChangeTheirEmailAndPassword(t *testing.T) {
	b := openBox(t) // without sign-up: an administrator made them
	b.claim()
	b.make(`{"email":"zoe@b.c","password":"first one"}`).expect(t, 200, "")
	b.make(`{"email":"ben@b.c"}`).expect(t, 200, "")
	here, there := b.signIn("zoe@b.c", "first one"), b.signIn("zoe@b.c", "first one")
	change := func(body string) answer { return b.ask("PUT", "user", here.AccessToken, body) }
	change(`{"email":"ben@b.c"}`).expect(t, 422, "email_exists")
	change(`{"email":"zoe"}`).expect(t, 400, "validation_failed")
	change(`{"password":"short"}`).expect(t, 422, "weak_password")
	if got := change(`{"password":"first one"}`).expect(t, 422, "same_password"); got.Message != "New password should be different from the old password." {
		t.Errorf("got %s", got.body)
	}
	if got := change(`{"email":"zoe@b.c","data":{"n":2}}`).expect(t, 200, ""); got.Email != "zoe@b.c" || got.Data["n"] != 2.0 {
		t.Errorf("the same email: got %s", got.body)
	}
	if got := change(`{"email":"Zoe@new.example","password":"second"}`).expect(t, 200, ""); got.Email != "zoe@new.example" {
		t.Errorf("got %s", got.body)
	}
	b.ask("GET", "user", here.AccessToken, "").expect(t, 200, "")
	b.ask("GET", "user", there.AccessToken, "").expect(t, 403, "session_not_found")
	b.signIn("zoe@new.example", "first one").expect(t, 400, "invalid_credentials")
	b.signIn("zoe@new.example", "second").expect(t, 200, "")
	b.signUpAs("zoe@b.c", "secret").expect(t, 422, "signup_disabled")
}

func TestTheTeacherStaysWhoTheyAre(t *testing.T) {
	b := openBox(t)
	b.claim()
	me := b.signIn("me@school.example", password).expect(t, 200, "")
	for _, body := range []string{`{"email":"a@b.c"}`, `{"password":"another one"}`} {
		b.ask("PUT", "user", me.AccessToken, body).expect(t, 422, "validation_failed")
	}
	b.ask("PUT", "user", me.AccessToken, `{"data":{"n":1}}`).expect(t, 200, "")
	b.signIn("me@school.example", password).expect(t, 200, "")
}

func TestIdentities(t *testing.T) {
	b := openSignUp(t)
	u := b.signUpAs("zoe@b.c", "secret").expect(t, 200, "").User
	if len(u.Known) != 1 {
		t.Fatalf("got %d identities", len(u.Known))
	}
	got := u.Known[0]
	if got.Key == "" || got.Key == u.ID || got.SignedIn == nil || got.Created.IsZero() || got.Updated.IsZero() {
		t.Errorf("got %+v", got)
	}
	want := identity{
		Key: got.Key, ID: u.ID, User: u.ID, Provider: "email", Email: "zoe@b.c", SignedIn: got.SignedIn, Created: got.Created, Updated: got.Updated,
		Data: object{"sub": u.ID, "email": "zoe@b.c", "email_verified": false, "phone_verified": false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again := b.signIn("zoe@b.c", "secret").User.Known
	if len(again) != 1 || again[0].Key != got.Key {
		t.Errorf("the identity is another one the next time: %+v", again)
	}
}

// TestWhatIsNotOfferedSaysSo calls everything of Supabase Auth that a box
// without internet cannot do.
func TestWhatIsNotOfferedSaysSo(t *testing.T) {
	b := openSignUp(t)
	me := b.newcomer().AccessToken
	for call, want := range map[string]string{
		"GET authorize?provider=github":            "no OAuth",
		"GET callback?code=x":                      "no OAuth",
		"POST sso":                                 "no OAuth",
		"POST token?grant_type=id_token":           "no OAuth",
		"POST token?grant_type=pkce":               "no OAuth",
		"GET user/identities/authorize?provider=x": "no OAuth",
		"DELETE user/identities/x":                 "no OAuth",
		"POST otp":                                 "no mail",
		"POST magiclink":                           "no mail",
		"POST recover":                             "no mail",
		"POST resend":                              "no mail",
		"POST verify":                              "no mail",
		"GET verify?token=x&type=signup":           "no mail",
		"GET reauthenticate":                       "no mail",
		"POST invite":                              "no mail",
		"POST admin/generate_link":                 "no mail",
		"POST factors":                             "no second factors",
		"POST factors/x/challenge":                 "no second factors",
		"DELETE factors/x":                         "no second factors",
		"GET nothing":                              "no such page",
	} {
		method, path, _ := strings.Cut(call, " ")
		got := b.ask(method, path, me, `{}`)
		if !strings.Contains(got.Message, want) || got.status < 400 || got.status > 499 {
			t.Errorf("%s: got %d %s", call, got.status, got.body)
		}
	}
	// A browser follows the link of signInWithOAuth, without any key.
	if got := b.send("GET", "authorize?provider=github", ""); got.status != 400 || !strings.Contains(got.body, "no OAuth") {
		t.Errorf("a browser: got %d %s", got.status, got.body)
	}
}

func TestPagesOfUsersAreNumbers(t *testing.T) {
	b := openSignUp(t)
	for _, query := range []string{"page=0", "page=-1", "page=x", "per_page=0", "per_page=1.5"} {
		b.ask("GET", "admin/users?"+query, b.admin, "").expect(t, 400, "validation_failed")
	}
	for i := range 3 {
		b.signUpAs(strings.Repeat("x", i+1)+"@b.c", "secret").expect(t, 200, "")
	}
	var all []string
	for _, page := range []string{"1", "2", "3", "99999999999999999999"} {
		for _, u := range b.ask("GET", "admin/users?per_page=2&page="+page, b.admin, "").expect(t, 200, "").Users {
			all = append(all, u.Email)
		}
	}
	if want := []string{"xxx@b.c", "xx@b.c", "x@b.c", "teacher@box"}; !slices.Equal(all, want) {
		t.Errorf("got %q, want %q", all, want)
	}
}
