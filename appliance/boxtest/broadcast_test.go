package boxtest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// postTo posts a body to a Supabase path with a token and returns the answer.
func (b *box) postTo(path string, c auth.Claims, kind, body string) (status int, answer string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), "POST", b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Authorization", "Bearer "+b.token(c))
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(raw))
}

// subscribe joins a plain channel with a config.
func (c *client) subscribe(topic string, config object) reply {
	c.t.Helper()
	c.topic = wire.TopicPrefix + topic
	return c.reply(c.push(c.topic, "phx_join", object{"config": config}))
}

const (
	batchPath = "/realtime/v1/api/broadcast"
	jsonKind  = "application/json"
	maxBatch  = 100 // messages in one request
)

func TestBroadcastOverHTTP(t *testing.T) {
	b := openBox(t, appliance.Config{})
	v2, v1 := b.dial(b.token(anonClaims)), b.dial(b.token(anonClaims), "vsn", "1.0.0")
	for _, c := range []*client{v2, v1} {
		if r := c.subscribe("room:2", object{}); r.Status != "ok" {
			t.Fatalf("join: %+v", r)
		}
	}
	status, answer := b.postTo(batchPath, anonClaims, jsonKind,
		`{"messages":[{"topic":"nobody","event":"x","payload":{}},{"topic":"room:2","event":"evt","payload":{"a":1},"private":false}]}`)
	if status != 202 || answer != "" {
		t.Errorf("a batch: %d %q", status, answer)
	}
	status, answer = b.postTo("/api/broadcast/room%3A2/events/evt%20name", anonClaims, jsonKind, `{"a":2}`)
	if status != 202 || answer != "" {
		t.Errorf("one event: %d %q", status, answer)
	}
	for _, c := range []*client{v2, v1} {
		if got := string(c.expect("evt").payload); got != `{"a":1}` {
			t.Errorf("vsn %d gets %s", c.v, got)
		}
		if got := string(c.expect("evt name").payload); got != `{"a":2}` {
			t.Errorf("vsn %d gets %s", c.v, got)
		}
	}
	if status, _ = b.postTo("/realtime/v1/api/broadcast/room:2/events/bin", anonClaims, "application/octet-stream", "\x01\x02"); status != 202 {
		t.Errorf("bytes: %d", status)
	}
	if got := string(v2.expect("bin").payload); got != "\x01\x02" {
		t.Errorf("bytes arrive as %q", got)
	}
}

