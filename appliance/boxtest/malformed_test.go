package boxtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/wire"
)

// A join that cannot be read is refused with the field that is wrong. What the
// schema of supabase/realtime reads, the box reads too.
func TestJoinsThatAreMalformed(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Limits: map[string]int{"joins": 1000}})
	long := strings.Repeat("x", wire.MaxTopic)
	const invalid = "InvalidJoinPayload: "
	for name, tt := range map[string]struct{ topic, payload, reason string }{
		"no prefix":            {"lobby", `{}`, "unmatched topic"},
		"another prefix":       {"private:lobby", `{}`, "unmatched topic"},
		"in capitals":          {"REALTIME:lobby", `{}`, "unmatched topic"},
		"a topic of no name":   {"realtime:", `{}`, "TopicNameRequired: You must provide a topic name"},
		"too long a topic":     {"realtime:" + long, `{}`, "unmatched topic"},
		"no payload":           {"realtime:a", `null`, ""},
		"a list":               {"realtime:a", `[]`, invalid + "the payload must be an object"},
		"a word":               {"realtime:a", `"config"`, invalid + "the payload must be an object"},
		"a number":             {"realtime:a", `1e300`, invalid + "the payload must be an object"},
		"config a list":        {"realtime:a", `{"config":[]}`, invalid + "config must be an object"},
		"config null":          {"realtime:a", `{"config":null}`, ""},
		"broadcast a word":     {"realtime:a", `{"config":{"broadcast":"self"}}`, invalid + "config.broadcast must be an object"},
		"self a word":          {"realtime:a", `{"config":{"broadcast":{"self":"True","ack":"FALSE"}}}`, ""},
		"ack no boolean":       {"realtime:a", `{"config":{"broadcast":{"self":"true","ack":"no"}}}`, invalid + "config.broadcast.ack must be true or false"},
		"presence a list":      {"realtime:a", `{"config":{"presence":[]}}`, invalid + "config.presence must be an object"},
		"a key of a number":    {"realtime:a", `{"config":{"presence":{"key":7}}}`, ""},
		"a key that is none":   {"realtime:a", `{"config":{"presence":{"key":{"a":1}}}}`, invalid + "config.presence.key must be a string"},
		"too long a key":       {"realtime:a", `{"config":{"presence":{"key":"` + long + `x"}}}`, invalid + "config.presence.key must be at most 255 bytes long"},
		"private a number":     {"realtime:a", `{"config":{"private":1}}`, invalid + "config.private must be true or false"},
		"changes an object":    {"realtime:a", `{"config":{"postgres_changes":{}}}`, invalid + "config.postgres_changes must be a list"},
		"changes removed":      {"realtime:a", `{"config":{"postgres_changes":[null,{},null]}}`, ""},
		"changes of nothing":   {"realtime:a", `{"config":{"postgres_changes":[null,1,"x",[],{}]}}`, invalid + "config.postgres_changes[1] must be an object"},
		"a change of nothing":  {"realtime:a", `{"config":{"postgres_changes":[{"event":7}]}}`, ""},
		"a thousand changes":   {"realtime:a", `{"config":{"postgres_changes":[` + strings.Repeat(`{},`, 999) + `{}]}}`, ""},
		"a select of nothing":  {"realtime:a", `{"config":{"postgres_changes":[{"table":"lesson_plans","select":[null,{}]}]}}`, ""},
		"replay of a word":     {"realtime:a", `{"config":{"private":true,"broadcast":{"replay":{"since":"soon"}}}}`, "UnableToReplayMessages: Replay params are not valid"},
		"replay in public":     {"realtime:a", `{"config":{"broadcast":{"replay":{"since":1}}}}`, "UnableToReplayMessages: Replay is not allowed for public channels"},
		"a token of a number":  {"realtime:a", `{"access_token":5}`, invalid + "access_token must be a string"},
		"a token that is none": {"realtime:a", `{"access_token":"x.y.z"}`, "MalformedJWT: The token provided is not a valid JWT"},
		"an old token":         {"realtime:a", `{"user_token":"x"}`, "MalformedJWT: The token provided is not a valid JWT"},
		"a key for a token":    {"realtime:a", `{"access_token":"sb_secret_x"}`, ""},
		"deep":                 {"realtime:a", `{"config":` + strings.Repeat(`{"config":`, 2000) + `1` + strings.Repeat(`}`, 2000) + `}`, ""},
		"no such room":         {"realtime:music_room:NO-0000", `{}`, "Unauthorized: You do not have permissions to read from this Channel topic: music_room:NO-0000"},
		"no code":              {"realtime:music_room:", `{}`, "Unauthorized: You do not have permissions to read from this Channel topic: music_room:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			token := b.token(auth.Claims{Role: auth.Authenticated, Subject: name})
			for _, vsn := range []string{"1.0.0", "2.0.0"} {
				c := b.dial(token, "vsn", vsn)
				r := c.reply(c.push(tt.topic, "phx_join", json.RawMessage(tt.payload)))
				if want := map[bool]string{true: "ok", false: "error"}[tt.reason == ""]; r.Status != want || r.Response.Reason != tt.reason {
					t.Errorf("vsn %s: answered %+v, want %s %q", vsn, r, want, tt.reason)
				}
				if r := c.reply(c.push("phoenix", "heartbeat", object{})); r.Status != "ok" {
					t.Errorf("vsn %s: a heartbeat after it is answered %+v", vsn, r)
				}
			}
		})
	}
}

