package signin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
)

// make makes a user as an administrator.
func (b *box) make(body string) answer {
	b.t.Helper()
	return b.ask("POST", "admin/users", b.admin, body)
}

func TestAdminMakesAndDeletesAUser(t *testing.T) {
	b := openBox(t)
	b.claim()
	u := b.make(`{"email":" Zoe@School.example ","password":"`+password+`","email_confirm":true,"user_metadata":{"n":1},"app_metadata":{"downbeat_role":"teacher"}}`).expect(t, 200, "")
	if u.Email != "zoe@school.example" || u.Confirmed == nil || u.Anonymous || u.Data["n"] != 1.0 {
		t.Errorf("got %s", u.body)
	}
	in := b.signIn("zoe@school.EXAMPLE", password).expect(t, 200, "")
	claims, err := b.cfg.Signer.Verify(in.AccessToken)
	if err != nil || claims.Subject != u.ID || !claims.Teacher("ANY-1") {
		t.Errorf("the token says %+v, %v", claims, err)
	}
	path := "admin/users/" + u.ID
	b.ask("GET", path, b.admin, "").expect(t, 200, "")
	b.ask("DELETE", path, b.admin, `{"should_soft_delete":false}`).expect(t, 200, "")
	b.ask("DELETE", path, b.admin, "").expect(t, 404, "user_not_found")
	b.ask("GET", path, b.admin, "").expect(t, 404, "user_not_found")
	b.refresh(in.RefreshToken).expect(t, 400, "refresh_token_not_found")
	b.ask("GET", "user", in.AccessToken, "").expect(t, 403, "user_not_found")
	b.signIn("zoe@school.example", password).expect(t, 400, "invalid_credentials")
	b.make(`{"email":"zoe@school.example","password":"`+password+`"}`).expect(t, 200, "")
	b.signIn("zoe@school.example", password).expect(t, 200, "")
}

func TestAdminIsRefused(t *testing.T) {
	b := openBox(t)
	student := b.newcomer().AccessToken
	for name, bearer := range map[string]string{"anon": b.anon, "a student": student, "a user": b.mint(auth.Authenticated)} {
		for _, call := range []string{"POST admin/users", "GET admin/users", "GET admin/users/x", "PUT admin/users/x", "DELETE admin/users/x"} {
			method, path, _ := strings.Cut(call, " ")
			if got := b.ask(method, path, bearer, `{}`); got.status != 403 || got.Code != "not_admin" || got.Message != "User not allowed" {
				t.Errorf("%s, %s: got %d %s", name, call, got.status, got.body)
			}
		}
	}
	b.ask("GET", "admin/users", "nonsense", "").expect(t, 403, "bad_jwt")
	b.send("GET", "admin/users", "", "apikey", b.admin).expect(t, 200, "")
}

func TestCreateUserRefuses(t *testing.T) {
	b := openBox(t)
	id := uuid.NewString()
	b.make(`{"email":"a@b.c","id":"`+id+`"}`).expect(t, 200, "")
	for body, want := range map[string]struct {
		status int
		code   string
	}{
		`{"email":"A@b.c"}`:                     {422, "email_exists"},
		`{"email":"teacher@box"}`:               {422, "email_exists"},
		`{"email":"x@b.c","id":"` + id + `"}`:   {422, "email_exists"},
		`{"email":"x@b.c","id":"7"}`:            {404, "validation_failed"},
		`{"email":"x@b.c","password":"short"}`:  {422, "weak_password"},
		`{"email":"x"}`:                         {400, "validation_failed"},
		`{"email":"x@@b"}`:                      {400, "validation_failed"},
		`{"email":"x y@b"}`:                     {400, "validation_failed"},
		`{}`:                                    {400, "validation_failed"},
		`{"phone":"+491234"}`:                   {422, "validation_failed"},
		`{"email":"x@b.c","phone":"+491234"}`:   {422, "validation_failed"},
		`{"email":"x@b.c","ban_duration":"1h"}`: {422, "validation_failed"},
		`{"email":"x@b.c","user_metadata":[]}`:  {400, "bad_json"},
		`{"email":"x@b.c","role":"` + strings.Repeat("x", 65) + `"}`:                 {422, "validation_failed"},
		`{"email":"x@b.c","app_metadata":{"x":"` + strings.Repeat("x", 5000) + `"}}`: {422, "validation_failed"},
	} {
		b.make(body).expect(t, want.status, want.code)
	}
	b.signIn("a@b.c", "any password").expect(t, 400, "invalid_credentials")
}

