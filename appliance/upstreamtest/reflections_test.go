package upstreamtest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/client"
	"downbeat.local/appliance/room"
)

// The ids of rows, as the pages make them.
const (
	sharedID  = "019ad000-0000-7000-8000-000000000001"
	privateID = "019ad000-0000-7000-8000-000000000002"
)

// classroom runs a box with an open room, and takes a seat in it.
func classroom(t *testing.T, cfg appliance.Config) (b, member *box) {
	t.Helper()
	cfg.Demo, cfg.Door = &appliance.Demo{}, room.DoorOpen
	b = runConfig(t, cfg)
	seat, err := client.TakeSeat(t.Context(), b.url, demoRoom)
	if err != nil {
		t.Fatal(err)
	}
	return b, &box{t: t, url: b.url, key: seat.Token}
}

// demoRoom is the room of every demo.
const demoRoom = "MUSIC-2024"

// reflections are the rows of the school, as the box's columns say them.
func (s *school) reflections() string {
	s.t.Helper()
	return strings.Join(s.query(`select concat_ws(' ', student_id is not null, prompt, text, feeling, shared, sealed is not null, deleted_at is not null)
		from reflections order by id`), "; ")
}

// TestReflections follows the words of a student: to the school when they share
// them, sealed when they do not, and out of it when they are taken back.
func TestReflections(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	b, ana := classroom(t, configOf(t.TempDir(), s.admit("music1")))
	ana.must("POST", "reflections", []map[string]any{
		{"id": sharedID, "text": "we kept the beat", "feeling": 4, "shared": true, "prompt": nil},
		{"id": privateID, "text": "canary words", "feeling": 1, "shared": false, "prompt": "How was it?"},
	})
	eventually(t, "upstream", "t we kept the beat 4 t f f; t f t f", s.reflections)
	for _, id := range []string{sharedID, privateID} {
		eventually(t, "the page", `{"at":"school"}`, func() string { return b.whereabouts("reflections", id) })
	}
	if got := b.whereabouts("reflections", "00000000-0000-7000-8000-000000000000"); got != `{"at":"box"}` {
		t.Errorf("unknown words are at %s", got)
	}
	dump := strings.Join(s.query("select r::text, encode(coalesce(sealed, ''), 'escape') from reflections as r"), " ")
	if strings.Contains(dump, "canary") || strings.Contains(dump, "How was it") {
		t.Error("the school can read what was not shared")
	}
	s.exec("update reflections set text = 'forged' where shared")
	s.exec(fmt.Sprintf("delete from reflections where id = '%s'", privateID))
	words := func() string {
		_, text, err := ana.ask("GET", "reflections?select=text&order=id", nil)
		return fmt.Sprint(string(text), err)
	}
	eventually(t, "the box", `[{"text":"we kept the beat"}]<nil>`, words)
	b.must("DELETE", "reflections?id=eq."+sharedID, nil)
	eventually(t, "upstream", "f t f t; f f f t", s.reflections)
}

// whereabouts asks as the page of a student does.
func (b *box) whereabouts(what, id string) string {
	b.t.Helper()
	answer, err := http.Get(b.url + "/box/v1/" + what + "/" + id)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func TestOnlyTheChosenTablesGo(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	cfg := configOf(t.TempDir(), s.admit("music1"))
	cfg.UpstreamTables = []string{"lesson_plans"}
	b, ana := classroom(t, cfg)
	ana.must("POST", "reflections", map[string]any{"id": sharedID, "text": "words", "shared": true})
	b.insert("one")
	inStep(t, s, b)
	if got := s.reflections(); got != "" {
		t.Errorf("got %q, want none", got)
	}
	b.stop()
	b = runBox(t, b.dir, cfg.Upstream) // now all go
	eventually(t, "upstream", "t words t f f", s.reflections)
	inStep(t, s, b)
}
