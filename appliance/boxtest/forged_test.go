package boxtest

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// forged is a token that the box must refuse, and the reason.
type forged struct{ token, problem, code string }

// forgeries are tokens that claim to be of a service.
func (b *box) forgeries() map[string]forged {
	const signature, malformed = "Failed to validate JWT signature", "The token provided is not a valid JWT"
	service := jwt.MapClaims{"role": "service_role", "exp": time.Now().Add(time.Hour).Unix()}
	with := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			b.t.Fatal(err)
		}
		return token
	}
	secret, none := []byte(testSecret), jwt.UnsafeAllowNoneSignatureType
	anon, best := strings.Split(b.token(anonClaims), "."), strings.Split(b.token(serviceClaims), ".")
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"NONE","typ":"JWT"}`))
	other := "A" + best[2][1:]
	if other == best[2] {
		other = "B" + best[2][1:]
	}
	return map[string]forged{
		"alg none":             {with(jwt.SigningMethodNone, none, service), signature, "JwtSignatureError"},
		"alg NONE":             {header + "." + best[1] + ".", signature, "JwtSignatureError"},
		"alg HS384":            {with(jwt.SigningMethodHS384, secret, service), signature, "JwtSignatureError"},
		"another secret":       {with(jwt.SigningMethodHS256, []byte("a secret of somebody else, longer"), service), signature, "JwtSignatureError"},
		"no signature":         {best[0] + "." + best[1] + ".", signature, "JwtSignatureError"},
		"another signature":    {best[0] + "." + best[1] + "." + other, signature, "JwtSignatureError"},
		"anon's signature":     {best[0] + "." + best[1] + "." + anon[2], signature, "JwtSignatureError"},
		"two parts":            {best[0] + "." + best[1], malformed, "MalformedJWT"},
		"no parts":             {"service_role", malformed, "MalformedJWT"},
		"a key of another box": {"sb_secret_" + strings.Repeat("A", 32), malformed, "MalformedJWT"},
		"no exp":               {with(jwt.SigningMethodHS256, secret, jwt.MapClaims{"role": "service_role"}), "Fields `role` and `exp` are required in JWT", "InvalidJWTToken"},
		"no role":              {with(jwt.SigningMethodHS256, secret, jwt.MapClaims{"exp": time.Now().Add(time.Hour).Unix()}), "Fields `role` and `exp` are required in JWT", "InvalidJWTToken"},
		"expired":              {with(jwt.SigningMethodHS256, secret, jwt.MapClaims{"role": "service_role", "exp": 1}), "Token has expired", "InvalidJWTToken"},
	}
}

// TestTokensThatAreForged tries them at every endpoint of the box.
func TestTokensThatAreForged(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Limits: map[string]int{"joins": 1000}})
	c := b.dial(b.token(anonClaims))
	for name, f := range b.forgeries() {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			c.t = t
			b.refused(http.StatusUnauthorized, "apikey", f.token, "vsn", "2.0.0")
			for _, door := range []struct{ method, path, body string }{
				{"POST", batchPath, `{"messages":[{"topic":"a","event":"x","payload":{}}]}`},
				{"POST", batchPath + "/a/events/x", `{}`},
				{"GET", "/rest/v1/lesson_plans", ""},
				{"POST", "/rest/v1/lesson_plans", `{"title":"Mine"}`},
				{"GET", "/auth/v1/user", ""},
				{"POST", "/auth/v1/admin/users", `{"email":"a@b.example"}`},
			} {
				if status := b.request(f.token, door.method, door.path, door.body); status != http.StatusUnauthorized && status != http.StatusForbidden {
					t.Errorf("%s %s: %d", door.method, door.path, status)
				}
			}
			if strings.HasPrefix(f.token, auth.KeyPrefix) {
				return // a key in a join is ignored: the socket's counts
			}
			topic := "realtime:" + strings.ReplaceAll(name, " ", "-")
			r := c.reply(c.push(topic, "phx_join", object{"access_token": f.token}))
			if want := f.code + ": " + f.problem; r.Status != "error" || !strings.HasPrefix(r.Response.Reason, want) {
				t.Errorf("a join: %+v, want %s", r, want)
			}
			if r := c.reply(c.push(topic, "phx_join", object{})); r.Status != "ok" {
				t.Fatalf("a join with the socket's key: %+v", r)
			}
			c.push(topic, "access_token", object{"access_token": f.token})
			if got, _ := c.expect("system").fields()["message"].(string); !strings.HasPrefix(got, f.problem) {
				t.Errorf("a refresh: %q, want %q", got, f.problem)
			}
			c.expect("phx_close")
		})
	}
}

// request makes a request with a token and returns the status.
func (b *box) request(token, method, path, body string, headers ...string) int {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("apikey", token)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return b.do(req, nil)
}

// Roles that only Supabase knows, and unknown roles, may do no more than anon.
func TestKeysOfTheWrongRole(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	for name, claims := range map[string]auth.Claims{
		"anon":              anonClaims,
		"a user":            {Role: auth.Authenticated, Subject: "ana"},
		"a postgres role":   {Role: "postgres"},
		"a supabase role":   {Role: "supabase_admin"},
		"nearly a service":  {Role: "Service_Role"},
		"nearly a teacher":  {Role: auth.Authenticated, Subject: "eve", App: auth.AppMetadata{Role: "Teacher"}},
		"another's teacher": auth.Member("eve", "CHOIR-1000", "teacher"),
	} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			token := b.token(claims)
			if status := b.request(token, "POST", "/rest/v1/lesson_plans", `{"title":"Mine"}`); status == http.StatusCreated && !claims.Teacher(claims.App.Room) {
				t.Errorf("writing a table: %d", status)
			}
			if status := b.request(token, "POST", "/auth/v1/admin/users", `{"email":"a@b.example"}`); status != http.StatusForbidden && status != http.StatusUnauthorized {
				t.Errorf("making a user: %d", status)
			}
			if status := b.request(token, "POST", batchPath+"/music_room:MUSIC-2024/events/start", `{}`, "Content-Type", jsonKind); status != http.StatusForbidden {
				t.Errorf("starting the beat over HTTP: %d", status)
			}
			c := b.dial(token)
			if r := c.askToJoin("MUSIC-2024"); r.Status != "error" || !strings.HasPrefix(r.Response.Reason, "Unauthorized: ") {
				t.Errorf("coming into a room: %+v", r)
			}
			if r := c.private("room:MUSIC-2024:control", ""); r.Status == "ok" && c.ask("start", object{}).Status == "ok" {
				t.Error("speaking in the private channel of a room's teacher")
			}
			if r := c.reply(c.push("phoenix", "heartbeat", strings.Repeat("x", wire.MaxFrame))); r.Response.Reason != "payload_size_exceeded" {
				t.Errorf("a frame that is too long: %+v", r)
			}
		})
	}
}

// A secret key in a page of another site is public, so the box refuses it.
func TestASecretKeyInAForeignPage(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	keys, err := auth.ReadAPIKeys(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	const foreign = "https://app.example"
	for _, try := range []struct {
		key, origin string
		works       bool
	}{
		{keys.Secret, "", true},
		{keys.Secret, b.url, true},
		{keys.Secret, foreign, false},
		{keys.Secret, "null", false},
		{keys.Publishable, foreign, true},
	} {
		var headers []string
		if try.origin != "" {
			headers = []string{"Origin", try.origin}
		}
		for _, path := range []string{"/rest/v1/lesson_plans", "/auth/v1/settings"} {
			if status := b.request(try.key, "GET", path, "", headers...); (status == http.StatusOK) != try.works {
				t.Errorf("%.14s from %q on %s: %d", try.key, try.origin, path, status)
			}
		}
		if status := b.request(try.key, "POST", batchPath+"/a/events/x", `{}`, append(headers, "Content-Type", jsonKind)...); (status == http.StatusAccepted) != try.works {
			t.Errorf("%.14s from %q posts: %d", try.key, try.origin, status)
		}
		header := http.Header{}
		if try.origin != "" {
			header.Set("Origin", try.origin)
		}
		q := url.Values{"apikey": {try.key}, "vsn": {"2.0.0"}}
		ws, _, err := websocket.DefaultDialer.Dial("ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+q.Encode(), header)
		if (err == nil) != try.works {
			t.Errorf("%.14s from %q opens a socket: %v", try.key, try.origin, err)
		}
		if err == nil {
			_ = ws.Close()
		}
	}
	// The box's own API is for its own pages only, with any key.
	if status := b.request(keys.Secret, "POST", "/box/v1/join", `{"code":"MUSIC-2024"}`, "Origin", foreign, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("a foreign page asks the box's own API: %d", status)
	}
}
