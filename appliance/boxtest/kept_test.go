package boxtest

import (
	"net/http"
	"slices"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/web"
)

// TestWhatTheBoxKeeps: the teacher reads what the box keeps, for how long, and who has
// read the words of students.
func TestWhatTheBoxKeeps(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	if status := b.call("GET", "/box/v1/kept", nil, nil); status != http.StatusUnauthorized {
		t.Errorf("somebody who is not signed in: %d", status)
	}
	ana := b.sit("MUSIC-2024", "")
	if status := b.rest(ana.Token, "POST", "reflections", `{"text":"together","shared":true}`, nil); status != http.StatusCreated {
		t.Fatal(status)
	}
	read := func() (reply web.KeptReply, of func(what string) web.Kept) {
		t.Helper()
		if status := b.staffCall("GET", "/box/v1/kept", nil, &reply); status != http.StatusOK {
			t.Fatal(status)
		}
		return reply, func(what string) web.Kept {
			i := slices.IndexFunc(reply.Kept, func(k web.Kept) bool { return k.What == what })
			if i < 0 {
				t.Fatalf("%s is not listed", what)
			}
			return reply.Kept[i]
		}
	}
	reply, of := read()
	if words := of("public.reflections"); *words.Rows != 1 || words.Hours != 180*24 || !words.OwnKey || words.School || !slices.Contains(words.Fields, "text") || !slices.Contains(words.Fields, "room") {
		t.Errorf("reflections: %+v", words)
	}
	if signIns := of("sessions"); *signIns.Rows != 1 || signIns.Hours != 8 {
		t.Errorf("sign-ins: %+v", signIns)
	}
	if rooms := of("rooms"); *rooms.Rows != 1 || rooms.Hours != 0 {
		t.Errorf("rooms: %+v", rooms)
	}
	if checkIns := of("public.check_ins"); checkIns.Rows != nil {
		t.Errorf("%d check-ins are counted", *checkIns.Rows)
	}
	if len(reply.Readers) != 0 {
		t.Errorf("nobody has read them: %+v", reply.Readers)
	}
	for range 2 {
		_ = b.staffPage("/box/v1/reflections.json").Close()
	}
	if reply, _ = read(); len(reply.Readers) != 1 || reply.Readers[0].By != "teacher" || reply.Readers[0].How != "export" || reply.Readers[0].Rows != 2 || reply.Readers[0].Last.IsZero() {
		t.Errorf("the teacher took them along twice: %+v", reply.Readers)
	}
}
