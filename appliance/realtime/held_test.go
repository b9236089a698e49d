package realtime

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// dial connects a program on a device.
func dial(t *testing.T, h *Hub, address, key string) *client {
	t.Helper()
	c := &client{t: t, v: wire.V2}
	c.session = h.Open(c, Hello{Version: wire.V2, APIKey: key, Address: address})
	t.Cleanup(func() { c.session.Closed(true) })
	return c
}

// titles are the titles of the rows in what a client got.
func titles(got []string) (all []string) {
	for _, m := range got {
		if _, rest, ok := strings.Cut(m, `"title":"`); ok {
			title, _, _ := strings.Cut(rest, `"`)
			all = append(all, title)
		}
	}
	return all
}

// writes makes the change of an insert by a program.
func writes(t *testing.T, title string, by *table.Request) table.Change {
	t.Helper()
	c := changed(table.OpInsert, nil, plan(t, table.Row{"title": title}))
	c.Request = by
	return c
}

func requestOf(address, key string) *table.Request {
	return table.NewRequest(auth.ProgramNames(address, key, tokens[key])...)
}

func wantTitles(t *testing.T, when string, c *client, want ...string) {
	t.Helper()
	synctest.Wait()
	if got := titles(c.take()); !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", when, got, want)
	}
}

const everyPlan = `[{"event":"*","schema":"public"}]`

func TestAChangeFollowsTheAnswerOfItsOwnWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := changeHub()
		writer, device := dial(t, h, "10.0.0.7:1", "teacher"), dial(t, h, "10.0.0.8:1", "teacher")
		neighbour := dial(t, h, "10.0.0.7:2", "anon")
		for _, c := range []*client{writer, device, neighbour} {
			c.bind("", everyPlan)
		}
		first, second := requestOf("10.0.0.7:3", "teacher"), requestOf("10.0.0.7:4", "teacher")
		h.Changed(writes(t, "one", first))
		h.Changed(writes(t, "two", first))
		h.Changed(writes(t, "other", requestOf("10.0.0.9:1", "teacher")))
		h.Changed(writes(t, "three", second))
		wantTitles(t, "before an answer, the writer", writer)
		for _, c := range []*client{device, neighbour} {
			wantTitles(t, "before an answer, others", c, "one", "two", "other", "three")
		}

		second.Answered()
		time.Sleep(afterAnswer)
		wantTitles(t, "after the later answer", writer)
		first.Answered()
		wantTitles(t, "at the answer", writer)
		time.Sleep(afterAnswer)
		wantTitles(t, "after both answers", writer, "one", "two", "other", "three")

		h.Changed(writes(t, "other", requestOf("10.0.0.9:1", "teacher")))
		wantTitles(t, "with nothing held", writer, "other")
	})
}

// TestAChangeWaitsForEchoes has a program that is busy when its answer comes.
func TestAChangeWaitsForEchoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := changeHub()
		writer := dial(t, h, "10.0.0.7:1", "teacher")
		writer.mute = true
		writer.bind("", everyPlan)
		by := requestOf("10.0.0.7:3", "teacher")
		h.Changed(writes(t, "one", by))
		by.Answered()
		time.Sleep(afterAnswer)
		for range 2 {
			synctest.Wait()
			wantTitles(t, "before an echo", writer)
			if n := writer.answer(); n != 1 {
				t.Errorf("%d echoes are asked for, want one", n)
			}
		}
		wantTitles(t, "after the second echo", writer, "one")
	})
}

// TestAnAnswerThatNeverLeaves has a program whose connection hangs.
func TestAnAnswerThatNeverLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := changeHub()
		writer := dial(t, h, "10.0.0.7:1", "teacher")
		writer.bind("", everyPlan)
		h.Changed(writes(t, "one", requestOf("10.0.0.7:3", "teacher")))
		time.Sleep(maxHold / 2)
		h.Changed(writes(t, "two", requestOf("10.0.0.7:3", "teacher")))
		time.Sleep(maxHold/2 - time.Nanosecond)
		wantTitles(t, "before the bound", writer)
		time.Sleep(time.Nanosecond)
		wantTitles(t, "at the first bound", writer, "one")
		time.Sleep(maxHold / 2)
		wantTitles(t, "at the second bound", writer, "two")
	})
}

