package lobby

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/wire/wiretest"
	"downbeat.local/sync/clock"
)

// The moments of these tests, after one at which nothing special happens.
func at(d time.Duration) clock.Millis { return clock.Millis(1e6).Add(d) }

func report(v *Visitors, now clock.Millis, id, room string) string {
	return v.Report(now, Report{ID: id, Address: "192.168.1.20:4000", Room: room})
}

func refuse(v *Visitors, now clock.Millis, id, why, typed string) {
	v.Refuse(now, Report{ID: id, Address: "192.168.1.20:4000"}, why, typed)
}

func TestDevicesBeforeTheDoor(t *testing.T) {
	v := New()
	for i, want := range []string{"A", "B", "C", "D"} {
		room := []string{"", "", "MUSIC-2024", "DRUM-7"}[i]
		if got := report(v, at(0), fmt.Sprint(i), room); got != want {
			t.Errorf("device %d has the mark %q, want %q", i, got, want)
		}
	}
	refuse(v, at(time.Second), "1", WrongCode, "music 2034")
	refuse(v, at(time.Second), "2", Locked, "MUSIC-2024")
	refuse(v, at(time.Second), "3", "internal", "")
	refuse(v, at(time.Second), "stranger", Locked, "")
	got := v.List(at(2*time.Second), "MUSIC-2024")
	want := []Visitor{
		{Mark: "A", Since: at(0)},
		{Mark: "B", Why: WrongCode, Typed: "music 2034", Since: at(time.Second)},
		{Mark: "C", Why: Locked, Since: at(time.Second)},
		{Mark: "E", Why: Locked, Since: at(time.Second)}, // asked before it reported
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("before MUSIC-2024 (-want +got):\n%s", diff)
	}
	if got := marks(v.List(at(2*time.Second), "DRUM-7")); !slices.Equal(got, []string{"A", "B", "D", "E"}) {
		t.Errorf("before DRUM-7: %v", got)
	}
}

func marks(all []Visitor) (marks []string) {
	for _, d := range all {
		marks = append(marks, d.Mark)
	}
	return marks
}

