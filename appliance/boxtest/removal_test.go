package boxtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
)

// TestMuteOutlastsTheSeat has a muted and a removed student come in again, as new
// students.
func TestMuteOutlastsTheSeat(t *testing.T) {
	t.Parallel()
	for name, silence := range map[string]func(teacher, student *client){
		"muted": func(teacher, student *client) {
			teacher.must("mute_student", object{"student_id": student.id, "muted": true})
		},
		"muted and then left": func(teacher, student *client) {
			teacher.must("mute_student", object{"student_id": student.id, "muted": true})
			student.expect("student_muted")
			student.leaveRoom()
		},
		"removed": func(teacher, student *client) { teacher.must("remove_student", object{"student_id": student.id}) },
	} {
		for _, door := range []room.Door{room.DoorToken, room.DoorOpen} {
			t.Run(fmt.Sprint(name, " at a door that is ", door), func(t *testing.T) {
				t.Parallel()
				b := openBox(t, appliance.Config{Door: door})
				b.open("MUSIC-2024")
				teacher, listener, honest := b.teacher("MUSIC-2024"), b.student("MUSIC-2024"), b.sit("MUSIC-2024", "")
				comes := func() *client {
					if door == room.DoorOpen {
						return b.dial(b.token(anonClaims)).join("MUSIC-2024")
					}
					return b.student("MUSIC-2024")
				}
				silence(teacher, comes())
				again := comes()
				if r := again.ask("play_note", object{"midi": 60}); r.Response.Reason != "muted" {
					t.Errorf("a note of a new seat is answered %+v, want that it is muted", r)
				}
				b.dial(b.sit("MUSIC-2024", honest.Resume).Token).join("MUSIC-2024").must("play_note", object{"midi": 61})
				listener.must("play_note", object{"midi": 62})
				teacher.must("mute_student", object{"student_id": again.id, "muted": false})
				again.must("play_note", object{"midi": 63})
			})
		}
	}
}

// leaveRoom leaves the room's channel, and with it a guest's seat.
func (c *client) leaveRoom() {
	c.t.Helper()
	c.reply(c.push(c.topic, "phx_leave", object{}))
}

// TestARemovedMemberIsNobody uses a member's token everywhere, before and after
// the teacher has removed the member.
func TestARemovedMemberIsNobody(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	teacher, seat := b.teacher("MUSIC-2024"), b.sit("MUSIC-2024", "")
	player, beside := b.dial(seat.Token).join("MUSIC-2024"), b.dial(seat.Token)
	const topic = "music_room:MUSIC-2024:chat"
	private := func() reply { return b.dial(b.token(anonClaims)).private(topic, seat.Token) }
	post := func() int {
		return b.request(seat.Token, "POST", "/realtime/v1/api/broadcast/"+topic+"/events/hello?private=true", `{}`, "Content-Type", "application/json")
	}
	read := func() int { return b.plans(seat.Token, "GET", "", "", nil) }
	if r := beside.private(topic, seat.Token); r.Status != "ok" {
		t.Fatalf("a member's private channel: %+v", r)
	}
	if r, posted, rows := private(), post(), read(); r.Status != "ok" || posted != http.StatusAccepted || rows != http.StatusOK {
		t.Fatalf("a member: %+v, %d, %d", r, posted, rows)
	}
	teacher.must("remove_student", object{"student_id": player.id})
	player.expelled("You were removed from this room")
	beside.expelled("You were removed from this room")
	if r, posted, rows := private(), post(), read(); r.Status != "error" || posted != http.StatusUnauthorized || rows != http.StatusUnauthorized {
		t.Errorf("a removed member: %+v, %d, %d", r, posted, rows)
	}
	if r := b.dial(seat.Token).askToJoin("MUSIC-2024"); r.Status != "error" {
		t.Errorf("the room again: %+v", r)
	}
	if status := b.call("POST", "/box/v1/join", web.JoinRequest{Code: "MUSIC-2024", Resume: seat.Resume}, nil); status != http.StatusForbidden {
		t.Errorf("the old seat: %d", status)
	}
}

// TestOneStudentPushesOutNobodysWords keeps a message, and then a student keeps as
// many as they can in other topics.
func TestOneStudentPushesOutNobodysWords(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Limits: map[string]int{"posts": 100_000, "broadcasts": 100_000, "bytes": 16 << 20}})
	b.open("MUSIC-2024")
	writer, greedy := b.sit("MUSIC-2024", "").Token, b.sit("MUSIC-2024", "").Token
	keep := func(token, topic, body string) int {
		return b.request(token, "POST", "/realtime/v1/api/broadcast/music_room:MUSIC-2024:"+topic+"/events/words?private=true&persist=true", body, "Content-Type", "application/json")
	}
	if status := keep(writer, "diary", `{"text":"mine"}`); status != http.StatusAccepted {
		t.Fatalf("a message is answered %d", status)
	}
	refused := 0
	for i := range 100 { // of 60 KB each: a writer may keep 4 MB
		switch status := keep(greedy, fmt.Sprint("topic", i), `{"text":"`+strings.Repeat("x", 60_000)+`"}`); status {
		case http.StatusAccepted:
		case http.StatusUnprocessableEntity:
			refused++
		default:
			t.Fatalf("message %d is answered %d", i, status)
		}
	}
	if refused < 20 || refused > 50 {
		t.Errorf("%d of 100 messages were refused, want about a third", refused)
	}
	reader := b.dial(b.token(anonClaims))
	r := reader.reply(reader.push("realtime:music_room:MUSIC-2024:diary", "phx_join", object{
		"access_token": writer, "config": object{"private": true, "broadcast": object{"replay": object{"limit": 25}}},
	}))
	if r.Status != "ok" || reader.expect("words").fields()["text"] != "mine" {
		t.Errorf("the message that was there first: %+v", r)
	}
}