func TestEditUser(t *testing.T) {
	b := openBox(t)
	a, other := b.make(`{"email":"a@b.c","user_metadata":{"n":1}}`), b.make(`{"email":"other@b.c"}`)
	path := "admin/users/" + a.ID
	got := b.ask("PUT", path, b.admin, `{"user_metadata":{"m":2},"app_metadata":{"room":"MUSIC-2024"},"password":"a new password"}`).expect(t, 200, "")
	if diff := cmp.Diff(object{"n": 1.0, "m": 2.0}, got.Data); diff != "" || got.App["room"] != "MUSIC-2024" || got.Email != "a@b.c" {
		t.Errorf("got %s (-want +got):\n%s", got.body, diff)
	}
	b.signIn("a@b.c", "a new password").expect(t, 200, "")
	b.ask("PUT", path, b.admin, `{"email":"other@b.c"}`).expect(t, 422, "email_exists")
	b.ask("PUT", path, b.admin, `{"email":"a@b.c"}`).expect(t, 200, "")
	b.ask("PUT", "admin/users/"+other.ID, b.admin, `{"email":"new@b.c"}`).expect(t, 200, "")
	b.claim()
	teacher := "admin/users/" + b.signIn("", password).User.ID
	b.ask("PUT", teacher, b.admin, `{"email":"x@b.c"}`).expect(t, 422, "validation_failed")
	b.ask("DELETE", teacher, b.admin, ``).expect(t, 422, "validation_failed")
	b.ask("PUT", "admin/users/x", b.admin, `{}`).expect(t, 404, "validation_failed")
	b.ask("PUT", path, b.admin, `{"ban_duration":"24h"}`).expect(t, 422, "validation_failed")
	b.ask("PUT", path, b.admin, `{"ban_duration":"none"}`).expect(t, 200, "")
}

func TestAUserWhoIsNotConfirmed(t *testing.T) {
	b := openBox(t)
	b.claim()
	u := b.make(`{"email":"a@b.c","password":"`+password+`","email_confirm":false}`).expect(t, 200, "")
	if u.Confirmed != nil {
		t.Errorf("got %s", u.body)
	}
	b.signIn("a@b.c", "another").expect(t, 400, "invalid_credentials")
	if got := b.signIn("a@b.c", password).expect(t, 400, "email_not_confirmed"); got.Message != "Email not confirmed" {
		t.Errorf("got %s", got.body)
	}
	path := "admin/users/" + u.ID
	b.ask("PUT", path, b.admin, `{"user_metadata":{"n":1}}`).expect(t, 200, "")
	b.signIn("a@b.c", password).expect(t, 400, "email_not_confirmed")
	if u = b.ask("PUT", path, b.admin, `{"email_confirm":true}`).expect(t, 200, ""); u.Confirmed == nil {
		t.Errorf("after confirming: got %s", u.body)
	}
	b.signIn("a@b.c", password).expect(t, 200, "")
	b.ask("PUT", path, b.admin, `{"email_confirm":false}`).expect(t, 200, "") // changes nothing, as in Supabase Auth
	b.signIn("a@b.c", password).expect(t, 200, "")
}

func TestAnotherPasswordEndsTheSessions(t *testing.T) {
	b := openBox(t)
	u := b.make(`{"email":"a@b.c","password":"` + password + `"}`)
	in := b.signIn("a@b.c", password).expect(t, 200, "")
	path := "admin/users/" + u.ID
	b.ask("PUT", path, b.admin, `{"user_metadata":{"n":1}}`).expect(t, 200, "")
	in = b.refresh(in.RefreshToken).expect(t, 200, "")
	b.ask("PUT", path, b.admin, `{"password":"a new password"}`).expect(t, 200, "")
	b.refresh(in.RefreshToken).expect(t, 400, "refresh_token_not_found")
	b.ask("GET", "user", in.AccessToken, "").expect(t, 403, "session_not_found")
}

func TestListUsers(t *testing.T) {
	b := openBox(t)
	if got := b.ask("GET", "admin/users", b.admin, ""); got.body != `{"aud":"authenticated","users":[]}`+"\n" {
		t.Errorf("an unclaimed box: got %s", got.body)
	}
	b.claim()
	for i := range 5 {
		b.make(fmt.Sprintf(`{"email":"%d@b.c"}`, i)).expect(t, 200, "")
	}
	for query, want := range map[string]struct {
		emails []string
		link   string
	}{
		"?page=&per_page=":   {[]string{"4@b.c", "3@b.c", "2@b.c", "1@b.c", "0@b.c", "teacher@box"}, `</auth/v1/admin/users?page=1&per_page=50>; rel="last"`},
		"?page=2&per_page=4": {[]string{"0@b.c", "teacher@box"}, `</auth/v1/admin/users?page=2&per_page=4>; rel="last"`},
		"?page=1&per_page=1": {[]string{"4@b.c"}, `</auth/v1/admin/users?page=2&per_page=1>; rel="next", </auth/v1/admin/users?page=6&per_page=1>; rel="last"`},
		"?page=9":            {nil, `</auth/v1/admin/users?page=7&per_page=50>; rel="last"`},
	} {
		got := b.ask("GET", "admin/users"+query, b.admin, "")
		var emails []string
		for _, u := range got.Users {
			emails = append(emails, u.Email)
		}
		if diff := cmp.Diff(want.emails, emails); diff != "" || got.header.Get("X-Total-Count") != "6" {
			t.Errorf("%s: %s of them (-want +got):\n%s", query, got.header.Get("X-Total-Count"), diff)
		}
		if link := got.header.Get("Link"); query != "?page=9" && link != want.link {
			t.Errorf("%s: link %s, want %s", query, link, want.link)
		}
	}
}
