package boxtest

import (
	"encoding/json"
	"slices"
	"testing"

	"downbeat.local/appliance"
)

// TestNoClientSpeaksForTheBox sends messages that other clients would take for
// the box's. supabase-js ignores case in the names of events, and fails on an
// event that is no text.
func TestNoClientSpeaksForTheBox(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	rough, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	for name, tt := range map[string]struct{ payload, want string }{
		"its name":             {`{"event":"student_note","payload":{}}`, "unauthorized"},
		"in capitals":          {`{"event":"Student_Note","payload":{}}`, "unauthorized"},
		"under another key":    {`{"event":"student_note","Event":"chat","payload":{}}`, "unauthorized"},
		"under two names":      {`{"event":"chat","event":"student_note","payload":{}}`, "unauthorized"},
		"spelled out":          {`{"event":"\u0073tudent_note","payload":{}}`, "unauthorized"},
		"a teacher's":          {`{"event":"START","payload":{}}`, "unauthorized"},
		"a player's":           {`{"event":"PLAY_NOTE","payload":{}}`, "unauthorized"},
		"no name":              {`{"payload":{}}`, "bad_payload"},
		"a number for a name":  {`{"event":5,"payload":{}}`, "bad_payload"},
		"a list for a name":    {`{"event":["student_note"],"payload":{}}`, "bad_payload"},
		"a list for a message": {`[{"event":"student_note"}]`, "bad_payload"},
		"nothing":              {`null`, "bad_payload"},
	} {
		r := rough.reply(rough.push(rough.topic, "broadcast", json.RawMessage(tt.payload)))
		if r.Status != "error" || r.Response.Reason != tt.want {
			t.Errorf("%s: %+v, want %s", name, r, tt.want)
		}
	}
	rough.must("chat", object{})
	for _, event := range listener.until("chat") {
		if !slices.Contains([]string{"phx_reply", "presence_state", "presence_diff", "member_changed"}, event) {
			t.Errorf("another client got %q", event)
		}
	}
}
