// Package cuttest kills whole boxes and cuts the power of their disks.
package cuttest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// cuts is how often the box is killed, and the power of its disk cut.
var cuts = flag.Int("cuts", 6, "how often to kill the box and cut the power of its disk")

// TestMain runs the tests. A second run of this binary is a box that a test will kill.
func TestMain(m *testing.M) {
	flag.Parse()
	if dir := os.Getenv(boxEnv); dir != "" {
		os.Exit(serveBox(dir))
	}
	if dir := os.Getenv(claimEnv); dir != "" {
		os.Exit(claimBox(dir))
	}
	os.Exit(m.Run())
}

// survivals are how likely a piece that was not synced survives a cut, in turn.
var survivals = []float64{0, 0.3, 0.5, 0.8, 1}

// class is the room whose teacher works, and choir the one where students come and go.
const class, choir = "MUSIC-2024", "CHOIR-1000"

// promises is what a box has acknowledged, by the name of the thing.
type promises struct {
	mu  sync.Mutex // guards what follows
	all map[string]*promise
	n   int // how many were acknowledged
}

// promise is one thing that changes. Its changes are asked for one after the other.
type promise struct {
	is  string   // as it was acknowledged last; "" before
	may []string // what was asked for since, and not acknowledged
}

// keep asks for a change, and remembers it as the box answers.
func (p *promises) keep(thing, value string, change func() (kept bool, err error)) error {
	p.mu.Lock()
	one := p.all[thing]
	if one == nil {
		one = &promise{}
		p.all[thing] = one
	}
	one.may = append(one.may, value)
	p.mu.Unlock()
	kept, err := change()
	p.mu.Lock()
	defer p.mu.Unlock()
	if kept {
		one.is, one.may = value, nil
		p.n++
	}
	return err
}

// check compares what is there with what was promised. A change that was not
// acknowledged may be there or not.
func (p *promises) check(t *testing.T, there map[string]string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for thing, one := range p.all {
		got := there[thing]
		if got != one.is && !slices.Contains(one.may, got) {
			t.Errorf("%s is %q; the box has acknowledged %q, and was asked for %q since", thing, got, one.is, one.may)
		}
		one.is, one.may = got, nil
	}
}

// TestAcknowledgedIsKept has a teacher, students and a program work, kills the box at
// a random moment and cuts the power of its disk. What the box has acknowledged is
// there when it starts again: tempo, mutes, groups, instruments, the lock, seats,
// removals, rooms, users, lesson plans and a student's words.
func TestAcknowledgedIsKept(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root mounts a file system")
	}
	t.Parallel()
	b := newBox(t)
	w := &work{box: b, promises: &promises{all: map[string]*promise{}}}
	w.begin()
	for round := range *cuts {
		done := make(chan struct{})
		var working sync.WaitGroup
		for _, act := range []func() error{w.command(), w.comeAndGo, w.openRooms, w.makeUsers, w.write, w.plan} {
			working.Go(func() { w.repeat(act, done) })
		}
		<-time.After(time.Duration(100+rand.IntN(400)) * time.Millisecond)
		b.kill()
		close(done)
		working.Wait()
		b.disk.cut(survivals[round%len(survivals)])
		b.start()
		w.promises.check(t, w.there())
		if t.Failed() {
			t.Fatalf("round %d: %v of what was not synced survived", round, survivals[round%len(survivals)])
		}
	}
	t.Logf("%d rounds, %d acknowledged changes of %d things, %d syncs: none lost", *cuts, w.promises.n, len(w.promises.all), b.disk.syncs())
}

// work is what is done on the box, and by whom.
type work struct {
	*box
	promises *promises
	students []string // of the class
	author   string   // the token of one of them
}