func TestPostsThatAreRefused(t *testing.T) {
	b := openBox(t, appliance.Config{})
	one, long := "/realtime/v1/api/broadcast/x/events/y", strings.Repeat("x", wire.MaxTopic+1)
	for _, try := range []struct {
		name, path, kind, body string
		status                 int
		answer                 string
	}{
		{"no messages", batchPath, jsonKind, `{}`, 422, `{"errors":{"messages":["can't be blank"]}}`},
		{
			"no payload", batchPath, jsonKind, `{"messages":[{"topic":"a","event":"b"},{"topic":"a","event":"b","payload":{}}]}`, 422,
			`{"errors":{"messages":[{"payload":["can't be blank"]},{}]}}`,
		},
		{"no JSON", batchPath, jsonKind, `nonsense`, 400, `{"message":"The body is not the JSON expected."}`},
		{
			"too many", batchPath, jsonKind, `{"messages":[` + strings.Repeat(`{},`, maxBatch) + `{}]}`, 429,
			`{"message":"Too many messages to broadcast, please reduce the batch size"}`,
		},
		{"a form", one, "text/plain", `{}`, 415, `{"error":"Unsupported Media Type. Use application/json or application/octet-stream"}`},
		{"not UTF-8", batchPath, jsonKind, "{\"messages\":[{\"topic\":\"a\",\"event\":\"b\",\"payload\":{\"c\":\"\xff\"}}]}", 400, `{"message":"The body is not the JSON expected."}`},
		{"one without JSON", one, jsonKind, `{`, 422, `{"errors":{"payload":["is invalid"]}}`},
		{"one that is not UTF-8", one, jsonKind, "\"\xff\"", 422, `{"errors":{"payload":["is invalid"]}}`},
		{"one of null", one, jsonKind, `null`, 422, `{"errors":{"payload":["can't be blank"]}}`},
		{"a long event", "/api/broadcast/x/events/" + long, jsonKind, `{}`, 422, `{"errors":{"event":["is too long"]}}`},
		{"bytes of a long event", "/api/broadcast/x/events/" + long, "application/octet-stream", "", 422, `{"errors":{"event":["is too long"]}}`},
		{"a long topic", "/api/broadcast/" + long + "/events/y", jsonKind, `{}`, 422, `{"errors":{"topic":["is too long"]}}`},
		{"no such page", "/realtime/v1/api/nonsense", jsonKind, `{}`, 404, `{"message":"There is no such page on this box."}`},
		{"a bad time to live", one + "?persist[ttl]=soon", jsonKind, `{}`, 422, `{"error":"invalid_persist_ttl"}`},
		{"too long", one, jsonKind, `"` + strings.Repeat("x", wire.MaxFrame) + `"`, 422, `{"errors":{"payload":["Payload size exceeds tenant limit"]}}`},
		{"private, without the right", one + "?private=true", jsonKind, `{}`, 403, `{"message":"Unauthorized"}`},
		{"private in capitals", one + "?private=TRUE", jsonKind, `{}`, 403, `{"message":"Unauthorized"}`},
		{"private of a number", one + "?private=1", jsonKind, `{}`, 422, `{"errors":{"private":["is invalid"]}}`},
		{
			"one that is private of a word", batchPath, jsonKind, `{"messages":[{"topic":"a","event":"b","payload":{},"private":"yes"}]}`, 422,
			`{"errors":{"messages":[{"private":["is invalid"]}]}}`,
		},
		{
			"one with a bad time to live", batchPath, jsonKind, `{"messages":[{"topic":"a","event":"b","payload":{},"private":true,"persist":{"ttl":0}}]}`, 422,
			`{"errors":{"messages":[{"persist":["is invalid"]}]}}`,
		},
	} {
		if status, answer := b.postTo(try.path, anonClaims, try.kind, try.body); status != try.status || answer != try.answer {
			t.Errorf("%s: %d %s, want %d %s", try.name, status, answer, try.status, try.answer)
		}
	}
	resp, err := b.http.Post(b.url+batchPath, jsonKind, strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if raw, _ := io.ReadAll(resp.Body); resp.StatusCode != 401 || strings.TrimSpace(string(raw)) != `{"message":"Unauthorized"}` {
		t.Errorf("without a token: %d %s", resp.StatusCode, raw)
	}
}

func TestFloodsOfPosts(t *testing.T) {
	b := openBox(t, appliance.Config{})
	full := `{"messages":[` + strings.Repeat(`{"topic":"a","event":"b","payload":{}},`, maxBatch-1) + `{"topic":"a","event":"b","payload":{}}]}`
	var status int
	for range 100 {
		if status, _ = b.postTo(batchPath, anonClaims, jsonKind, full); status != 202 {
			break
		}
	}
	if status != 429 {
		t.Errorf("a flood ends with %d", status)
	}
	if status, _ = b.postTo(batchPath, serviceClaims, jsonKind, full); status != 202 {
		t.Errorf("a service key gets %d", status)
	}
}

func TestPostsObeyTheRoom(t *testing.T) {
	b := openBox(t, appliance.Config{Door: room.DoorToken})
	b.open("MUSIC-2024")
	listener := b.student("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	b.dial(seat.Token).join("MUSIC-2024") // an offline member cannot play
	member := auth.Member(seat.Member.StudentID, "MUSIC-2024", "student")
	event := func(name string) string { return "/api/broadcast/music_room:MUSIC-2024/events/" + name }
	for _, try := range []struct {
		who    auth.Claims
		event  string
		status int
	}{
		{anonClaims, "hello", 403},
		{member, "hello", 202},
		{member, "play_note", 202},
		{serviceClaims, "play_note", 403}, // a service has no seat
		{member, "set_tempo", 403},
		{member, "student_note", 403},
		{serviceClaims, "beat", 403},
		{serviceClaims, "n", 403},
		{serviceClaims, "room_state", 403},
		{teacherClaims, "start", 202},
	} {
		if status, answer := b.postTo(event(try.event), try.who, jsonKind, `{"midi":60,"bpm":90}`); status != try.status {
			t.Errorf("%s %s: %d %s, want %d", try.who.Role, try.event, status, answer, try.status)
		}
	}
	listener.expect("hello")
	if got := listener.expect("student_note").fields()["student_id"]; got != seat.Member.StudentID {
		t.Errorf("the note is of %v", got)
	}
	listener.expect("tempo_changed")
}

func TestPostsOfTheSchoolMayBeLong(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	listener := b.student("MUSIC-2024")
	long := `{"text":"` + strings.Repeat("x", 2*usualLimits.Rate("bytes").Burst) + `"}`
	if status, answer := b.postTo("/api/broadcast/music_room:MUSIC-2024/events/score", serviceClaims, jsonKind, long); status != 202 {
		t.Fatalf("a long post with a service key: %d %s", status, answer)
	}
	if got := string(listener.expect("score").payload); got != long {
		t.Errorf("%d bytes arrive, want %d", len(got), len(long))
	}
}

func TestReplay(t *testing.T) {
	dir := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: dir})
	private := func(more object) object {
		config := object{"private": true, "broadcast": object{"ack": true}}
		if more != nil {
			config["broadcast"] = more
		}
		return config
	}
	signedIn := auth.Claims{Role: auth.Authenticated, Subject: "somebody"}
	c := b.dial(b.token(signedIn))
	if r := c.subscribe("words", private(nil)); r.Status != "ok" {
		t.Fatalf("join: %+v", r)
	}
	for _, path := range []string{"first?private=true&persist=true", "unkept?private=true", "second?private=true&persist[ttl]=60"} {
		if status, answer := b.postTo("/api/broadcast/words/events/"+path, signedIn, jsonKind, `{"path":"`+path[:3]+`"}`); status != 202 {
			t.Fatalf("%s: %d %s", path, status, answer)
		}
	}
	c.expect("second")
	batch := `{"messages":[{"topic":"batch","event":"unkept","payload":{},"private":true},
		{"topic":"batch","event":"kept","payload":{"n":1},"private":true,"persist":true},
		{"topic":"batch","event":"for a minute","payload":{"n":2},"private":true,"persist":{"ttl":60}}]}`
	if status, answer := b.postTo(batchPath, signedIn, jsonKind, batch); status != 202 {
		t.Fatalf("a batch: %d %s", status, answer)
	}
	c.userBroadcast("third", `{"persist":true}`, `{"n":3}`)
	if r := c.expect("phx_reply").fields()["response"].(object); r["id"] == nil {
		t.Errorf("a kept message is answered %v", r)
	}
	c.userBroadcast("bad", `{"persist":{"ttl":0}}`, `{}`)
	if r := c.expect("phx_reply").fields()["response"].(object); r["error"] != "invalid_persist_ttl" {
		t.Errorf("a bad time to live is answered %v", r)
	}
	b.stop()

	b = openBox(t, appliance.Config{DataDir: dir}) // kept broadcasts survive
	for _, v := range []string{"2.0.0", "1.0.0"} {
		late := b.dial(b.token(signedIn), "vsn", v)
		if r := late.subscribe("words", private(object{"replay": object{"since": 0, "limit": 2}})); r.Status != "ok" {
			t.Fatalf("vsn %s: %+v", v, r)
		}
		if got := string(late.expect("second").payload); got != `{"path":"sec"}` {
			t.Errorf("vsn %s gets in the replay %s", v, got)
		}
		late.expect("third")
		late.reply(late.push("phoenix", "heartbeat", object{}))
		for _, m := range late.waiting {
			if m.event == "first" || m.event == "unkept" {
				t.Errorf("vsn %s gets in the replay %v", v, m)
			}
		}
	}
	late := b.dial(b.token(signedIn))
	if r := late.subscribe("batch", private(object{"replay": object{"since": 0}})); r.Status != "ok" {
		t.Fatalf("a batch: %+v", r)
	}
	for event, want := range map[string]string{"kept": `{"n":1}`, "for a minute": `{"n":2}`} {
		if got := string(late.expect(event).payload); got != want {
			t.Errorf("a batch: the replay of %q is %s, want %s", event, got, want)
		}
	}
	for _, m := range late.waiting {
		if m.event == "unkept" {
			t.Errorf("a batch: the replay has %v", m)
		}
	}
	public := b.dial(b.token(signedIn))
	if r := public.subscribe("words", object{"broadcast": object{"replay": object{"since": 0}}}); !strings.HasPrefix(r.Response.Reason, "UnableToReplayMessages: ") {
		t.Errorf("a public channel answers %+v", r)
	}
}

