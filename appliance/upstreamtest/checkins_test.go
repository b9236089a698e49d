package upstreamtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"slices"
	"strings"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/room"
)

// checkInID is the id of an answer, as the pages make it.
const checkInID = "019ad000-0000-7000-8000-000000000003"

// links takes what a demo prints for the person at the machine.
type links chan string

func (l links) Write(p []byte) (int, error) {
	if key := signInLink.FindString(string(p)); key != "" {
		select {
		case l <- key:
		default:
		}
	}
	return len(p), nil
}

var signInLink = regexp.MustCompile(`/box/v1/signin\?key=\w+`)

// staffed runs a box with an open room, and returns its teacher's browser.
func staffed(t *testing.T, cfg appliance.Config) (b *box, teacher *http.Client) {
	t.Helper()
	printed := make(links, 1)
	cfg.Demo, cfg.Door, cfg.Out = &appliance.Demo{}, room.DoorOpen, printed
	b = runConfig(t, cfg)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	teacher = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	b.call(teacher, "", "GET", <-printed, nil, nil)
	return b, teacher
}

// call makes a request to the box's own API, with a token unless it is empty.
func (b *box) call(by *http.Client, token, method, path string, body, v any) {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, bytes.NewReader(raw))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := by.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		b.t.Fatalf("%s %s: %s", method, r.URL.Path, answer.Status)
	}
	if v != nil {
		if err := json.NewDecoder(answer.Body).Decode(v); err != nil {
			b.t.Fatal(err)
		}
	}
}

// pupil takes a seat in the demo's room as a child who may be asked how they feel,
// and returns the seat and the child's id.
func (b *box) pupil(teacher *http.Client) (seat *box, child string) {
	b.t.Helper()
	var class struct {
		ID       string
		Children []struct {
			ID    string
			Music []int
		}
	}
	b.call(teacher, "", "POST", "/box/v1/classes", map[string]any{"name": "5B", "room": demoRoom}, &class)
	path := "/box/v1/classes/" + class.ID
	b.call(teacher, "", "POST", path+"/import", map[string]any{"version": 0, "names": []string{"Ana"}}, &class)
	ana := class.Children[0]
	b.call(teacher, "", "POST", path, map[string]any{"check_in": true}, nil)
	b.call(teacher, "", "POST", path+"/children/"+ana.ID, map[string]any{"consent": true}, nil)
	var taken struct{ Token string }
	b.call(http.DefaultClient, "", "POST", "/box/v1/join", map[string]any{"code": demoRoom}, &taken)
	b.call(http.DefaultClient, taken.Token, "POST", "/box/v1/me/music", map[string]any{"music": ana.Music}, nil)
	return &box{t: b.t, url: b.url, key: taken.Token}, ana.ID
}

// checkIns are the rows of the school, as the box's columns say them.
func (s *school) checkIns() string {
	s.t.Helper()
	return strings.Join(s.query(`select concat_ws(' ', id, num_nonnulls(student_id, inner_tempo, inner_key), sealed is not null, deleted_at is not null)
		from check_ins order by id`), "; ")
}

// TestCheckInsGoOnlyIfTheSchoolWantsThem keeps a check-in on a box that sends the
// default, and then on one that sends check-ins too. There it goes sealed, without
// the child's id, and out again when the child is forgotten.
func TestCheckInsGoOnlyIfTheSchoolWantsThem(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	cfg := configOf(t.TempDir(), s.admit("music1"))
	b, teacher := staffed(t, cfg)
	seat, child := b.pupil(teacher)
	seat.must("POST", "check_ins", map[string]any{"id": checkInID, "inner_tempo": 3, "inner_key": 1})
	b.insert("one")
	inStep(t, s, b)
	if got := s.checkIns(); got != "" {
		t.Errorf("without being asked: %q", got)
	}
	if got := b.whereabouts("check-ins", checkInID); got != `{"at":"box"}` {
		t.Errorf("the page: %s", got)
	}
	b.stop()

	cfg.UpstreamTables = slices.Concat(appliance.CarriedTables(), appliance.OptionalTables())
	b, teacher = staffed(t, cfg)
	eventually(t, "upstream", checkInID+" 0 t f", s.checkIns)
	eventually(t, "the page", `{"at":"school"}`, func() string { return b.whereabouts("check-ins", checkInID) })
	if dump := strings.Join(s.query("select r::text from check_ins as r"), " "); strings.Contains(dump, child) {
		t.Error("the school can read whose answer it is")
	}
	b.call(teacher, "", "POST", fmt.Sprintf("/box/v1/students/%s/forget", child), nil, nil)
	eventually(t, "upstream", checkInID+" 0 f t", s.checkIns)
}