// TestAClientThatAnswersNoPings waits long once, no longer than others then, and
// for its echoes again later.
func TestAClientThatAnswersNoPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := changeHub()
		writer := dial(t, h, "10.0.0.7:1", "teacher")
		writer.mute = true
		writer.bind("", everyPlan)
		for _, try := range []struct {
			title string
			wait  time.Duration
		}{{"one", maxHold}, {"two", afterAnswer}, {"three", afterAnswer}} {
			by := requestOf("10.0.0.7:3", "teacher")
			h.Changed(writes(t, try.title, by))
			by.Answered()
			time.Sleep(try.wait - time.Nanosecond)
			wantTitles(t, "before its time", writer)
			time.Sleep(time.Nanosecond)
			wantTitles(t, "at its time", writer, try.title)
		}
		time.Sleep(lateFor)
		by := requestOf("10.0.0.7:3", "teacher")
		h.Changed(writes(t, "four", by))
		by.Answered()
		time.Sleep(afterAnswer)
		for range 2 {
			wantTitles(t, "a minute later, before an echo", writer)
			writer.answer()
		}
		wantTitles(t, "a minute later, after both", writer, "four")
	})
}

// TestHeldChangesOfAllAreBounded has many programs whose answers hang, while
// another one writes large rows.
func TestHeldChangesOfAllAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := changeHub()
		const programs = 8
		for i := range programs {
			address := fmt.Sprintf("10.0.1.%d:1", i)
			writer := dial(t, h, address, "teacher")
			writer.bind("", everyPlan)
			h.Changed(writes(t, "own", requestOf(address, "teacher")))
		}
		large := strings.Repeat("x", maxChange/2)
		for i := range 2 * maxHeldByAll / programs / len(large) {
			h.Changed(writes(t, large, requestOf("10.0.0.9:1", "teacher")))
			if got := h.heldBytes.Load(); got > maxHeldByAll {
				t.Fatalf("after %d large changes %d bytes wait, want at most %d", i+1, got, maxHeldByAll)
			}
		}
		time.Sleep(maxHold)
		synctest.Wait()
		if got := h.heldBytes.Load(); got != 0 {
			t.Errorf("%d bytes are left", got)
		}
	})
}

func TestHeldChangesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := changeHub()
		writer := dial(t, h, "10.0.0.7:1", "teacher")
		writer.bind("", everyPlan)
		large := strings.Repeat("x", maxChange/2)
		by := requestOf("10.0.0.7:3", "teacher")
		for range maxHeld / len(large) {
			h.Changed(writes(t, large, by))
		}
		synctest.Wait()
		if got := writer.take(); len(got) < maxHeld/len(large)-1 {
			t.Errorf("%d changes have left, and the rest is over the bound", len(got))
		}
		time.Sleep(maxHold)
		synctest.Wait()
		if held := &writer.session.held; len(held.queue) != 0 || held.bytes != 0 {
			t.Errorf("%d places and %d bytes are left", len(held.queue), held.bytes)
		}
	})
}

func TestAMemberThatLeftGetsNoHeldChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := changeHub()
		writer := dial(t, h, "10.0.0.7:1", "teacher")
		writer.bind("", everyPlan)
		by := requestOf("10.0.0.7:3", "teacher")
		h.Changed(writes(t, "one", by))
		writer.send("1", lobby, "phx_leave", `{}`)
		by.Answered()
		time.Sleep(afterAnswer)
		wantTitles(t, "after it left", writer)
	})
}

// TestABroadcastOfAChangeFollowsTheAnswerToo posts what the box posts for every
// change.
func TestABroadcastOfAChangeFollowsTheAnswerToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := changeHub()
		writer, other := dial(t, h, "10.0.0.7:1", "teacher"), dial(t, h, "10.0.0.8:1", "teacher")
		for _, c := range []*client{writer, other} {
			c.join("realtime:table:lesson_plans", `{"private":true}`)
		}
		by := requestOf("10.0.0.7:3", "teacher")
		post := Post{Topic: "table:lesson_plans", Private: true, Request: by, Broadcast: Broadcast{
			Event: "INSERT", Encoding: wire.JSON, Payload: []byte(`{"record":{"title":"one"}}`),
		}}
		if err := h.Post(tokens["service"], post); err != nil {
			t.Fatal(err)
		}
		wantTitles(t, "before the answer", writer)
		wantTitles(t, "before the answer, another", other, "one")
		by.Answered()
		time.Sleep(afterAnswer)
		wantTitles(t, "after the answer", writer, "one")
	})
}
