package appliance

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// paper is what a demo prints, for tests that read while it is written.
type paper struct {
	mu    sync.Mutex // guards what follows
	text  bytes.Buffer
	wrote chan struct{} // closed after the first words
}

func newPaper() *paper { return &paper{wrote: make(chan struct{})} }

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.text.Len() == 0 {
		defer close(p.wrote)
	}
	return p.text.Write(b)
}

// openDemo runs a demo and returns the links that it prints, by view.
func openDemo(t *testing.T, students int) (*box, map[string]string) {
	t.Helper()
	out := newPaper()
	b := openBox(t, Config{Door: room.DoorOpen, Demo: &Demo{Students: students}, Out: out})
	<-out.wrote
	out.mu.Lock()
	defer out.mu.Unlock()
	links := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^ +(\w+) +(http\S+)$`).FindAllStringSubmatch(out.text.String(), -1) {
		links[m[1]] = m[2]
	}
	if len(links) != 3 {
		t.Fatalf("no three links in %q", &out.text)
	}
	return b, links
}

func TestWhoOpensTheDemoHearsTheRobots(t *testing.T) {
	t.Parallel()
	b, _ := openDemo(t, 4)
	newcomer := b.frames(DemoRoom)
	seats := map[uint8]bool{}
	for len(seats) < 2 {
		for _, n := range newcomer.expect(wire.EventNotes).frame.Events {
			seats[n.Seat] = true
		}
	}
	guest := b.dial(b.token(anonClaims)).join(DemoRoom)
	guest.expect("beat")
	guest.expect("student_note")
}

func TestTheLinksOfTheDemo(t *testing.T) {
	t.Parallel()
	b, links := openDemo(t, 0)
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for view, want := range map[string]string{
		"Teacher": "/teacher?room=MUSIC-2024",
		"Stage":   "/stage?code=" + DemoRoom,
	} {
		resp, err := b.http.Get(links[view])
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || got != want {
			t.Errorf("%s: %d to %q, want %q", view, resp.StatusCode, got, want)
		}
		var status struct{ Teacher, Demo bool }
		if b.call("GET", "/box/v1/status", nil, &status); !status.Teacher || !status.Demo {
			t.Errorf("behind the %s link: %+v, want a teacher in a demo", view, status)
		}
		var seat struct{ Token string }
		as := strings.ToLower(view)
		if code := b.call("POST", "/box/v1/rooms/"+DemoRoom+"/enter", object{"as": as}, &seat); code != http.StatusOK {
			t.Errorf("entering as %s: %d", as, code)
		}
		b.dial(seat.Token).join(DemoRoom)
	}
	if want := b.url + "/join?code=" + DemoRoom; links["Student"] != want {
		t.Errorf("the student's link is %s, want %s", links["Student"], want)
	}
}
