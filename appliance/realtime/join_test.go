package realtime

import (
	"fmt"
	"strings"
	"testing"

	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// joinAsked joins with a config as JSON, and returns the member and what the box
// sent. The member is nil if the join was refused.
func joinAsked(t *testing.T, h *Hub, payload string) (m *Member, said string) {
	t.Helper()
	c := connect(t, h, wire.V2)
	c.send("1", lobby, "phx_join", payload)
	said = strings.Join(c.take(), "\n")
	if ok := strings.Contains(said, `"status":"ok"`); ok != (c.session.members[lobby] != nil) {
		t.Errorf("%s: the box says %s", payload, said)
	}
	return c.session.members[lobby], said
}

// Booleans may be words, in any case. Null and nothing are the default.
func TestBooleansOfAJoin(t *testing.T) {
	h := testHub(nil)
	for _, tt := range []struct {
		field, payload string
		normal         bool
		get            func(*Member) bool
	}{
		{"config.private", `{"config":{"private":%s}}`, false, func(m *Member) bool { return m.private }},
		{"config.broadcast.self", `{"config":{"broadcast":{"self":%s}}}`, false, func(m *Member) bool { return m.self }},
		{"config.broadcast.ack", `{"config":{"broadcast":{"ack":%s}}}`, false, func(m *Member) bool { return m.ack }},
		{"config.broadcast.replication_ready", `{"config":{"broadcast":{"replication_ready":%s}}}`, false, func(m *Member) bool { return m.ready }},
		{"config.presence.enabled", `{"config":{"presence":{"enabled":%s}}}`, true, func(m *Member) bool { return m.wantsPresence.Load() }},
		{"config.postgres_changes_options.wait", `{"config":{"postgres_changes_options":{"wait":%s}}}`, false, func(m *Member) bool { return m.subscription.wait }},
	} {
		for value, want := range map[string]bool{
			`true`: true, `"true"`: true, `"True"`: true, `"TRUE"`: true,
			`false`: false, `"false"`: false, `"False"`: false, `"FALSE"`: false,
			`null`: tt.normal, `""`: tt.normal,
		} {
			m, said := joinAsked(t, h, fmt.Sprintf(tt.payload, value))
			if m == nil {
				t.Errorf("%s %s: %s", tt.field, value, said)
			} else if got := tt.get(m); got != want {
				t.Errorf("%s %s is read as %v", tt.field, value, got)
			}
		}
		for _, value := range []string{`1`, `0`, `"1"`, `"yes"`, `"no"`, `"on"`, `[]`, `{}`, `[true]`, `1.5`, `"truth"`} {
			m, said := joinAsked(t, h, fmt.Sprintf(tt.payload, value))
			if want := `"status":"error","response":{"reason":"InvalidJoinPayload: ` + tt.field + ` must be true or false"}`; m != nil || !strings.Contains(said, want) {
				t.Errorf("%s %s: %s, want %s", tt.field, value, said, want)
			}
		}
	}
}

func TestKeysOfPresence(t *testing.T) {
	h := testHub(nil)
	for value, want := range map[string]string{
		`"ann"`: "ann", `123`: "123", `-1`: "-1", `0`: "0", `1.5`: "1.5", `true`: "true", `false`: "false", `"123"`: "123", `"\u00e9"`: "é",
		`12345678901234567890`: "12345678901234567890",
	} {
		m, said := joinAsked(t, h, `{"config":{"presence":{"key":`+value+`}}}`)
		if m == nil || m.key != want || !m.choseKey {
			t.Errorf("%s: %+v, %s", value, m, said)
		}
	}
	for _, value := range []string{`null`, `""`} {
		m, said := joinAsked(t, h, `{"config":{"presence":{"key":`+value+`}}}`)
		if m == nil || len(m.key) != 36 || m.choseKey {
			t.Errorf("%s: %+v, %s", value, m, said)
		}
	}
}

func TestJoinsThatCannotBeRead(t *testing.T) {
	h := changeHub()
	for payload, problem := range map[string]string{
		`[]`:                                  "the payload must be an object",
		`"config"`:                            "the payload must be an object",
		`7`:                                   "the payload must be an object",
		`{"config":[]}`:                       "config must be an object",
		`{"config":"x"}`:                      "config must be an object",
		`{"config":true}`:                     "config must be an object",
		`{"config":{"broadcast":1}}`:          "config.broadcast must be an object",
		`{"config":{"presence":[]}}`:          "config.presence must be an object",
		`{"config":{"presence":{"key":{}}}}`:  "config.presence.key must be a string",
		`{"config":{"presence":{"key":[1]}}}`: "config.presence.key must be a string",
		`{"config":{"presence":{"key":"` + strings.Repeat("x", 256) + `"}}}`: "config.presence.key must be at most 255 bytes long",
		`{"config":{"postgres_changes":{}}}`:                                 "config.postgres_changes must be a list",
		`{"config":{"postgres_changes":"*"}}`:                                "config.postgres_changes must be a list",
		`{"config":{"postgres_changes":[null,7]}}`:                           "config.postgres_changes[1] must be an object",
		`{"config":{"postgres_changes":[[]]}}`:                               "config.postgres_changes[0] must be an object",
		`{"config":{"postgres_changes_options":true}}`:                       "config.postgres_changes_options must be an object",
		`{"access_token":5}`:                                                 "access_token must be a string",
		`{"user_token":{}}`:                                                  "user_token must be a string",
	} {
		m, said := joinAsked(t, h, payload)
		if want := `"status":"error","response":{"reason":"InvalidJoinPayload: ` + problem + `"}`; m != nil || !strings.Contains(said, want) {
			t.Errorf("%s: %s, want %s", payload, said, want)
		}
	}
	if got := h.Stats().Refused["InvalidJoinPayload"]; got == 0 {
		t.Error("they are not counted")
	}
}

// What is null or missing has its default.
func TestJoinsWithLittleInThem(t *testing.T) {
	h := changeHub()
	for _, payload := range []string{
		`null`, `{}`, `{"config":null}`, `{"config":{}}`, `{"config":{"broadcast":null,"presence":null,"postgres_changes":null,"private":null}}`,
		`{"config":{"broadcast":{},"presence":{},"postgres_changes":[]}}`, `{"config":{"postgres_changes":[null,null]}}`,
		`{"access_token":null,"user_token":null}`, `{"access_token":"sb_publishable_x"}`, `{"config":{"broadcast":{"replay":null}}}`,
		`{"config":{"postgres_changes":[{"event":null,"schema":null,"table":null,"filter":null,"select":null}]}}`,
		`{"config":{"unknown":7},"version":5,"more":[]}`,
	} {
		m, said := joinAsked(t, h, payload)
		if m == nil || m.private || m.self || m.ack || !m.wantsPresence.Load() {
			t.Errorf("%s: %+v, %s", payload, m, said)
		}
	}
}

// A binding that cannot be read must not let every change through. The channel
// works without it.
func TestBindingsThatCannotBeRead(t *testing.T) {
	for _, binding := range []string{
		`{"table":"lesson_plans","filter":{"title":"Rain"}}`, `{"table":"lesson_plans","filter":7}`, `{"event":7,"table":"lesson_plans"}`,
		`{"schema":[],"table":"lesson_plans"}`, `{"table":{}}`, `{"table":"lesson_plans","select":"title"}`,
	} {
		h := changeHub()
		c := connect(t, h, wire.V2)
		c.send("1", lobby, "phx_join", `{"config":{"presence":{"enabled":false},"postgres_changes":[`+binding+`]}}`)
		if got := strings.Join(c.take(), "\n"); !strings.Contains(got, `"status":"ok"`) || !strings.Contains(got, `"extension":"postgres_changes"`) || !strings.Contains(got, `"status":"error"`) {
			t.Errorf("%s: the box says %s", binding, got)
		}
		h.Changed(changed(table.OpInsert, nil, plan(t, table.Row{"title": "Snow"})))
		want(t, "the changes", c.take())
	}
}