// Wrong frames of serializer 1 are dropped, and the connection lives.
func TestFramesOfSerializer1ThatMakeNoSense(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	c := b.dial(b.token(anonClaims), "vsn", "1.0.0")
	for _, frame := range []string{
		``, `{`, `[]`, `null`, `7`, `"x"`, `{}`, `{"topic":"realtime:a"}`, `{"event":"phx_join"}`,
		`["1","1","realtime:a","phx_join",{}]`, `{"topic":1,"event":"phx_join","payload":{},"ref":"1"}`,
		`{"topic":"realtime:a","event":{},"payload":{},"ref":"1"}`, `{"topic":"realtime:a","event":"phx_join","payload":{},"ref":{}}`,
		"{\"topic\":\"realtime:\xff\",\"event\":\"phx_join\",\"payload\":{},\"ref\":\"1\"}", strings.Repeat(`{"topic":`, 5000),
	} {
		c.write(websocket.TextMessage, []byte(frame))
	}
	c.write(websocket.BinaryMessage, []byte("\x03\x01\x01\x01\x01\x00\x0111ax{}"))
	if r := c.reply(c.push("phoenix", "heartbeat", object{})); r.Status != "ok" {
		t.Errorf("a heartbeat after them is answered %+v", r)
	}
}

// Filters that are meant to break the box are refused, or cheap.
func TestFiltersThatAreBuiltToBreak(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Limits: map[string]int{"joins": 1000}})
	if status := b.plans(b.token(teacherClaims), "POST", "", `{"title":"`+strings.Repeat("a", 5_000)+`"}`, nil); status != http.StatusCreated {
		t.Fatalf("a long title: %d", status)
	}
	c := b.dial(b.token(anonClaims))
	for name, filter := range map[string]string{
		"nothing":               "=",
		"only operators":        "title=not.not.not.eq",
		"a column of nothing":   ".eq.1",
		"an open quote":         `title=eq."`,
		"an open list":          `title=in.(`,
		"many quotes":           `title=in.(` + strings.Repeat(`"",`, 2000) + `"")`,
		"many backslashes":      `title=eq."` + strings.Repeat(`\`, 5001),
		"many conditions":       strings.Repeat("title=eq.a,", 2000) + "title=eq.a",
		"deep":                  "title=" + strings.Repeat("not.", 5000) + "eq.a",
		"SQL":                   `title=eq.'; drop table lesson_plans; --`,
		"an expression to wait": `title=match.(a*)*(a*)*(a*)*$`,
		"a repetition":          `title=match.((a{1,100}){1,100}){1,100}`,
		"a like to wait":        "title=like." + strings.Repeat("%a", 120),
		"a long like":           "title=like." + strings.Repeat("%", 5000),
		"a huge number":         "published=eq." + strings.Repeat("9", 5000),
		"no UTF-8":              "title=eq.\xff\xfe",
		"a null byte":           "title=eq.\x00",
		"a path":                "body->" + strings.Repeat("a->", 3000) + "b=eq.1",
	} {
		c.t = t
		raw, _ := json.Marshal(filter)
		topic := "realtime:" + strings.ReplaceAll(name, " ", "-")
		r := c.reply(c.push(topic, "phx_join", json.RawMessage(`{"config":{"postgres_changes":[{"event":"*","schema":"public","table":"lesson_plans","filter":`+string(raw)+`}]}}`)))
		if r.Status != "ok" {
			t.Errorf("%s: a join: %+v", name, r)
		}
		if status := b.request(b.token(anonClaims), "GET", "/rest/v1/lesson_plans?and=("+url.QueryEscape(filter)+")", ""); status >= 500 {
			t.Errorf("%s: a group: %d", name, status)
		}
		column, condition, _ := strings.Cut(filter, "=")
		if status := b.request(b.token(anonClaims), "GET", "/rest/v1/lesson_plans?"+url.QueryEscape(column)+"="+url.QueryEscape(condition), ""); status >= 500 {
			t.Errorf("%s: a condition: %d", name, status)
		}
	}
	if status := b.plans(b.token(teacherClaims), "POST", "", `{"title":"`+strings.Repeat("a", 5_000)+`"}`, nil); status != http.StatusCreated {
		t.Errorf("a change that all of them look at: %d", status)
	}
	if r := c.reply(c.push("phoenix", "heartbeat", object{})); r.Status != "ok" {
		t.Errorf("a heartbeat after it is answered %+v", r)
	}
}
