package boxtest

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// paper is the output of a demo, safe to read while the demo writes.
type paper struct {
	mu    sync.Mutex // guards what follows
	text  bytes.Buffer
	wrote chan struct{} // closed after the first write
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

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// openDemo runs a demo and returns its printed links, by view.
func openDemo(t *testing.T, students int) (*box, map[string]string) {
	t.Helper()
	b := runBox(t, appliance.Config{Door: room.DoorOpen, Demo: &appliance.Demo{Students: students}})
	<-b.out.wrote
	said := b.out.String()
	links := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^ +(\w+) +(http\S+)$`).FindAllStringSubmatch(said, -1) {
		links[m[1]] = m[2]
	}
	if len(links) != 3 {
		t.Fatalf("no three links in %q", said)
	}
	return b, links
}

func TestTheDemoPlays(t *testing.T) {
	t.Parallel()
	b, _ := openDemo(t, 4)
	newcomer := b.frames(appliance.DemoRoom)
	seats := map[uint8]bool{}
	for len(seats) < 2 {
		for _, n := range newcomer.expect(wire.EventNotes).frame.Events {
			seats[n.Seat] = true
		}
	}
	guest := b.dial(b.token(anonClaims)).join(appliance.DemoRoom)
	guest.expect("beat")
	guest.expect("student_note")
}

func TestTheLinksOfTheDemo(t *testing.T) {
	t.Parallel()
	b, links := openDemo(t, 0)
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for view, want := range map[string]string{
		"Teacher": "/teacher?room=MUSIC-2024",
		"Stage":   "/stage?code=" + appliance.DemoRoom,
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
		if code := b.call("POST", "/box/v1/rooms/"+appliance.DemoRoom+"/enter", object{"as": as}, &seat); code != http.StatusOK {
			t.Errorf("entering as %s: %d", as, code)
		}
		b.dial(seat.Token).join(appliance.DemoRoom)
	}
	if want := b.url + "/join?code=" + appliance.DemoRoom; links["Student"] != want {
		t.Errorf("the student's link is %s, want %s", links["Student"], want)
	}
}