// begin opens the rooms and seats a few students.
func (w *work) begin() {
	w.t.Helper()
	for _, code := range []string{class, choir} {
		if status, err := w.do("", "POST", "/box/v1/rooms", map[string]string{"code": code}, nil); err != nil || status != http.StatusCreated {
			w.t.Fatalf("opening %s: %d, %v", code, status, err)
		}
	}
	for range 4 {
		id, token, err := w.sit(class)
		if err != nil || id == "" {
			w.t.Fatalf("no seat: %v", err)
		}
		w.students, w.author = append(w.students, id), token
	}
	there := w.there() // before anybody asks
	for _, id := range w.students {
		for _, thing := range []string{"tempo", "locked", "muted " + id, "group " + id, "instrument " + id} {
			w.promises.all[thing] = &promise{is: there[thing]}
		}
	}
}

// sit takes a seat. id is empty if the box refuses it.
func (w *work) sit(code string) (id, token string, err error) {
	var seat struct {
		Token  string
		Member struct {
			ID string `json:"student_id"`
		}
	}
	_, err = w.do(w.service, "POST", "/box/v1/join", map[string]string{"code": code}, &seat)
	return seat.Member.ID, seat.Token, err
}

// repeat does the same again and again, until the box has been killed.
func (w *work) repeat(act func() error, done <-chan struct{}) {
	for {
		err := act()
		select {
		case <-done:
			return
		default:
		}
		if err != nil { // the box is being killed
			<-done
			return
		}
	}
}

// command is a teacher in the class, who sends one command after the other.
func (w *work) command() func() error {
	var c *client
	return func() (err error) {
		if c == nil {
			if c, err = w.join(class); err != nil {
				return err
			}
		}
		n, student := rand.IntN(100), w.students[rand.IntN(len(w.students))]
		muted, group := n%2 == 0, 1+n%8
		instrument := []string{"piano", "marimba", "flute"}[n%3]
		for _, a := range []struct {
			thing, event string
			value        any
			payload      map[string]any
		}{
			{"tempo", "set_tempo", float64(60 + n), map[string]any{"bpm": 60 + n}},
			{"muted " + student, "mute_student", muted, map[string]any{"student_id": student, "muted": muted}},
			{"group " + student, "assign_group", group, map[string]any{"student_id": student, "group": group}},
			{"instrument " + student, "assign_instrument", instrument, map[string]any{"student_id": student, "instrument": instrument}},
			{"locked", "lock_room", muted, map[string]any{"locked": muted}},
		} {
			if err := w.promises.keep(a.thing, fmt.Sprint(a.value), func() (bool, error) { return c.command(a.event, a.payload) }); err != nil {
				c.close()
				return err
			}
		}
		return nil
	}
}

// comeAndGo takes a seat in the choir, and then the teacher removes that student.
func (w *work) comeAndGo() error {
	id, _, err := w.sit(choir)
	if err != nil || id == "" {
		return err
	}
	seat := "seat " + id
	w.promises.keep(seat, "taken", func() (bool, error) { return true, nil }) //nolint:errcheck // there is none
	c, err := w.join(choir)
	if err != nil {
		return err
	}
	defer c.close()
	return w.promises.keep(seat, "", func() (bool, error) {
		return c.command("remove_student", map[string]any{"student_id": id})
	})
}

// openRooms opens a room, and closes every second one.
func (w *work) openRooms() error {
	code := fmt.Sprintf("ROOM-%04d", rand.IntN(10_000))
	ask := func(method, path string, want int) func() (bool, error) {
		return func() (bool, error) {
			status, err := w.do("", method, path, map[string]string{"code": code}, nil)
			return status == want, err
		}
	}
	err := w.promises.keep("room "+code, "open", ask("POST", "/box/v1/rooms", http.StatusCreated))
	if err != nil || rand.IntN(8) == 0 { // few stay: a box has 1,024 at most
		return err
	}
	return w.promises.keep("room "+code, "", ask("DELETE", "/box/v1/rooms/"+code, http.StatusNoContent))
}

// makeUsers makes a user of Supabase Auth, and deletes every second one.
func (w *work) makeUsers() error {
	var made struct{ ID string }
	email := uuid.NewString() + "@school.example"
	err := w.promises.keep("user "+email, "there", func() (bool, error) {
		status, err := w.do(w.service, "POST", "/auth/v1/admin/users", map[string]any{"email": email}, &made)
		return status == http.StatusOK, err
	})
	if err != nil || made.ID == "" || rand.IntN(2) == 0 {
		return err
	}
	return w.promises.keep("user "+email, "", func() (bool, error) {
		status, err := w.do(w.service, "DELETE", "/auth/v1/admin/users/"+made.ID, nil, nil)
		return status == http.StatusOK, err
	})
}