func TestConstants(t *testing.T) {
	c := wiretest.Read(t)
	if want := c.VisitMS; int(ReportEvery.Milliseconds()) != want {
		t.Errorf("a page reports every %v, want %d ms", ReportEvery, want)
	}
	if diff := cmp.Diff(c.Lobby.Hurdles, append(slices.Clone(reasons), Missing)); diff != "" {
		t.Errorf("why a device has no seat (-want +got):\n%s", diff)
	}
	taken := map[string]bool{}
	var marks []string
	for range len(c.Lobby.Marks) {
		marks = append(marks, freeMark(taken))
		taken[marks[len(marks)-1]] = true
	}
	if diff := cmp.Diff(c.Lobby.Marks, marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
}

func TestADeviceThatFallsSilent(t *testing.T) {
	v := New()
	report(v, at(0), "a", "")
	report(v, at(0), "b", "")
	refuse(v, at(time.Second), "b", WrongCode, "X-1")
	for d := time.Duration(0); d < time.Minute; d += ReportEvery {
		report(v, at(d), "a", "")
	}
	want := []Visitor{{Mark: "A", Since: at(0)}, {Mark: "B", Why: Missing, Typed: "X-1", Since: at(time.Second)}}
	if diff := cmp.Diff(want, v.List(at(55*time.Second), "")); diff != "" {
		t.Errorf("after a minute (-want +got):\n%s", diff)
	}
	if got := report(v, at(time.Minute), "b", ""); got != "B" {
		t.Errorf("it comes back as %q", got)
	}
	if got := v.List(at(time.Minute), "")[1]; got.Why != "" || got.Since != at(time.Minute) {
		t.Errorf("it is back, and the list has %+v", got)
	}
	if got := v.List(at(10*time.Minute), ""); len(got) != 0 {
		t.Errorf("long after the lesson: %+v", got)
	}
}

func TestAReloadKeepsTheMark(t *testing.T) {
	v := New()
	report(v, at(0), "a", "")
	report(v, at(0), "b", "")
	v.Report(at(time.Second), Report{ID: "a", Gone: true})
	v.Seat(at(time.Second), "b")
	if got := v.List(at(time.Second), ""); len(got) != 0 {
		t.Errorf("a page that was left and one with a seat: %+v", got)
	}
	for i, id := range []string{"c", "b", "a"} {
		if got, want := report(v, at(2*time.Second), id, ""), []string{"C", "B", "A"}[i]; got != want {
			t.Errorf("%s has the mark %q, want %q", id, got, want)
		}
	}
	if got := marks(v.List(at(2*time.Second), "")); !slices.Equal(got, []string{"A", "C"}) {
		t.Errorf("a report that was under way when the seat was given: %v", got)
	}
	report(v, at(time.Second+ReportEvery), "b", "")
	if got := marks(v.List(at(time.Second+ReportEvery), "")); !slices.Equal(got, []string{"A", "B", "C"}) {
		t.Errorf("somebody else uses the device: %v", got)
	}
}

func TestRudeCodesAreNotShown(t *testing.T) {
	v := New()
	report(v, at(0), "a", "")
	for _, typed := range []string{"sh1t-2024", "hello\u202eworld", strings.Repeat("long", 50), "a\xffb", "<script>"} {
		refuse(v, at(0), "a", WrongCode, typed)
		if got := v.List(at(0), "")[0]; got.Typed != "" || got.Why != WrongCode {
			t.Errorf("%q is shown as %+v", typed, got)
		}
	}
}

func TestVisitorsAreBounded(t *testing.T) {
	v := New()
	for i := range 3 * maxOfRouter {
		mark := report(v, at(0), fmt.Sprint("near", i), "")
		if got, want := mark != "", i < maxOfRouter; got != want {
			t.Fatalf("device %d of one address has the mark %q", i, mark)
		}
	}
	for i := range 3 * maxVisitors {
		v.Report(at(0), Report{ID: fmt.Sprint("far", i), Address: fmt.Sprintf("10.0.%d.%d:1", i/256, i%256)})
	}
	if got := len(v.List(at(0), "")); got != maxVisitors {
		t.Errorf("%d devices are known, want %d", got, maxVisitors)
	}
	seen := map[string]bool{}
	for _, mark := range marks(v.List(at(0), "")) {
		if seen[mark] || len(mark) > 2 {
			t.Errorf("the mark %q is there twice, or long", mark)
		}
		seen[mark] = true
	}
	for _, id := range []string{"", strings.Repeat("x", maxID+1)} {
		if mark := report(New(), at(0), id, ""); mark != "" {
			t.Errorf("an id of %d bytes has the mark %q", len(id), mark)
		}
	}
	if mark := v.Report(at(forgottenAfter+time.Second), Report{ID: "new", Address: "10.9.9.9:1"}); mark != "A" {
		t.Errorf("when the others are forgotten, a new device has the mark %q", mark)
	}
}

// TestOneChildCannotFillTheList has one address send for many devices, before and
// after the class is known to have addresses of its own.
func TestOneChildCannotFillTheList(t *testing.T) {
	v := New()
	flood := func(now clock.Millis) (listed int) {
		for i := range 3 * maxOfRouter {
			v.Report(now, Report{ID: fmt.Sprint("false ", i), Address: "192.168.1.66:4000"})
		}
		return len(v.List(now, ""))
	}
	if got := flood(at(0)); got != maxOfRouter {
		t.Errorf("before anybody has a seat %d are listed, want %d", got, maxOfRouter)
	}
	for i := range severalAddresses {
		id := fmt.Sprint("classmate ", i)
		v.Report(at(0), Report{ID: id, Address: fmt.Sprintf("192.168.1.%d:4000", 10+i)})
		v.Seat(at(time.Second), id)
	}
	if got := flood(at(2 * time.Second)); got != maxOfDevice {
		t.Errorf("when the class has addresses of its own %d are listed, want %d", got, maxOfDevice)
	}
	for _, mark := range marks(v.List(at(3*time.Second), "")) {
		v.Dismiss(at(3*time.Second), "", mark)
	}
	if got := flood(at(4 * time.Second)); got != 0 {
		t.Errorf("when those are dismissed %d more are listed", got)
	}
	if mark := report(v, at(5*time.Second), "honest", ""); mark == "" {
		t.Error("a device with an address of its own finds no place")
	}
}

// TestTheTeacherDismissesADevice dismisses one, and follows when it is shown again.
func TestTheTeacherDismissesADevice(t *testing.T) {
	v := New()
	listed := func(now clock.Millis) string { return strings.Join(marks(v.List(now, "MUSIC-2024")), " ") }
	expect := func(what string, now clock.Millis, want string) {
		t.Helper()
		if got := listed(now); got != want {
			t.Errorf("%s: %q is listed, want %q", what, got, want)
		}
	}
	report(v, at(0), "a", "")
	report(v, at(0), "b", "")
	report(v, at(0), "c", "DRUM-7")
	for _, mark := range []string{"C", "D", "", "a"} {
		if v.Dismiss(at(0), "MUSIC-2024", mark) {
			t.Errorf("%q is dismissed, which is not listed", mark)
		}
	}
	if !v.Dismiss(at(0), "MUSIC-2024", "A") {
		t.Error("A cannot be dismissed")
	}
	expect("dismissed", at(0), "B")
	refuse(v, at(time.Minute), "a", WrongCode, "X-1")
	report(v, at(time.Minute), "b", "")
	expect("it tries again at once", at(time.Minute), "B")
	v.Report(at(2*time.Minute), Report{ID: "a", Gone: true})
	report(v, at(2*time.Minute), "a", "")
	report(v, at(2*time.Minute), "b", "")
	expect("its page is opened anew at once", at(2*time.Minute), "B")
	for d := 2 * time.Minute; d <= dismissedFor; d += ReportEvery {
		report(v, at(d), "a", "")
		report(v, at(d), "b", "")
	}
	expect("it waits on", at(dismissedFor), "B")
	refuse(v, at(dismissedFor), "a", Locked, "")
	expect("it tries again later", at(dismissedFor), "A B")

	v.Dismiss(at(dismissedFor), "MUSIC-2024", "A")
	v.Seat(at(dismissedFor), "a")
	expect("it has a seat", at(dismissedFor), "B")
	report(v, at(dismissedFor+ReportEvery), "a", "")
	expect("it has lost its seat", at(dismissedFor+ReportEvery), "A B")
}

// TestAReloadedPageIsStillRefused has a page ask for a seat before its first report.
func TestAReloadedPageIsStillRefused(t *testing.T) {
	v := New()
	report(v, at(0), "a", "MUSIC-2024")
	v.Report(at(time.Second), Report{ID: "a", Address: "192.168.1.20:4000", Gone: true})
	refuse(v, at(2*time.Second), "a", Removed, "MUSIC-2024")
	report(v, at(3*time.Second), "a", "MUSIC-2024")
	if got := v.List(at(4*time.Second), "MUSIC-2024"); len(got) != 1 || got[0].Why != Removed {
		t.Errorf("after a reload the teacher sees %+v, want one who was removed", got)
	}
}
