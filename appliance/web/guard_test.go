package web

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"downbeat.local/appliance/room"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/lan"
)

func TestHosts(t *testing.T) {
	s := newSite(t, func(c *Config) { c.Hosts = []string{"Music.School.example"} })
	for host, want := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:8080": 200, "localhost:1": 200, "downbeat.local": 200, "DownBeat-7k.local.:80": 200,
		"[::1]:8080": 200, "music.school.example": 200,
		"evil.example": 421, "evil.example:8080": 421, "downbeat.local.evil.example": 421, ".local": 421,
		"203.0.113.9": 421, "localhost.evil.example": 421,
	} {
		if got := s.ask(t, "GET", "/box/v1/status", "", "Host", host); got.status != want {
			t.Errorf("host %s: got %d, want %d", host, got.status, want)
		}
	}
	s.ask(t, "GET", "/", "", "Host", "evil.example").expect(t, 421, "wrong_host")
	open := newSite(t, func(c *Config) { c.Hosts = []string{"*"} })
	open.ask(t, "GET", "/box/v1/status", "", "Host", "any.example").expect(t, 200, "")
}

func TestSecretKeysAreNotForPages(t *testing.T) {
	s := newSite(t, func(c *Config) {
		c.Sockets = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "in") })
	})
	service, err := s.signer.Mint(auth.Claims{Role: auth.Service}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	own, other := "http://"+s.Listener.Addr().String(), "https://app.example"
	for name, tt := range map[string]struct {
		path   string
		header []string
		want   int
	}{
		"a server":                 {"/rest/v1/x", []string{"apikey", "sb_secret_x"}, 200},
		"the box's own page":       {"/rest/v1/x", []string{"apikey", "sb_secret_x", "Origin", own}, 200},
		"another page":             {"/rest/v1/x", []string{"apikey", "sb_secret_x", "Origin", other}, 401},
		"a page from a file":       {"/rest/v1/x", []string{"apikey", "sb_secret_x", "Origin", "null"}, 401},
		"no URL":                   {"/rest/v1/x", []string{"apikey", "sb_secret_x", "Origin", "%"}, 401},
		"as a bearer":              {"/auth/v1/admin/users", []string{"Authorization", "bearer sb_secret_x", "Origin", other}, 401},
		"as x-api-key":             {"/realtime/v1/websocket", []string{"X-Api-Key", "sb_secret_x", "Origin", other}, 401},
		"in the query":             {"/realtime/v1/websocket?apikey=sb_secret_x", []string{"Origin", other}, 401},
		"a name that is rebound":   {"/rest/v1/x", []string{"apikey", "sb_secret_x", "Host", "app.example", "Origin", "http://app.example"}, 401},
		"a publishable key":        {"/rest/v1/x", []string{"apikey", "sb_publishable_x", "Origin", other}, 200},
		"a server, with a token":   {"/rest/v1/x", []string{"apikey", service}, 200},
		"a service token":          {"/rest/v1/x", []string{"Authorization", "Bearer " + service, "Origin", other}, 401},
		"another page, with a JWT": {"/rest/v1/x", []string{"apikey", "ey.ey.x", "Origin", other}, 200},
	} {
		got := s.ask(t, "POST", tt.path, "{}", tt.header...)
		if got.status != tt.want || tt.want == 401 && !strings.Contains(got.body, "Forbidden use of secret API key in browser") {
			t.Errorf("%s: got %d %s, want %d", name, got.status, got.body, tt.want)
		}
		if cors := got.header.Get("Access-Control-Allow-Origin"); cors != "*" {
			t.Errorf("%s: CORS %q, so that the page cannot read why", name, cors)
		}
	}
}

func TestOwnAddressesAreHosts(t *testing.T) {
	n := newNetwork("0.0.0.0:8080", nil)
	for _, a := range lan.Read() {
		if host := joinPort(a.IP, "8080"); !n.goesBy(host) {
			t.Errorf("own address %s is refused", host)
		}
	}
}

func TestForeignPagesAreRefused(t *testing.T) {
	s := newSite(t, nil)
	s.rooms.join = func(string, room.Applicant) (room.Seat, error) { return otter, nil }
	tests := []struct {
		name   string
		header []string
		status int
		code   string
	}{
		{"no browser", nil, 200, ""},
		{"same origin", []string{"Origin", s.URL, "Sec-Fetch-Site", "same-origin"}, 200, ""},
		{"insecure origin sends no Sec-Fetch-Site", []string{"Origin", s.URL}, 200, ""},
		{"cross site", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403, "cross_origin"},
		{"old browser, another origin", []string{"Origin", "http://evil.example"}, 403, "cross_origin"},
		{"another box on the network", []string{"Origin", "http://downbeat-2.local"}, 403, "cross_origin"},
		{"origin null", []string{"Origin", "null"}, 403, "cross_origin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.ask(t, "POST", "/box/v1/join", `{"code":"MUSIC-2024"}`, tt.header...).expect(t, tt.status, tt.code)
		})
	}
}

