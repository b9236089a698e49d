package boxtest

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
)

// private joins a private channel as supabase-js does with private: true, and
// returns the reply. token may be empty.
func (c *client) private(topic, token string) reply {
	c.t.Helper()
	c.topic = "realtime:" + topic
	return c.reply(c.push(c.topic, "phx_join", object{"access_token": token, "config": object{
		"broadcast": object{"ack": true}, "presence": object{"enabled": false}, "private": true,
	}}))
}

func TestPrivateChannels(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	zoe := b.sit("MUSIC-2024", "").Token
	user := b.token(auth.Claims{Role: auth.Authenticated, Subject: "u"})
	for name, tt := range map[string]struct {
		token, topic string
		join, write  string
	}{
		"anon":                         {b.token(anonClaims), "lobby", "error", ""},
		"signed in":                    {user, "lobby", "ok", "ok"},
		"signed in, a control topic":   {user, "lobby:control", "ok", "error"},
		"a member":                     {zoe, "music_room:MUSIC-2024:chat", "ok", "ok"},
		"signed in, a room":            {user, "music_room:MUSIC-2024:chat", "error", ""},
		"a member, the lobby":          {zoe, "lobby", "error", ""},
		"a member, another room":       {zoe, "music_room:CHOIR-1000:chat", "error", ""},
		"a member, his room's control": {zoe, "music_room:MUSIC-2024:control", "ok", "error"},
		"a teacher, a control topic":   {b.token(teacherClaims), "music_room:MUSIC-2024:control", "ok", "ok"},
		"a service":                    {b.token(serviceClaims), "lobby:control", "ok", "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			c := b.in(t).dial(b.token(anonClaims))
			r := c.private(tt.topic, tt.token)
			if r.Status != tt.join {
				t.Fatalf("join: got %+v, want %s", r, tt.join)
			}
			if want := "Unauthorized: You do not have permissions to read from this Channel topic: " + tt.topic; tt.join == "error" && r.Response.Reason != want {
				t.Errorf("reason %q, want %q", r.Response.Reason, want)
			}
			if tt.write != "" {
				if r := c.ask("hello", object{}); r.Status != tt.write {
					t.Errorf("write: got %+v, want %s", r, tt.write)
				}
			}
		})
	}
}

// TestATokenlessFirstJoinRecovers joins as supabase-js does when a page
// subscribes before its user has signed in.
func TestATokenlessFirstJoinRecovers(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	c := b.dial(b.token(anonClaims))
	if r := c.private("lobby", ""); r.Status != "error" {
		t.Fatalf("without a token: %+v", r)
	}
	if r := c.private("lobby", b.token(auth.Claims{Role: auth.Authenticated})); r.Status != "ok" {
		t.Fatalf("with one: %+v", r)
	}
	c.alive()
	c.sendToken(b.token(anonClaims))
	c.expelled("You no longer have permission to read from this Channel topic: lobby")
}

func TestAPolicyOfTheSchool(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Policy: "news everyone read; news service all"})
	c := b.dial(b.token(anonClaims))
	if r := c.private("news", ""); r.Status != "ok" {
		t.Errorf("what everyone may read: %+v", r)
	}
	if r := c.ask("hello", object{}); r.Status != "error" || r.Response.Reason != "unauthorized" {
		t.Errorf("a topic that no client may write: %+v", r)
	}
	if r := c.private("lobby", b.token(teacherClaims)); r.Status != "error" {
		t.Errorf("what is in no row: %+v", r)
	}
}

func TestKeysOfTheNewStyle(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	keys, err := auth.ReadAPIKeys(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	c := b.dial(keys.Publishable)
	if r := c.private("lobby", keys.Secret); r.Status != "error" {
		t.Errorf("a key as a token counts: %+v", r)
	}
	if r := c.private("lobby", b.token(auth.Claims{Role: auth.Authenticated})); r.Status != "ok" {
		t.Errorf("a token beside a key: %+v", r)
	}
	c.sendToken(keys.Publishable)
	c.alive()
	b.dial(keys.Secret).join("MUSIC-2024").must("start", object{})
	for name, tt := range map[string]struct {
		key, origin string
		want        int
	}{
		"a server":             {keys.Secret, "", http.StatusSwitchingProtocols},
		"the box's own page":   {keys.Secret, b.url, http.StatusSwitchingProtocols},
		"another page":         {keys.Secret, "https://app.example", http.StatusUnauthorized},
		"with the public key":  {keys.Publishable, "https://app.example", http.StatusSwitchingProtocols},
		"a key of another box": {keys.Publishable + "x", "", http.StatusUnauthorized},
	} {
		var header []string
		if tt.origin != "" {
			header = []string{"Origin", tt.origin}
		}
		if got := b.upgrade(url.Values{"apikey": {tt.key}, "vsn": {"2.0.0"}}, header...); got != tt.want {
			t.Errorf("%s: got %d, want %d", name, got, tt.want)
		}
	}
}

// upgrade asks for a socket and returns the status.
func (b *box) upgrade(query url.Values, header ...string) int {
	b.t.Helper()
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	ws, resp, err := websocket.DefaultDialer.DialContext(b.t.Context(), "ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+query.Encode(), h)
	if err == nil {
		_ = ws.Close()
	}
	if resp == nil {
		b.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// A private channel is asked for in many ways. None of them may end in the
// public one.
func TestPrivateInEveryForm(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	signedIn := auth.Claims{Role: auth.Authenticated, Subject: "ana"}
	public := b.dial(b.token(anonClaims))
	if r := public.subscribe("words", object{}); r.Status != "ok" {
		t.Fatalf("the public channel: %+v", r)
	}
	private := b.dial(b.token(signedIn))
	private.subscribe("words", object{"private": true})
	for i, tt := range []struct {
		private any
		joins   bool
	}{
		{true, true},
		{"true", true},
		{"True", true},
		{"TRUE", true},
		{1, false},
		{"1", false},
		{"yes", false},
		{"private", false},
		{[]bool{true}, false},
		{object{"private": true}, false},
	} {
		c := b.dial(b.token(signedIn))
		if r := c.subscribe("words", object{"private": tt.private, "broadcast": object{"ack": true}}); (r.Status == "ok") != tt.joins || !tt.joins && r.Response.Reason != "InvalidJoinPayload: config.private must be true or false" {
			t.Errorf("private %v: the join is answered %+v", tt.private, r)
		}
		c.send("secret", object{"i": i})
		if tt.joins {
			private.expect("secret")
		}
		c.close()
	}
	for _, message := range []string{
		`"topic":"words","event":"secret","payload":{},"private":"True"`, `"topic":"words","event":"secret","payload":{},"private":1`,
	} {
		b.postTo(batchPath, signedIn, jsonKind, `{"messages":[{`+message+`}]}`)
	}
	for _, query := range []string{"True", "1", "yes"} {
		b.postTo("/api/broadcast/words/events/secret?private="+query, signedIn, jsonKind, `{}`)
	}
	if status, _ := b.postTo("/api/broadcast/words/events/end?private=", signedIn, jsonKind, `{}`); status != 202 {
		t.Errorf("a public post: %d", status)
	}
	for _, event := range public.until("end") {
		if event == "secret" {
			t.Error("a private message reached the public channel")
		}
	}
}