// write keeps a student's words.
func (w *work) write() error {
	id := uuid.NewString()
	words := "words of " + id
	return w.promises.keep("words "+id, words, func() (bool, error) {
		status, err := w.do(w.author, "POST", "/rest/v1/reflections", map[string]any{"id": id, "text": words, "shared": rand.IntN(2) == 0}, nil)
		return status == http.StatusCreated, err
	})
}

// plan writes a lesson plan, changes it and deletes every second one.
func (w *work) plan() error {
	id := uuid.NewString()
	ask := func(method, query string, body map[string]any, want int) func() (bool, error) {
		return func() (bool, error) {
			status, err := w.do(w.service, method, "/rest/v1/lesson_plans"+query, body, nil)
			return status == want, err
		}
	}
	err := w.promises.keep("plan "+id, "first", ask("POST", "", map[string]any{"id": id, "title": "first"}, http.StatusCreated))
	if err == nil {
		err = w.promises.keep("plan "+id, "second", ask("PATCH", "?id=eq."+id, map[string]any{"title": "second"}, http.StatusNoContent))
	}
	if err != nil || rand.IntN(2) == 0 {
		return err
	}
	return w.promises.keep("plan "+id, "", ask("DELETE", "?id=eq."+id, nil, http.StatusNoContent))
}

// there reads everything from the box.
func (w *work) there() map[string]string {
	w.t.Helper()
	all := map[string]string{}
	c, err := w.join(class)
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.close()
	all["tempo"], all["locked"] = fmt.Sprint(c.state.Timelines.Last().BPM), fmt.Sprint(c.state.Locked)
	for _, m := range c.state.Members {
		all["muted "+m.ID], all["group "+m.ID], all["instrument "+m.ID] = fmt.Sprint(m.Muted), fmt.Sprint(m.Group), m.Instrument
	}
	sung, err := w.join(choir)
	if err != nil {
		w.t.Fatal(err)
	}
	defer sung.close()
	for _, m := range sung.state.Members {
		w.once(all, "seat "+m.ID, "taken")
	}
	var rooms []struct{ Code string }
	w.read("", "/box/v1/rooms", &rooms)
	for _, r := range rooms {
		w.once(all, "room "+r.Code, "open")
	}
	for page := 1; ; page++ {
		var users struct{ Users []struct{ Email string } }
		w.read(w.service, fmt.Sprintf("/auth/v1/admin/users?per_page=1000&page=%d", page), &users)
		for _, u := range users.Users {
			w.once(all, "user "+u.Email, "there")
		}
		if len(users.Users) < 1000 {
			break
		}
	}
	for table, as := range map[string]struct{ token, thing, column string }{
		"lesson_plans": {w.service, "plan", "title"}, "reflections": {w.author, "words", "text"},
	} {
		for n := 0; ; {
			var rows []map[string]string
			w.read(as.token, fmt.Sprintf("/rest/v1/%s?select=id,%s&order=id&limit=1000&offset=%d", table, as.column, n), &rows)
			for _, r := range rows {
				w.once(all, as.thing+" "+r["id"], r[as.column])
			}
			if n += len(rows); len(rows) < 1000 {
				break
			}
		}
	}
	return all
}

// once adds a thing that may be there once.
func (w *work) once(all map[string]string, thing, value string) {
	w.t.Helper()
	if _, twice := all[thing]; twice {
		w.t.Errorf("%s is there twice", strings.SplitN(thing, " ", 2)[0])
	}
	all[thing] = value
}

// read reads from a box that runs.
func (w *work) read(token, path string, v any) {
	w.t.Helper()
	if status, err := w.do(token, "GET", path, nil, v); err != nil || status != http.StatusOK {
		w.t.Fatalf("GET %s: %d, %v", path, status, err)
	}
}
