package realtime

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// changeHub is a hub with changes of lesson plans to subscribe to.
func changeHub() *Hub {
	h := testHub(nil)
	h.cfg.Tables = []*table.Table{table.LessonPlans}
	return h
}

// plan is a row of lesson plans.
func plan(t *testing.T, values table.Row) table.Row {
	t.Helper()
	values["id"] = "0190c5a0-0000-7000-8000-000000000001"
	row, err := table.LessonPlans.Make(values, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func changed(op string, old, now table.Row) table.Change {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	return table.Change{Table: table.LessonPlans, Op: op, At: at, Old: old, New: now}
}

// bind joins with bindings and returns what the box answers.
func (c *client) bind(token, bindings string) []string {
	c.t.Helper()
	c.send("1", lobby, "phx_join", `{"access_token":"`+token+`","config":{"presence":{"enabled":false},"postgres_changes":`+bindings+`}}`)
	return c.take()
}

func TestBindingsAreAnsweredAsTheyWereAsked(t *testing.T) {
	c := connect(t, changeHub(), wire.V2)
	got := c.bind("anon", `[{"event":"*","schema":"public","table":"lesson_plans"},null,{"event":"INSERT","schema":"public","table":"lesson_plans","filter":"title=eq.x","select":["id","title"]}]`)
	all, some := (&binding{asked: object([]byte(`{"event":"*","schema":"public","table":"lesson_plans"}`))}).hash(),
		(&binding{asked: object([]byte(`{"event":"INSERT","schema":"public","table":"lesson_plans","filter":"title=eq.x","select":["id","title"]}`))}).hash()
	want(t, "the answer", got,
		fmt.Sprintf(`["1","1","realtime:lobby","phx_reply",{"status":"ok","response":{"postgres_changes":[`+
			`{"event":"*","id":%d,"schema":"public","table":"lesson_plans"},`+
			`{"event":"INSERT","filter":"title=eq.x","id":%d,"schema":"public","select":["id","title"],"table":"lesson_plans"}]}}]`, all, some),
		`["1",null,"realtime:lobby","system",{"channel":"lobby","extension":"postgres_changes","message":"Subscribed to PostgreSQL","status":"ok"}]`)
}

func TestChangesReachTheirSubscribers(t *testing.T) {
	old := plan(t, table.Row{"title": "Old"})
	row := plan(t, table.Row{"title": "Rain"})
	for _, try := range []struct {
		binding string
		change  table.Change
		sent    bool
	}{
		{`{"event":"*","schema":"*"}`, changed(table.OpInsert, nil, row), true},
		{`{"event":"*","schema":"public"}`, changed(table.OpInsert, nil, row), true},
		{`{"event":"insert","table":"lesson_plans"}`, changed(table.OpInsert, nil, row), true},
		{`{"event":"nonsense","table":"lesson_plans"}`, changed(table.OpInsert, nil, row), true},
		{`{"event":"DELETE","schema":"public","table":"lesson_plans"}`, changed(table.OpInsert, nil, row), false},
		{`{"event":"DELETE","schema":"public","table":"lesson_plans"}`, changed(table.OpDelete, row, nil), true},
		{`{"event":"*","schema":"other"}`, changed(table.OpInsert, nil, row), false},
		{`{"event":"UPDATE","schema":"public","table":"lesson_plans","filter":"title=eq.Rain"}`, changed(table.OpUpdate, old, row), true},
		{`{"event":"UPDATE","schema":"public","table":"lesson_plans","filter":"title=eq.Old"}`, changed(table.OpUpdate, old, row), false},
		{`{"event":"DELETE","schema":"public","table":"lesson_plans","filter":"title=like.R%,published=is.true"}`, changed(table.OpDelete, row, nil), true},
	} {
		h := changeHub()
		c := connect(t, h, wire.V2)
		c.bind("anon", "["+try.binding+"]")
		h.Changed(try.change)
		if got := c.take(); (len(got) == 1 && strings.Contains(got[0], `"postgres_changes",{"data"`)) != try.sent || len(got) > 1 {
			t.Errorf("%s: %s sends %v", try.binding, try.change.Op, got)
		}
	}
}

func TestTheShapeOfAChange(t *testing.T) {
	h := changeHub()
	c := connect(t, h, wire.V1)
	c.bind("anon", `[{"event":"UPDATE","schema":"public","table":"lesson_plans","select":["title"]}]`)
	h.Changed(changed(table.OpUpdate, plan(t, table.Row{"title": "Old"}), plan(t, table.Row{"title": "Rain"})))
	id := (&binding{asked: object([]byte(`{"event":"UPDATE","schema":"public","table":"lesson_plans","select":["title"]}`))}).hash()
	key := `{"id":"0190c5a0-0000-7000-8000-000000000001"`
	want(t, "an update", c.take(), fmt.Sprintf(`{"topic":"realtime:lobby","event":"postgres_changes","payload":{"data":{"schema":"public",`+
		`"table":"lesson_plans","type":"UPDATE","commit_timestamp":"2026-11-24T08:00:00.000Z",`+
		`"columns":[{"name":"id","type":"uuid"},{"name":"title","type":"text"}],`+
		`"record":`+key+`,"title":"Rain"},"old_record":`+key+`},"errors":null},"ids":[%d]},"ref":null}`, id))
}

func TestChangesReachOnlyMembersWhoMayRead(t *testing.T) {
	h := changeHub()
	anon, teacher := connect(t, h, wire.V2), connect(t, h, wire.V2)
	anon.bind("anon", `[{"event":"*","schema":"public"}]`)
	teacher.bind("teacher", `[{"event":"*","schema":"public"}]`)
	h.Changed(changed(table.OpInsert, nil, plan(t, table.Row{"title": "Draft", "published": false})))
	want(t, "what anon gets of a draft", anon.take())
	if got := teacher.take(); len(got) != 1 {
		t.Errorf("a teacher gets %v", got)
	}
	anon.send("1", lobby, "access_token", `{"access_token":"teacher"}`)
	h.Changed(changed(table.OpInsert, nil, plan(t, table.Row{"title": "Draft", "published": false})))
	if got := anon.take(); len(got) != 1 {
		t.Errorf("with a teacher's token, a member gets %v", got)
	}
}

func TestWrongBindings(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`{"event":"*","schema":"public"},`, maxBindings+1), ",")
	for _, bindings := range []string{
		`{"event":"*","schema":"public","table":"nothing"}`,
		`{"event":"*","schema":"public","table":"lesson_plans","filter":"nothing=eq.1"}`,
		`{"event":"*","schema":"public","table":"lesson_plans","filter":"title"}`,
		`{"event":"*","schema":"public","table":"lesson_plans","select":["nothing"]}`,
		`{"event":"*","schema":"public","table":"*","filter":"title=eq.x"}`,
		many,
	} {
		h := changeHub()
		c := connect(t, h, wire.V2)
		got := c.bind("anon", "["+bindings+"]")
		if len(got) != 2 || !strings.Contains(got[0], `"status":"ok"`) || !strings.Contains(got[1], `"status":"error"`) {
			t.Errorf("%.80s: answered %.300v", bindings, got)
		}
		waiting := connect(t, h, wire.V2)
		waiting.send("1", lobby, "phx_join", `{"config":{"postgres_changes":[`+bindings+`],"postgres_changes_options":{"wait":true}}}`)
		if got := waiting.take(); len(got) != 1 || !strings.Contains(got[0], `"reason":"RealtimeDisabledForConfiguration: `) {
			t.Errorf("%.80s: with wait, answered %.300v", bindings, got)
		}
	}
}