// TestTextBroadcastsAreKeptToo sends what clients of vsn 1.0.0 send, where persist
// stands beside the payload.
func TestTextBroadcastsAreKeptToo(t *testing.T) {
	b := openBox(t, appliance.Config{})
	signedIn := auth.Claims{Role: auth.Authenticated, Subject: "somebody"}
	private := object{"private": true, "broadcast": object{"ack": true, "replay": object{"since": 0}}}
	for _, v := range []string{"1.0.0", "2.0.0"} {
		topic := "words " + v
		c := b.dial(b.token(signedIn), "vsn", v)
		c.subscribe(topic, private)
		say := func(event string, payload object, persist any) object {
			message := object{"type": "broadcast", "event": event, "payload": payload, "persist": persist}
			c.push(c.topic, "broadcast", message)
			return c.expect("phx_reply").fields()["response"].(object)
		}
		if r := say("kept", object{"n": 1}, true); r["id"] == nil {
			t.Errorf("vsn %s: a kept message is answered %v", v, r)
		}
		if r := say("with a time", object{"n": 2}, object{"ttl": 60}); r["id"] == nil {
			t.Errorf("vsn %s: a message kept for a minute is answered %v", v, r)
		}
		if r := say("bad", object{}, object{"ttl": 0}); r["error"] != "invalid_persist_ttl" {
			t.Errorf("vsn %s: a bad time to live is answered %v", v, r)
		}
		if r := say("unkept", object{"persist": true}, nil); r["id"] != nil {
			t.Errorf("vsn %s: a payload alone is kept: %v", v, r)
		}
		late := b.dial(b.token(signedIn), "vsn", v)
		late.subscribe(topic, private)
		for event, want := range map[string]string{"kept": `{"n":1}`, "with a time": `{"n":2}`} {
			if got := string(late.expect(event).payload); got != want {
				t.Errorf("vsn %s: the replay of %q is %s, want %s", v, event, got, want)
			}
		}
	}
}

