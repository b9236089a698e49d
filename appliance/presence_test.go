package appliance

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// metas is what presence messages say, by key.
type metas map[string]struct{ Metas []object }

// changed is what the next presence_diff about a key says of it.
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

// only is the one meta of a key, without its refs.
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

func TestPresenceSaysWhoIsWho(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	zoe := b.dial(seat.Token)
	zoe.key = "a key of her own"
	zoe.join("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	want := object{
		"student_id": zoe.id, "seat": float64(zoe.seat), "name": seat.Member.Name,
		"role": "student", "muted": false, "beats": []any{},
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
	want["mood"] = "good" // and nothing else that she says
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
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	teacher := b.teacher("MUSIC-2024")
	one, two := b.dial(seat.Token).join("MUSIC-2024"), b.dial(seat.Token).join("MUSIC-2024")
	if one.id != two.id || one.seat != two.seat {
		t.Errorf("two tabs are %s in %d and %s in %d", one.id, one.seat, two.id, two.seat)
	}
	one.must("play_note", object{"midi": 60})
	two.must("stop_note", object{"midi": 60})
	if off := teacher.hears("student_note_off"); off.ID != one.id {
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
	if off := teacher.hears("student_note_off"); off.Note != 62 {
		t.Errorf("with the last tab ends %+v", off)
	}
	var changed struct{ Member struct{ Online bool } }
	if teacher.expect("member_changed").into(&changed); changed.Member.Online {
		t.Error("with the last tab closed the member is online")
	}
}

func TestTheStateComesBeforeItsChanges(t *testing.T) {
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	c := b.dial(b.sit("MUSIC-2024", "").Token)
	c.knock("MUSIC-2024")
	if before := c.until("room_state"); slices.Contains(before, "member_changed") {
		t.Errorf("before the state a newcomer hears %v", before)
	}
}
