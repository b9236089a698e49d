package boxtest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
)

// roleAssigned is the payload of role_assigned.
type roleAssigned struct {
	ID   string `json:"student_id"`
	Role string
}

// roster returns the role of each member of the client's room, by id.
func (c *client) roster() map[string]string {
	c.t.Helper()
	roles := map[string]string{}
	for _, m := range c.resync().Members {
		roles[m.ID] = m.Role
	}
	return roles
}

// sendToken sends the box a new token.
func (c *client) sendToken(token string) {
	c.t.Helper()
	c.push(c.topic, "access_token", object{"access_token": token})
}

func TestANewTokenChangesTheRole(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	zoe, tab := b.dial(seat.Token).join("MUSIC-2024"), b.dial(seat.Token).join("MUSIC-2024")
	promoted := auth.Member(zoe.id, "MUSIC-2024", room.RoleTeacher)

	expect := func(role string) {
		t.Helper()
		for _, c := range []*client{zoe, tab} {
			var got roleAssigned
			c.expect("role_assigned").into(&got)
			if want := (roleAssigned{zoe.id, role}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
	zoe.sendToken(b.token(promoted))
	expect(room.RoleTeacher)
	zoe.must("lock_room", object{"locked": true})
	if r := tab.ask("lock_room", object{"locked": false}); r.Response.Reason != "unauthorized" {
		t.Errorf("another tab, with a student's token, controls: %+v", r)
	}
	zoe.sendToken(seat.Token)
	expect(room.RoleStudent)
	if r := zoe.ask("lock_room", object{"locked": false}); r.Response.Reason != "unauthorized" {
		t.Errorf("with a student's token again: %+v", r)
	}

	tab.sendToken(b.token(promoted))
	expect(room.RoleTeacher)
	tab.close()
	var got roleAssigned
	if zoe.expect("role_assigned").into(&got); got.Role != room.RoleStudent {
		t.Errorf("the tab with the teacher's token is gone, and the member is a %s", got.Role)
	}
}

func TestTeachersWithoutASeatAreGuests(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	watch := b.student("MUSIC-2024")
	for name, claims := range map[string]auth.Claims{"teacher": teacherClaims, "service": serviceClaims} {
		one, two := b.dial(b.token(claims)).join("MUSIC-2024"), b.dial(b.token(claims)).join("MUSIC-2024")
		want := map[string]string{watch.id: room.RoleStudent, one.id: room.RoleTeacher, two.id: room.RoleTeacher}
		if diff := cmp.Diff(want, watch.roster()); diff != "" {
			t.Errorf("%s: in the room (-want +got):\n%s", name, diff)
		}
		one.must("set_tempo", object{"bpm": 90})
		two.must("set_tempo", object{"bpm": 91})
		for _, c := range []*client{one, two} {
			c.close()
			if gone := watch.expect("member_removed").fields()["student_id"]; gone != c.id {
				t.Errorf("%s: %v is gone, want %s", name, gone, c.id)
			}
		}
	}
	if diff := cmp.Diff(map[string]string{watch.id: room.RoleStudent}, watch.roster()); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}
}

func TestAGuestIsATeacherWhileTheTokenSaysSo(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	guest := b.teacher("MUSIC-2024")
	guest.sendToken(b.token(anonClaims))
	var got roleAssigned
	guest.expect("role_assigned").into(&got)
	if want := (roleAssigned{guest.id, room.RoleStudent}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if r := guest.ask("start", object{}); r.Response.Reason != "unauthorized" {
		t.Errorf("a guest without a teacher's token starts: %+v", r)
	}
}

func TestAdmission(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	b.open("CHOIR-1000")
	zoe := b.sit("MUSIC-2024", "")
	gone := auth.Member("somebody-else", "MUSIC-2024", room.RoleStudent)
	elsewhere := teacherClaims
	elsewhere.App.Room = "CHOIR-1000"
	for name, tt := range map[string]struct {
		token, code string
		want        string
	}{
		"a member":                      {zoe.Token, "MUSIC-2024", "ok"},
		"a member, another room":        {zoe.Token, "CHOIR-1000", "error"},
		"anon through a closed door":    {b.token(anonClaims), "MUSIC-2024", "error"},
		"a seat that is gone":           {b.token(gone), "MUSIC-2024", "error"},
		"a teacher":                     {b.token(teacherClaims), "MUSIC-2024", "ok"},
		"a teacher of another room":     {b.token(elsewhere), "MUSIC-2024", "error"},
		"a service":                     {b.token(serviceClaims), "MUSIC-2024", "ok"},
		"a service, where no room is":   {b.token(serviceClaims), "NOROOM-1234", "error"},
		"a member, where no room is":    {zoe.Token, "NOROOM-1234", "error"},
		"a code in small letters fails": {zoe.Token, "music-2024", "error"},
	} {
		t.Run(name, func(t *testing.T) {
			if r := b.in(t).dial(tt.token).askToJoin(tt.code); r.Status != tt.want {
				t.Errorf("got %+v, want %s", r, tt.want)
			}
		})
	}
}

func TestNewNamesAreSlowed(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	renamed, status := 0, http.StatusOK
	for ; renamed < 100 && status == http.StatusOK; renamed++ {
		status = b.call("POST", "/box/v1/join", web.JoinRequest{
			Code: "MUSIC-2024", Resume: seat.Resume, Name: "Ann " + strconv.Itoa(renamed),
		}, nil)
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("after %d new names: %d", renamed, status)
	}
	if again := b.sit("MUSIC-2024", seat.Resume); again.Member.StudentID != seat.Member.StudentID {
		t.Errorf("coming back after that as %+v", again.Member)
	}
}

func TestLeavingForGoodLeavesNoMember(t *testing.T) {
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	watch := b.student("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	c := b.dial(seat.Token).join("MUSIC-2024")
	tab := b.dial(seat.Token).join("MUSIC-2024")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, b.url+"/box/v1/me", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+seat.Token)
	for _, want := range []int{http.StatusNoContent, http.StatusNotFound} {
		resp, err := b.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("got %d, want %d", resp.StatusCode, want)
		}
	}
	for _, open := range []*client{c, tab} {
		open.expelled("You have left this room")
	}
	if gone := watch.expect("member_removed").fields()["student_id"]; gone != c.id {
		t.Errorf("%v was removed, want %s", gone, c.id)
	}
	if again := b.sit("MUSIC-2024", seat.Resume); again.Member.StudentID == c.id {
		t.Error("the seat is still taken")
	}
}

func TestAClassLeavesNoMembers(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	cfg := classroom.Config{
		URL: b.url, Room: "MUSIC-2024", Students: 3, Rate: 20, Transport: "websocket", Arrival: classroom.ArrivalBeat,
	}
	b.open(cfg.Room)
	watch := b.student(cfg.Room)
	for name, tt := range map[string]struct {
		lasts time.Duration
		want  error
	}{
		"that plays to the end": {200 * time.Millisecond, nil},
		"that is stopped":       {time.Hour, context.Canceled},
	} {
		cfg.Duration = tt.lasts
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := classroom.Run(ctx, cfg)
			ended <- err
		}()
		watch.expect("student_note")
		if tt.want != nil {
			stop()
		}
		if err := <-ended; !errors.Is(err, tt.want) {
			t.Errorf("a class %s: %v", name, err)
		}
		stop()
		if left := watch.roster(); len(left) != 1 {
			t.Errorf("a class %s leaves %v", name, left)
		}
		for range cfg.Students {
			watch.expect("member_removed")
		}
		watch.waiting = nil // nothing plays any more
	}
}

// TestAClassThatCannotConnectLeavesNoMembers takes more seats than the box has
// connections.
func TestAClassThatCannotConnectLeavesNoMembers(t *testing.T) {
	t.Parallel()
	const places = 8 // some are reserved for teachers
	b := openBox(t, appliance.Config{Limits: map[string]int{"clients": places}})
	b.open("MUSIC-2024")
	_, err := classroom.Run(t.Context(), classroom.Config{
		URL: b.url, Room: "MUSIC-2024", Students: places + 1, Rate: 1, Duration: time.Second,
		Transport: "websocket", Arrival: classroom.ArrivalBeat,
	})
	if err == nil {
		t.Error("more have connected than may")
	}
	if left := b.teacher("MUSIC-2024").roster(); len(left) > 1 {
		t.Errorf("the class leaves %v", left)
	}
}