// userBroadcast sends a binary user broadcast of JSON.
func (c *client) userBroadcast(event, meta, payload string) {
	c.t.Helper()
	c.sendBinary(wire.Message{Ref: wire.TextRef("9"), Event: event, Meta: []byte(meta), Encoding: wire.JSON, Payload: []byte(payload)})
}

// TestPostsAreBoundedInBytes sends a few messages of the greatest length.
func TestPostsAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	long := `{"text":"` + strings.Repeat("x", wire.MaxFrame-1000) + `"}`
	most := usualLimits.Bytes(4) // the bytes of four members
	for name, send := range map[string]func(b *box, c auth.Claims) int{
		"one by one": func(b *box, c auth.Claims) int {
			status, _ := b.postTo(batchPath+"/lobby/events/score", c, jsonKind, long)
			return status
		},
		"as bytes": func(b *box, c auth.Claims) int {
			status, _ := b.postTo(batchPath+"/lobby/events/score", c, "application/octet-stream", long)
			return status
		},
		"in batches": func(b *box, c auth.Claims) int {
			status, _ := b.postTo(batchPath, c, jsonKind, `{"messages":[{"topic":"lobby","event":"score","payload":`+long+`}]}`)
			return status
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBox(t, appliance.Config{})
			started, sent := time.Now(), 0
			for send(b, anonClaims) == http.StatusAccepted {
				sent += len(long)
			}
			if may := most.Burst + int(float64(most.PerSecond)*(1+time.Since(started).Seconds())); sent > may || sent < most.Burst/2 {
				t.Errorf("%d bytes were taken, want about %d", sent, most.Burst)
			}
			if status := send(b, serviceClaims); status != http.StatusAccepted {
				t.Errorf("with a service key: %d", status)
			}
		})
	}
}
