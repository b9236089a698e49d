package boxtest

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/web"
)

// attendance reads who was here, as lines without the times.
func (b *box) attendance(room string) string {
	b.t.Helper()
	raw, err := io.ReadAll(b.staffPage("/box/v1/rooms/" + room + "/attendance.csv"))
	if err != nil {
		b.t.Fatal(err)
	}
	text, marked := strings.CutPrefix(string(raw), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked {
		b.t.Fatalf("%q: %v", raw, err)
	}
	var lines []string
	for _, row := range rows[1:] {
		if (row[3] != "") != (row[0] != "" && row[1] == "yes") {
			b.t.Errorf("came at %q: %v", row[3], row)
		}
		lines = append(lines, fmt.Sprintf("%s: %s %s", row[0], row[1], row[2]))
	}
	return strings.Join(lines, "\n")
}

// TestAttendanceOfALesson has one child with a music name, one without, one who is
// away, and one who left.
func TestAttendanceOfALesson(t *testing.T) {
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	b.open("MUSIC-2024")
	class := b.classOf("MUSIC-2024", "=Ana()", "Ben", "Cleo")
	music := map[string]any{}
	for _, c := range class.Children {
		music[c.Name] = c.Music
	}
	sit := func(name string) web.SeatReply {
		var seat web.SeatReply
		b.want(http.StatusOK, "POST", "/box/v1/join", web.JoinRequest{Code: "MUSIC-2024", Name: name}, &seat)
		b.dial(seat.Token).join("MUSIC-2024")
		return seat
	}
	ana, ben := sit("Zebra"), sit("Yak")
	sit("Gnu")
	for seat, child := range map[*web.SeatReply]string{&ana: "=Ana()", &ben: "Ben"} {
		if status := b.enterMusic(*seat, music[child], nil); status != http.StatusOK {
			t.Fatalf("%s: %d", child, status)
		}
	}
	want := "'=Ana(): yes Zebra\nBen: yes Yak\nCleo: no \n: yes Gnu"
	if got := b.attendance("MUSIC-2024"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if status := b.request(ana.Token, "DELETE", "/box/v1/me", ""); status != http.StatusNoContent {
		t.Fatal(status)
	}
	if got := b.attendance("MUSIC-2024"); !strings.HasPrefix(got, "'=Ana(): yes \nBen: yes Yak") {
		t.Errorf("after ana left:\n%s", got)
	}
	b.open("DRUM-1111")
	if got := b.attendance("DRUM-1111"); got != "" {
		t.Errorf("a room without a list and students:\n%s", got)
	}
	if status := b.request(ben.Token, "GET", "/box/v1/rooms/MUSIC-2024/attendance.csv", ""); status != http.StatusUnauthorized {
		t.Errorf("as a student: %d", status)
	}
}