func TestLeavingEndsASubscription(t *testing.T) {
	h := changeHub()
	c := connect(t, h, wire.V2)
	c.bind("anon", `[{"event":"*","schema":"public"}]`)
	c.send("1", lobby, "phx_leave", `{}`)
	if len(h.subscribers.all()) != 0 {
		t.Errorf("%d subscribers are left", len(h.subscribers.all()))
	}
}

func TestALargeRowIsSentInPart(t *testing.T) {
	h := changeHub()
	c := connect(t, h, wire.V2)
	c.bind("anon", `[{"event":"*","schema":"public"}]`)
	h.Changed(changed(table.OpInsert, nil, plan(t, table.Row{"title": strings.Repeat("x", maxChange)})))
	got := c.take()
	if len(got) != 1 || len(got[0]) > 2000 || !strings.Contains(got[0], "Error 413: Payload Too Large") || !strings.Contains(got[0], `"published":true`) {
		t.Errorf("got %.300v", got)
	}
}

// BenchmarkChanged shows that a change is encoded once for all its subscribers.
func BenchmarkChanged(b *testing.B) {
	for _, n := range []int{40, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := changeHub()
			for range n {
				s := h.Open(&silent{}, Hello{Version: wire.V2, APIKey: "anon"})
				s.Receive(wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), lobby, "phx_join", []byte(`{"config":{"presence":{"enabled":false},"postgres_changes":[{"event":"*","schema":"public","table":"lesson_plans"}]}}`)).Payload(), false, 0)
			}
			row, err := table.LessonPlans.Make(table.Row{"title": "Rain"}, time.Now())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				h.Changed(changed(table.OpInsert, nil, row))
			}
		})
	}
}

// silent is a connection that drops everything.
type silent struct{ client }

func (*silent) Reply(wire.Packet) {}
