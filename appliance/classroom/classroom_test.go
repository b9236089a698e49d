package classroom_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/client"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// waitLimit bounds the wait for an event that must come.
const waitLimit = 10 * time.Second

// box is a box with the demo room and some robots.
type box struct {
	url    string
	signer *auth.Signer
}

func newBox(t *testing.T, robots int) box {
	t.Helper()
	a, err := appliance.Open(appliance.Config{
		Listen: "127.0.0.1:0", DataDir: t.TempDir(), Demo: &appliance.Demo{Students: robots}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	run(t, a.Run)
	return box{"http://" + a.Addr().String(), a.Signer()}
}

// run runs f until the test ends, and waits until f returns.
func run(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := f(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
}

// teacher connects a client that may control the room.
func (b box) teacher(t *testing.T) *client.Client {
	t.Helper()
	token, err := b.signer.Mint(auth.Claims{Role: auth.Service}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Connect(t.Context(), b.url, client.SeatReply{Token: token, Topic: wire.RoomPrefix + appliance.DemoRoom})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func send(t *testing.T, c *client.Client, event, payload string) {
	t.Helper()
	if err := c.Send(event, []byte(payload)); err != nil {
		t.Fatal(err)
	}
}

func TestRunCountsEveryNote(t *testing.T) {
	t.Parallel()
	b := newBox(t, 0)
	for _, arrival := range []string{classroom.ArrivalBeat, classroom.ArrivalUniform} {
		t.Run(arrival, func(t *testing.T) {
			t.Parallel()
			r, err := classroom.Run(t.Context(), classroom.Config{
				URL: b.url, Room: "music 2024", Students: 5, Rate: 10, Duration: time.Second,
				Transport: "websocket", Arrival: arrival,
			})
			if err != nil {
				t.Fatal(err)
			}
			got := []int{r.Students, r.Sent, r.Delivered, r.Lost, r.Duplicated}
			if diff := cmp.Diff([]int{5, 50, 200, 0, 0}, got); diff != "" {
				t.Errorf("students, sent, delivered, lost, duplicated (-want +got):\n%s", diff)
			}
			if l := r.Latency; l.P50 <= 0 || l.P50 > l.P95 || l.P95 > l.P99 || l.P99 > l.Max {
				t.Errorf("latency %+v is not in order", l)
			}
			if r.ClockError.P95 > 5 {
				t.Errorf("clock error %.3f ms at p95 over loopback, want at most 5", r.ClockError.P95)
			}
		})
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := newBox(t, 0)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := classroom.Run(ctx, classroom.Config{
		URL: b.url, Room: appliance.DemoRoom, Students: 2, Rate: 4, Duration: time.Hour,
		Transport: "websocket", Arrival: classroom.ArrivalBeat,
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
}

func TestValidateSaysWhatIsWrong(t *testing.T) {
	good := classroom.Config{
		URL: "http://127.0.0.1:1", Room: "X", Students: 2, Rate: 4, Duration: time.Second,
		Transport: "websocket", Arrival: classroom.ArrivalBeat,
	}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change func(*classroom.Config)
		want   string
	}{
		{func(c *classroom.Config) { c.Transport = "pigeon" }, `"pigeon" is no transport`},
		{func(c *classroom.Config) { c.Arrival = "late" }, `"late" is no arrival`},
		{func(c *classroom.Config) { c.Students = 1 }, "2 to 64 students"},
		{func(c *classroom.Config) { c.Students = 65 }, "2 to 64 students"},
		{func(c *classroom.Config) { c.Rate = 0 }, "at most 40 notes"},
		{func(c *classroom.Config) { c.Rate = math.NaN() }, "at most 40 notes"},
		{func(c *classroom.Config) { c.Duration = 0 }, "more than 0"},
		{func(c *classroom.Config) { c.Duration = 2 * time.Hour }, "at most 1h0m0s"},
	} {
		cfg := good
		test.change(&cfg)
		err := cfg.Validate()
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: got %v, want one line with %q", cfg, err, test.want)
		}
	}
}

func TestReportPrintsJSONAndATable(t *testing.T) {
	r := classroom.Report{Transport: "websocket", Arrival: "beat", Students: 2, Sent: 3, Delivered: 2, Lost: 1}
	r.Latency = classroom.Summarize([]float64{4, 1, 2, 3})
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"transport":"websocket","arrival":"beat","students":2,"sent":3,"delivered":2,"lost":1,"duplicated":0,` +
		`"latency_ms":{"p50":2,"p95":4,"p99":4,"max":4},"clock_error_ms":{"p50":0,"p95":0},"frames_per_s_per_member":0}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	var table bytes.Buffer
	if err := r.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "lost 1") {
		t.Errorf("the table does not mention the lost note:\n%s", table.String())
	}
}

// listener is a member that collects a room's notes and timelines.
type listener struct {
	*client.Client
	notes     chan wire.NoteEvent
	timelines chan clock.Timeline
}

func listen(t *testing.T, b box) listener {
	t.Helper()
	c, err := client.Join(t.Context(), b.url, appliance.DemoRoom)
	if err != nil {
		t.Fatal(err)
	}
	l := listener{c, make(chan wire.NoteEvent, 4096), make(chan clock.Timeline, 16)}
	run(t, func(ctx context.Context) error {
		return c.Read(ctx, client.Handler{
			Notes: func(f wire.RoomFrame, _ clock.Millis) {
				for _, e := range f.Events {
					l.notes <- e
				}
			},
			Event: func(event string, payload []byte) {
				var timeline clock.Timeline
				if event == wire.EventTempoChanged && json.Unmarshal(payload, &timeline) == nil {
					l.timelines <- timeline
				}
			},
		})
	})
	return l
}

// next returns the next note-on.
func (l listener) next(t *testing.T) wire.NoteEvent {
	t.Helper()
	deadline := time.After(waitLimit)
	for {
		select {
		case e := <-l.notes:
			if e.Velocity > 0 {
				return e
			}
		case <-deadline:
			t.Fatalf("no note in %v", waitLimit)
		}
	}
}

// TestBandPlaysInTime starts four robots and checks that every note is on the
// grid of the timeline. A muted robot rests while the others play.
func TestBandPlaysInTime(t *testing.T) {
	t.Parallel()
	b := newBox(t, 4)
	l := listen(t, b)
	teacher := b.teacher(t)
	run(t, func(ctx context.Context) error { return teacher.Read(ctx, client.Handler{}) })
	send(t, teacher, "set_count_in", `{"bars":0}`)
	send(t, teacher, "set_tempo", `{"bpm":240}`)
	send(t, teacher, "start", `{}`)
	timeline := <-l.timelines
	for !timeline.Running {
		timeline = <-l.timelines
	}
	seats := map[uint8]int{}
	var drummer uint8
	for range 40 {
		e := l.next(t)
		seats[e.Seat]++
		if e.Note == 36 {
			drummer = e.Seat
		}
		beat := timeline.BeatAt(clock.Millis(e.At))
		if off := math.Abs(beat*4-math.Round(beat*4)) / 4 * timeline.BeatMillis(); off > 5 {
			t.Errorf("note %d of seat %d at beat %.3f is %.1f ms off the grid", e.Note, e.Seat, beat, off)
		}
	}
	if len(seats) < 3 {
		t.Errorf("%d robots play, want at least 3 of 4: %v", len(seats), seats)
	}

	id := memberOf(t, b, drummer)
	send(t, teacher, "mute_student", fmt.Sprintf(`{"student_id":%q,"muted":true}`, id))
	others := 0
	for others < 24 { // in a row, with no note of the drummer between
		if l.next(t).Seat == drummer {
			others = 0
		} else {
			others++
		}
	}
}

// memberOf returns the student_id on a seat.
func memberOf(t *testing.T, b box, seat uint8) string {
	t.Helper()
	c := b.teacher(t)
	found := make(chan string, 1)
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	err := c.Read(ctx, client.Handler{Event: func(event string, payload []byte) {
		var state struct {
			Members []struct {
				ID   string `json:"student_id"`
				Seat uint8  `json:"seat"`
			} `json:"members"`
		}
		if event != wire.EventRoomState || json.Unmarshal(payload, &state) != nil {
			return
		}
		for _, m := range state.Members {
			if m.Seat == seat {
				found <- m.ID
				cancel()
				return
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case id := <-found:
		return id
	default:
		t.Fatalf("no member has seat %d", seat)
		return ""
	}
}
