package boxtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
)

// metas is the content of presence messages, by key.
type metas map[string]struct{ Metas []object }

// changed waits for the next presence_diff about a key.
func (c *client) changed(key string) object {
	c.t.Helper()
	for {
		var diff struct{ Joins metas }
		c.expect("presence_diff").into(&diff)
		if len(diff.Joins[key].Metas) > 0 {
			return diff.Joins.only(c.t, key)
		}
	}
}

// only returns the one meta of a key, without its refs.
func (m metas) only(t *testing.T, key string) object {
	t.Helper()
	if len(m[key].Metas) != 1 {
		t.Fatalf("presence of %s: %v, want one meta", key, m)
	}
	meta := m[key].Metas[0]
	delete(meta, "phx_ref")
	delete(meta, "phx_ref_prev")
	return meta
}

func TestPresenceShowsMembers(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	zoe := b.dial(seat.Token)
	zoe.key = "a key of her own"
	zoe.join("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	want := object{
		"student_id": zoe.id, "seat": float64(zoe.seat), "name": seat.Member.Name,
		"role": "student", "muted": false, "beats": []any{}, "group": nil,
	}
	expect := func(when string, got object) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	var state metas
	teacher.expect("presence_state").into(&state)
	expect("before she tracks anything", state.only(t, zoe.key))

	zoe.push(zoe.topic, "presence", object{"type": "presence", "event": "track", "payload": object{
		"mood": "good", "role": "teacher", "student_id": teacher.id, "seat": 71,
	}})
	want["mood"] = "good" // the box overrides the rest
	expect("when she says who she is", teacher.changed(zoe.key))

	for _, tt := range []struct {
		event   string
		payload object
		field   string
		want    any
	}{
		{"mute_student", object{"student_id": zoe.id, "muted": true}, "muted", true},
		{"assign_beat", object{"student_id": zoe.id, "beat": []int{0, 2}}, "beats", []any{0.0, 2.0}},
		{"assign_role", object{"student_id": zoe.id, "role": "bass"}, "role", "bass"},
	} {
		teacher.must(tt.event, tt.payload)
		want[tt.field] = tt.want
		expect("after "+tt.event, teacher.changed(zoe.key))
	}
}

func TestTwoTabsShareASeat(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	teacher := b.teacher("MUSIC-2024")
	one, two := b.dial(seat.Token).join("MUSIC-2024"), b.dial(seat.Token).join("MUSIC-2024")
	if one.id != two.id || one.seat != two.seat {
		t.Errorf("two tabs are %s in %d and %s in %d", one.id, one.seat, two.id, two.seat)
	}
	one.must("play_note", object{"midi": 60})
	two.must("stop_note", object{"midi": 60})
	if off := teacher.nextNote("student_note_off"); off.ID != one.id {
		t.Errorf("one tab's note was ended by %+v", off)
	}
	two.must("play_note", object{"midi": 62})
	teacher.until("student_note")
	one.reply(one.push(one.topic, "phx_leave", object{}))
	two.must("chat", object{})
	for _, event := range teacher.until("chat") {
		if event == "member_changed" || event == "student_note_off" {
			t.Errorf("one tab of two left, and there was a %s", event)
		}
	}
	two.close()
	if off := teacher.nextNote("student_note_off"); off.Note != 62 {
		t.Errorf("with the last tab ends %+v", off)
	}
	var changed struct{ Member struct{ Online bool } }
	if teacher.expect("member_changed").into(&changed); changed.Member.Online {
		t.Error("with the last tab closed the member is online")
	}
}

func TestTheStateComesBeforeItsChanges(t *testing.T) {
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	c := b.dial(b.sit("MUSIC-2024", "").Token)
	c.askToJoin("MUSIC-2024")
	if before := c.until("room_state"); slices.Contains(before, "member_changed") {
		t.Errorf("before the state a new member gets %v", before)
	}
}

// A name that a plain client tracks becomes the member's, if it can be used.
func TestNamesThatClientsTrack(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Door: room.DoorOpen})
	b.open("MUSIC-2024")
	watch := b.student("MUSIC-2024")
	guest := b.dial(b.token(anonClaims))
	guest.key = "ann"
	guest.join("MUSIC-2024")
	generated, _ := watch.changed("ann")["name"].(string)
	track := func(c *client, fields any) reply {
		t.Helper()
		return c.reply(c.push(c.topic, "presence", object{"type": "presence", "event": "track", "payload": fields}))
	}
	shown := func() object { // after the box's answer, all of it is there
		t.Helper()
		late := b.student("MUSIC-2024")
		defer late.close()
		var state metas
		late.expect("presence_state").into(&state)
		return state.only(t, "ann")
	}
	for _, tt := range []struct {
		tracked any
		name    string
		refused bool
	}{
		{object{"name": "Mr Smith"}, generated, true}, // passes for a teacher
		{object{"name": strings.Repeat("x", 30)}, generated, true},
		{object{"name": 7}, generated, false},
		{object{"mood": "shy"}, generated, false},
		{object{"name": " Alice "}, "Alice", false},
		{object{"name": "Alice", "mood": "bold"}, "Alice", false},
		{object{"mood": "calm"}, "Alice", false},
	} {
		if r := track(guest, tt.tracked); r.Status != "ok" {
			t.Errorf("%v is answered %+v", tt.tracked, r)
		}
		if got := shown(); got["name"] != tt.name || got["student_id"] != guest.id {
			t.Errorf("after %v presence shows %v, want %s", tt.tracked, got, tt.name)
		}
	}
	if got, _ := guest.expect("system").fields()["message"].(string); !strings.HasPrefix(got, "You keep your name: that name cannot be used") {
		t.Errorf("a name that cannot be used is answered %q", got)
	}
	guest.must("resync", object{})
	var state struct{ Members []room.Member }
	guest.expect("room_state").into(&state)
	found := false
	for _, m := range state.Members {
		found = found || m.ID == guest.id && m.Name == "Alice"
	}
	if !found {
		t.Errorf("the room knows %+v", state.Members)
	}
	// Another member cannot have it as well.
	other := b.dial(b.token(anonClaims))
	other.key = "ben"
	other.join("MUSIC-2024")
	track(other, object{"name": "Alice"})
	var all metas
	late := b.student("MUSIC-2024")
	if late.expect("presence_state").into(&all); all.only(t, "ben")["name"] == "Alice" {
		t.Error("two members are called Alice")
	}
}

// Names that change without end are not shown without end.
func TestNamesThatChangeAllTheTime(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Door: room.DoorOpen})
	b.open("MUSIC-2024")
	watch, guest := b.student("MUSIC-2024"), b.dial(b.token(anonClaims)).join("MUSIC-2024")
	const tries = 20
	for i := range tries {
		guest.reply(guest.push(guest.topic, "presence", object{"event": "track", "payload": object{"name": fmt.Sprint("Ann ", i)}}))
	}
	guest.must("end", object{})
	taken := 0
	watch.expect("end")
	for _, m := range watch.waiting {
		if m.event == "member_changed" && strings.Contains(m.String(), `"name":"Ann `) {
			taken++
		}
	}
	if taken == 0 || taken > tries/2 {
		t.Errorf("%d of %d names were taken, want a few", taken, tries)
	}
}
