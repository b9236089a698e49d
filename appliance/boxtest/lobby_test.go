package boxtest

import (
	"net/http"
	"slices"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
)

// lobbyNow is the payload of lobby_changed, without times.
type lobbyNow struct {
	Expected int
	Visitors []struct{ Mark, Why, Typed string }
	Members  []lobbyMember
}

type lobbyMember struct {
	ID        string `json:"student_id"`
	Step      string
	Dismissed bool
}

// lobby waits for a lobby in which something is so.
func (c *client) lobby(what string, is func(lobbyNow) bool) (now lobbyNow) {
	c.t.Helper()
	c.await("a lobby with "+what, func(m message) bool {
		if m.event != "lobby_changed" {
			return false
		}
		now = lobbyNow{}
		m.into(&now)
		return is(now)
	})
	return now
}

// step waits until a member is at a step.
func (c *client) step(id, step string) {
	c.t.Helper()
	c.inLobby(id+" at "+step, func(m lobbyMember) bool { return m.ID == id && m.Step == step })
}

// inLobby waits for a lobby in which something is so of a member.
func (c *client) inLobby(what string, is func(lobbyMember) bool) {
	c.t.Helper()
	c.lobby(what, func(now lobbyNow) bool { return slices.ContainsFunc(now.Members, is) })
}

// visit reports as a page without a seat, and returns its mark.
func (b *box) visit(id, code string) string {
	b.t.Helper()
	var reply web.VisitReply
	if status := b.call("POST", "/box/v1/lobby", web.VisitRequest{Visitor: id, Code: code}, &reply); status != http.StatusOK {
		b.t.Fatalf("visiting: %d", status)
	}
	return reply.Mark
}

// enter takes the seat of a teacher or a stage over HTTP, and joins.
func (b *box) enter(code, as string, query ...string) *client {
	b.t.Helper()
	var seat web.SeatReply
	if status := b.staffCall("POST", "/box/v1/rooms/"+code+"/enter", object{"as": as}, &seat); status != http.StatusOK {
		b.t.Fatalf("entering %s: %d", code, status)
	}
	return b.dial(seat.Token, query...).join(code)
}

// TestTheWayIn follows a child from a wrong code to the first note, as the
// teacher's page and the stage see it.
func TestTheWayIn(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	teacher, stage := b.enter("MUSIC-2024", room.RoleTeacher), b.enter("MUSIC-2024", room.RoleStage)
	bob := b.student("MUSIC-2024")
	if mark := b.visit("ada's tablet", ""); mark != "A" {
		t.Errorf("the first device has the mark %q", mark)
	}
	join := web.JoinRequest{Code: "MUSIC-2034", Visitor: "ada's tablet"}
	b.want(http.StatusNotFound, "POST", "/box/v1/join", join, nil)
	isStuck := func(now lobbyNow) bool {
		return len(now.Visitors) == 1 && now.Visitors[0].Mark == "A" && now.Visitors[0].Why == "not_found"
	}
	if got := teacher.lobby("a wrong code", isStuck).Visitors[0].Typed; got != "MUSIC-2034" {
		t.Errorf("the teacher reads that %q was typed", got)
	}
	if got := stage.lobby("a wrong code", isStuck).Visitors[0].Typed; got != "" {
		t.Errorf("the whole class reads that %q was typed", got)
	}

	join.Code = "music 2024"
	var seat web.SeatReply
	b.want(http.StatusOK, "POST", "/box/v1/join", join, &seat)
	teacher.step(seat.Member.StudentID, "coming")
	ada := b.dial(seat.Token).join("MUSIC-2024")
	teacher.step(ada.id, "in")
	ada.must("network_report", object{"rtt_ms": 1, "silent": true})
	stage.step(ada.id, "silent")
	ada.must("network_report", object{"rtt_ms": 1, "played": true})
	teacher.step(ada.id, "played")
	ada.close() // without a word
	teacher.step(ada.id, "missed")
	ada = b.dial(b.sit("MUSIC-2024", seat.Resume).Token).join("MUSIC-2024")
	teacher.step(ada.id, "played")
	ada.push(ada.topic, "phx_leave", object{})
	stage.step(ada.id, "away")

	teacher.send("wave", object{})
	if events := bob.until("wave"); slices.Contains(events, "lobby_changed") {
		t.Errorf("a student got the lobby: %v", events)
	}
}

func TestOnlyTheTeacherExpects(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: dir})
	b.open("MUSIC-2024")
	ada, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	for _, event := range []string{"expect_students", "Expect_Students", "lobby_changed"} {
		if r := ada.ask(event, object{"count": 3}); r.Response.Reason != "unauthorized" {
			t.Errorf("a student sends %s: %+v", event, r)
		}
	}
	for _, bad := range []any{object{}, object{"count": -1}, object{"count": 65}, object{"count": 1.5}, object{"count": "30"}, []int{30}} {
		if r := teacher.ask("expect_students", bad); r.Response.Reason != "bad_payload" {
			t.Errorf("%v: %+v", bad, r)
		}
	}
	teacher.must("expect_students", object{"count": 30})
	teacher.lobby("30 expected", func(now lobbyNow) bool { return now.Expected == 30 })
	b.stop()
	b = openBox(t, appliance.Config{DataDir: dir})
	b.teacher("MUSIC-2024").lobby("30 expected after a restart", func(now lobbyNow) bool { return now.Expected == 30 })
}

// TestTheTeacherDismisses takes those who need no help off the list: a device without
// a seat, and a student whose connection is lost. When a student has come back and is
// lost again, they are missed again.
func TestTheTeacherDismisses(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	teacher := b.enter("MUSIC-2024", room.RoleTeacher)
	b.visit("a phone", "")
	b.visit("ada's tablet", "")
	teacher.lobby("two devices", func(now lobbyNow) bool { return len(now.Visitors) == 2 })
	seat := b.sit("MUSIC-2024", "")
	ada := b.dial(seat.Token).join("MUSIC-2024")
	for _, event := range []string{"dismiss_stuck", "Dismiss_Stuck"} {
		if r := ada.ask(event, object{"mark": "A"}); r.Response.Reason != "unauthorized" {
			t.Errorf("a student sends %s: %+v", event, r)
		}
	}
	for _, bad := range []any{object{}, object{"mark": 1}, object{"mark": "A", "student_id": ada.id}, []string{"A"}} {
		if r := teacher.ask("dismiss_stuck", bad); r.Response.Reason != "bad_payload" {
			t.Errorf("%v: %+v", bad, r)
		}
	}
	teacher.must("dismiss_stuck", object{"mark": "Z9"}) // has just come in
	teacher.must("dismiss_stuck", object{"mark": "A"})
	teacher.lobby("the other device alone", func(now lobbyNow) bool {
		return len(now.Visitors) == 1 && now.Visitors[0].Mark == "B"
	})

	missed := func(dismissed bool) func(lobbyMember) bool {
		return func(m lobbyMember) bool { return m.ID == ada.id && m.Step == "missed" && m.Dismissed == dismissed }
	}
	lose := func() {
		ada.close()
		teacher.inLobby("ada missed", missed(false))
	}
	lose()
	teacher.must("dismiss_stuck", object{"student_id": ada.id})
	teacher.inLobby("ada dismissed", missed(true))
	ada = b.dial(b.sit("MUSIC-2024", seat.Resume).Token).join("MUSIC-2024")
	teacher.step(ada.id, "in")
	lose()
}