func TestHeaders(t *testing.T) {
	s := newSite(t, nil)
	for _, path := range []string{"/", "/teacher", "/assets/app-1a2b.js", "/box/v1/status", "/nowhere"} {
		h := s.ask(t, "GET", path, "").header
		policy := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self' ws: wss:", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: policy %q lacks %s", path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
}

func TestFiles(t *testing.T) {
	s := newSite(t, nil)
	tests := []struct {
		path, kind, cache string
		gzip              bool
	}{
		{"/", "text/html; charset=utf-8", cachePage, false},
		{"/join", "text/html; charset=utf-8", cachePage, false},
		{"/join/", "text/html; charset=utf-8", cachePage, false},
		{"/teacher", "text/html; charset=utf-8", cachePage, false},
		{"/stage?room=A", "text/html; charset=utf-8", cachePage, false},
		{"/assets/app-1a2b.js", "text/javascript; charset=utf-8", cacheAsset, true},
		{"/sounds/piano/60.ogg", "audio/ogg", cacheSound, false},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			got := s.ask(t, "GET", tt.path, "", "Accept-Encoding", "gzip, deflate")
			zipped := got.header.Get("Content-Encoding") == "gzip"
			if got.status != 200 || got.header.Get("Content-Type") != tt.kind || got.header.Get("Cache-Control") != tt.cache || zipped != tt.gzip {
				t.Errorf("got %d %v, want %+v", got.status, got.header, tt)
			}
			again := s.ask(t, "GET", tt.path, "", "Accept-Encoding", "gzip, deflate", "If-None-Match", got.header.Get("ETag"))
			if again.status != 304 || again.body != "" {
				t.Errorf("with its tag: got %d, want 304", again.status)
			}
			plain := s.ask(t, "GET", tt.path, "", "Accept-Encoding", "gzip;q=0, identity")
			if plain.header.Get("Content-Encoding") != "" {
				t.Errorf("gzip to a client that does not take it")
			}
		})
	}
	if got := s.ask(t, "GET", "/sounds/piano/60.ogg", "", "Range", "bytes=0-3"); got.status != 206 || got.body != "OggS" {
		t.Errorf("range: got %d %q", got.status, got.body)
	}
	for path, origin := range map[string]string{"/" + library: "*", "/": ""} {
		if got := s.ask(t, "GET", path, ""); got.header.Get("Access-Control-Allow-Origin") != origin {
			t.Errorf("%s: for %q, want %q", path, got.header.Get("Access-Control-Allow-Origin"), origin)
		}
	}
	for _, path := range []string{"/nowhere", "/.gitkeep", "/assets", "/assets/", "/index.html/../../etc/passwd", "/box/v1/nothing"} {
		if got := s.ask(t, "GET", path, ""); got.status == 200 {
			t.Errorf("%s: got 200 %q", path, got.body)
		}
	}
	s.ask(t, "POST", "/teacher", "x").expect(t, 405, "bad_method")
}

func TestPagesSayWhenTheAppIsNotBuilt(t *testing.T) {
	s := newSite(t, func(c *Config) { c.Files = fstest.MapFS{".gitkeep": {}} })
	got := s.ask(t, "GET", "/teacher", "")
	if got.status != 503 || !strings.Contains(got.body, "interface not built: run make webui") {
		t.Errorf("got %d %q", got.status, got.body)
	}
	s.ask(t, "GET", "/nowhere", "").expect(t, 404, "no_page")
}

func TestPeopleGetPagesForErrors(t *testing.T) {
	s := newSite(t, nil)
	got := s.ask(t, "GET", "/nowhere", "", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if got.status != 404 || got.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(got.body, "There is no such page") || !strings.Contains(got.body, `href="/"`) {
		t.Errorf("got %d %v %q", got.status, got.header, got.body)
	}
}

func TestQR(t *testing.T) {
	s := newSite(t, nil)
	got := s.ask(t, "GET", "/box/v1/rooms/music2024/qr.svg", "")
	if got.status != 200 || got.header.Get("Content-Type") != "image/svg+xml" {
		t.Fatalf("got %d %v", got.status, got.header)
	}
	if want, _ := drawQR("http://127.0.0.1:8080/join?code=MUSIC-2024"); got.body != want {
		t.Errorf("not the picture of the way in: %.80s", got.body)
	}
	dec := xml.NewDecoder(strings.NewReader(got.body))
	for {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
	s.ask(t, "GET", "/box/v1/rooms/%3Cb%3E/qr.svg", "").expect(t, 422, "bad_code")
}

func TestAddresses(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080", "192.168.1.20:80": "192.168.1.20", "[::1]:8080": "[::1]:8080", "[::1]:80": "[::1]",
	} {
		if got := Addresses(listen); fmt.Sprint(got) != "["+want+"]" {
			t.Errorf("%s: got %v, want %s", listen, got, want)
		}
	}
	for listen, want := range map[string]string{
		"0.0.0.0:8080": "127.0.0.1:8080", "[::]:80": "127.0.0.1:80", ":80": "127.0.0.1:80", "10.0.0.7:1": "10.0.0.7:1", "[::1]:1": "[::1]:1",
	} {
		if got := LocalAddress(listen); got != want {
			t.Errorf("local %s: got %s, want %s", listen, got, want)
		}
	}
	if got := AddressesOn80("192.168.1.20:8080"); fmt.Sprint(got) != "[192.168.1.20 192.168.1.20:8080]" {
		t.Errorf("also on port 80: got %v", got)
	}
	if got := Addresses("0.0.0.0:8080"); len(got) == 0 || !strings.HasSuffix(got[0], ":8080") {
		t.Errorf("every interface: got %v", got)
	}
}
