package realtime

import (
	"fmt"
	"strings"
	"testing"

	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// legacyJoin is the join of supabase-js 1.35.7.
const legacyJoin = `{"user_token":"anon"}`

func TestTopicsThatAreSubscriptions(t *testing.T) {
	rain, snow := plan(t, table.Row{"title": "Rain"}), plan(t, table.Row{"title": "Snow: 7:30"})
	for topic, tt := range map[string]struct {
		titles  []string
		problem string
	}{
		"realtime:*":                                                 {titles: []string{"Rain", "Snow"}},
		"realtime:public":                                            {titles: []string{"Rain", "Snow"}},
		"realtime:public:*":                                          {titles: []string{"Rain", "Snow"}},
		"realtime:public:lesson_plans":                               {titles: []string{"Rain", "Snow"}},
		"realtime:public:lesson_plans:title=eq.Rain":                 {titles: []string{"Rain"}},
		"realtime:public:lesson_plans:title=eq.Snow: 7:30":           {titles: []string{"Snow"}},
		"realtime:public:lesson_plans:title=like.R%,published=is.f":  {problem: "filter"},
		"realtime:public:lesson_plans:title=like.R%,title=neq.Snow":  {titles: []string{"Rain"}},
		"realtime:public:lesson_plans:":                              {titles: []string{"Rain", "Snow"}},
		"realtime:public:nothing":                                    {problem: "there is no such table"},
		"realtime:public:nothing:id=eq.1":                            {problem: "there is no such table"},
		"realtime:public:*:title=eq.Rain":                            {problem: "not supported for wildcard subscriptions"},
		"realtime:public:lesson_plans:nonsense":                      {problem: "filter"},
		"realtime:public:lesson_plans:title=eq.Rain:published=eq.no": {}, // one title, with a colon
		"realtime:lobby":                                             {},
		"realtime:lobby:lesson_plans":                                {},
		"realtime:publicity:lesson_plans":                            {},
		"realtime::::":                                               {},
	} {
		t.Run(topic, func(t *testing.T) {
			h := changeHub()
			c := connect(t, h, wire.V1)
			c.send("1", topic, "phx_join", legacyJoin)
			said := strings.Join(c.take(), "\n")
			if !strings.Contains(said, `"status":"ok","response":{"postgres_changes":`) {
				t.Errorf("the answer to the join is %s", said)
			}
			listens := len(tt.titles) > 0 || strings.HasPrefix(topic, "realtime:public:")
			if problem := strings.Contains(said, `"status":"error"`); problem != (tt.problem != "") || !strings.Contains(said, tt.problem) {
				t.Errorf("the box sends %s, want the problem %q", said, tt.problem)
			}
			if tt.problem == "" && strings.Contains(said, "Subscribed to PostgreSQL") != listens {
				t.Errorf("the box sends %s", said)
			}
			h.Changed(changed(table.OpInsert, nil, rain))
			h.Changed(changed(table.OpInsert, nil, snow))
			got := c.take()
			if len(got) != len(tt.titles) {
				t.Fatalf("got %d changes, want %d: %v", len(got), len(tt.titles), got)
			}
			for i, title := range tt.titles {
				if !strings.Contains(got[i], `"title":"`+title) {
					t.Errorf("got %s, want %s", got[i], title)
				}
			}
		})
	}
}

// TestChangesAsBeforeSupabaseJS2 compares whole messages.
func TestChangesAsBeforeSupabaseJS2(t *testing.T) {
	h := changeHub()
	old, now := connect(t, h, wire.V1), connect(t, h, wire.V1)
	const topic = "realtime:public:lesson_plans"
	old.send("1", topic, "phx_join", legacyJoin)
	now.send("1", topic, "phx_join", `{"config":{"postgres_changes":[{"schema":"public","table":"lesson_plans"}]}}`)
	id := (&binding{asked: object([]byte(`{"schema":"public","table":"lesson_plans"}`))}).hash()
	want(t, "the join", old.take(),
		fmt.Sprintf(`{"topic":"realtime:public:lesson_plans","event":"phx_reply","payload":{"status":"ok","response":`+
			`{"postgres_changes":[{"id":%d,"schema":"public","table":"lesson_plans"}]}},"ref":"1"}`, id),
		`{"topic":"realtime:public:lesson_plans","event":"presence_state","payload":{},"ref":null}`,
		`{"topic":"realtime:public:lesson_plans","event":"system","payload":{"channel":"public:lesson_plans",`+
			`"extension":"postgres_changes","message":"Subscribed to PostgreSQL","status":"ok"},"ref":null}`)
	now.take()
	h.Changed(changed(table.OpDelete, plan(t, table.Row{"title": "Rain"}), nil))
	data := `{"schema":"public","table":"lesson_plans","type":"DELETE","commit_timestamp":"2026-11-24T08:00:00.000Z",` +
		`"columns":[{"name":"id","type":"uuid"},{"name":"title","type":"text"},{"name":"body","type":"jsonb"},{"name":"published","type":"bool"},` +
		`{"name":"created_at","type":"timestamptz"},{"name":"updated_at","type":"timestamptz"}],` +
		`"old_record":{"id":"0190c5a0-0000-7000-8000-000000000001"},"errors":null}`
	want(t, "a client of before", old.take(), `{"topic":"`+topic+`","event":"DELETE","payload":`+data+`,"ref":null}`)
	want(t, "a client of today", now.take(), fmt.Sprintf(`{"topic":"`+topic+`","event":"postgres_changes","payload":{"data":%s,"ids":[%d]},"ref":null}`, data, id))
}

// A join with a config, even null, is not a legacy join.
func TestAConfigIsNoLegacy(t *testing.T) {
	for _, payload := range []string{`{"config":{}}`, `{"config":null}`} {
		c := connect(t, changeHub(), wire.V2)
		c.send("1", "realtime:public:lesson_plans", "phx_join", payload)
		if got := c.take(); !strings.Contains(got[0], `{"postgres_changes":[]}`) {
			t.Errorf("%s: answered %s", payload, got[0])
		}
	}
}

// A topic with a director is no schema, whatever its name.
func TestARoomIsNoSubscription(t *testing.T) {
	h := testHub(func(topic string) Director {
		if topic == "public:lesson_plans" {
			return host{}
		}
		return nil
	})
	h.cfg.Tables = []*table.Table{table.LessonPlans}
	c := connect(t, h, wire.V2)
	c.send("1", "realtime:public:lesson_plans", "phx_join", `{}`)
	if got := c.take(); !strings.Contains(got[0], `{"postgres_changes":[]}`) || len(h.subscribers.all()) > 0 {
		t.Errorf("answered %s, and there are %d subscribers", got[0], len(h.subscribers.all()))
	}
}
