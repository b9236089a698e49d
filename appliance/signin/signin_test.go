package signin

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/people"
	"downbeat.local/appliance/store"
)

const password = "correct horse"

// box is a server with a register of its own.
type box struct {
	*Server
	t     testing.TB
	log   *bytes.Buffer // what the register logs
	anon  string
	admin string

	mu    sync.Mutex    // guards ahead
	ahead time.Duration // of the clock
}

func openBox(t testing.TB) *box {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(store.Config{Path: filepath.Join(dir, store.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	signer, err := auth.NewSigner([]byte("a secret of thirty-two bytes, ok"))
	if err != nil {
		t.Fatal(err)
	}
	b := &box{t: t, log: &bytes.Buffer{}}
	register, err := people.Open(t.Context(), people.Config{Store: st, Dir: dir, Now: b.now, Log: slog.New(slog.NewTextHandler(b.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if b.Server, err = New(Config{People: register, Signer: signer, Version: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	b.anon, b.admin = b.mint(auth.Anon), b.mint(auth.Service)
	return b
}

func (b *box) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Add(b.ahead)
}

// later lets time pass.
func (b *box) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ahead += d
}

func (b *box) mint(role string) string {
	b.t.Helper()
	token, err := b.cfg.Signer.Mint(auth.Claims{Role: role}, time.Hour)
	if err != nil {
		b.t.Fatal(err)
	}
	return token
}

// claim gives the box its teacher.
func (b *box) claim() {
	b.t.Helper()
	if err := b.cfg.People.SetUp(b.t.Context(), password); err != nil {
		b.t.Fatal(err)
	}
}

// answer is an answer as a client reads it.
type answer struct {
	status int
	header http.Header
	body   string

	Code         any        `json:"code"` // in the new form the word, in the old the status
	AccessToken  string     `json:"access_token"`
	ExpiresIn    int        `json:"expires_in"`
	RefreshToken string     `json:"refresh_token"`
	User         publicUser `json:"user"`
	Message      string     `json:"message"`
	publicUser
	Users []publicUser `json:"users"`
}

// ask makes a request as auth-js does; bearer may be empty.
func (b *box) ask(method, path, bearer, body string) answer {
	b.t.Helper()
	return b.send(method, path, body, "apikey", b.anon, "Authorization", "Bearer "+bearer, versionHeader, newVersion)
}

// send makes a request with pairs of headers.
func (b *box) send(method, path, body string, header ...string) answer {
	b.t.Helper()
	r := httptest.NewRequest(method, Prefix+path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] != "" && header[i+1] != "Bearer " {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			b.t.Fatalf("%s %s answered %s: %v", method, path, a.body, err)
		}
	}
	return a
}

// expect fails unless the answer has that status and, for an error, that code.
func (a answer) expect(t testing.TB, status int, code string) answer {
	t.Helper()
	got, _ := a.Code.(string)
	if a.status != status || got != code || code != "" && a.Message == "" {
		t.Errorf("got %d %s, want %d %q", a.status, a.body, status, code)
	}
	return a
}

// newcomer signs in anonymously.
func (b *box) newcomer() answer {
	b.t.Helper()
	return b.ask("POST", "signup", b.anon, `{"data":{}}`).expect(b.t, 200, "")
}

func (b *box) refresh(token string) answer {
	b.t.Helper()
	return b.ask("POST", "token?grant_type=refresh_token", b.anon, `{"refresh_token":"`+token+`"}`)
}

func (b *box) signIn(email, password string) answer {
	b.t.Helper()
	body, err := json.Marshal(map[string]any{"email": email, "password": password, "gotrue_meta_security": object{}})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.ask("POST", "token?grant_type=password", b.anon, string(body))
}

type object = map[string]any

func TestWhatNeedsNoKey(t *testing.T) {
	b := openBox(t)
	if got := b.send("GET", "health", ""); got.status != 200 || !strings.Contains(got.body, `"version":"1.2.3"`) {
		t.Errorf("health: got %d %s", got.status, got.body)
	}
	if got := b.send("GET", ".well-known/jwks.json", ""); got.status != 200 || got.body != `{"keys":[]}`+"\n" {
		t.Errorf("jwks: got %d %s", got.status, got.body)
	}
}

func TestEverythingElseNeedsAKey(t *testing.T) {
	b := openBox(t)
	for name, tt := range map[string]struct {
		header []string
		query  string
		want   int
	}{
		"none":         {nil, "", 401},
		"wrong":        {[]string{"apikey", "sb_publishable_x"}, "", 401},
		"expired":      {[]string{"apikey", b.anon[:len(b.anon)-2]}, "", 401},
		"as header":    {[]string{"apikey", b.anon}, "", 200},
		"as query":     {nil, "?apikey=" + b.anon, 200},
		"as bearer":    {[]string{"Authorization", "Bearer " + b.anon}, "", 200},
		"another kind": {[]string{"Authorization", "Basic " + b.anon}, "", 401},
	} {
		if got := b.send("GET", "settings"+tt.query, "", tt.header...); got.status != tt.want {
			t.Errorf("%s: got %d %s, want %d", name, got.status, got.body, tt.want)
		}
	}
	b.ask("GET", "nothing", b.anon, "").expect(t, 404, "not_found")
}

func TestErrorsComeInTheFormThatIsAskedFor(t *testing.T) {
	b := openBox(t)
	for version, want := range map[string]string{
		"":           `{"code":422,"error_code":"signup_disabled","msg":"Signups not allowed for this instance"}`,
		"2023-01-01": `{"code":422,"error_code":"signup_disabled","msg":"Signups not allowed for this instance"}`,
		"latest":     `{"code":422,"error_code":"signup_disabled","msg":"Signups not allowed for this instance"}`,
		"2024-01-01": `{"code":"signup_disabled","message":"Signups not allowed for this instance"}`,
		"2027-01-01": `{"code":"signup_disabled","message":"Signups not allowed for this instance"}`,
	} {
		got := b.send("POST", "signup", `{"email":"a@b.c"}`, "apikey", b.anon, versionHeader, version)
		if got.body != want+"\n" || got.header.Get("X-Sb-Error-Code") != "signup_disabled" {
			t.Errorf("version %q: got %s, want %s", version, got.body, want)
		}
		if said := got.header.Get(versionHeader); (said == newVersion) != strings.Contains(want, `"message"`) {
			t.Errorf("version %q: the header says %q", version, said)
		}
	}
}

func TestNewNeedsItsParts(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("no error")
	}
}

// FuzzRequests looks for bodies that the server answers with 500.
func FuzzRequests(f *testing.F) {
	f.Add("POST", "token?grant_type=password", `{"email":"a@b.c","password":"x"}`)
	f.Add("POST", "token?grant_type=refresh_token", `{"refresh_token":"AAAA"}`)
	f.Add("POST", "signup", `{"data":{"a":{"b":[1,2]}}}`)
	f.Add("PUT", "user", `{"data":null}`)
	f.Add("POST", "logout?scope=others", ``)
	f.Add("POST", "admin/users", `{"email":"a@b.c","app_metadata":{},"id":"x"}`)
	f.Add("GET", "admin/users?page=-1&per_page=99999999999999999999", ``)
	f.Add("DELETE", "admin/users/6234bc9a-1f48-4691-8f6a-4fcb7b0a5d18", `{}`)
	b := openBox(f)
	bearer := b.newcomer().AccessToken
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := http.NewRequest(method, "http://box"+Prefix+path, strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		r.Header.Set("apikey", b.admin)
		for _, token := range []string{bearer, b.admin} {
			r.Header.Set("Authorization", "Bearer "+token)
			w := httptest.NewRecorder()
			b.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("%s %s %q: got %d %s", method, path, body, w.Code, w.Body)
			}
		}
	})
}
