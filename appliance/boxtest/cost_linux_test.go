package boxtest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/lan/lantest"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
)

// The addresses of a network of a test: the box, a class whose pages share one,
// and a device that attacks. None of them is loopback, which has no bounds by
// address.
const (
	boxAddress      = "192.0.2.1"
	classAddress    = "192.0.2.2"
	attackerAddress = "192.0.2.66"
)

// inSchool runs the calling test in a network with these addresses. It returns
// true there, as [lantest.In] does.
func inSchool(t *testing.T) bool {
	return lantest.In(t, `link add school type veth peer name far
		link set school up
		link set far up
		address add 192.0.2.1/24 dev school
		address add 192.0.2.2/24 dev school
		address add 192.0.2.66/24 dev school`)
}

// schoolBox is a box with a room in that network.
func schoolBox(t *testing.T, cfg appliance.Config) *box {
	t.Helper()
	cfg.Listen = boxAddress + ":0"
	b := openBox(t, cfg)
	b.open("MUSIC-2024")
	return b
}

// at is the same box for a device with an address.
func (b *box) at(address string) *box {
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}, Timeout: patience}
	c := *b
	c.dialer = &websocket.Dialer{NetDialContext: from.DialContext}
	c.http = browser(b.t, b.url)
	c.http.Transport = &http.Transport{DialContext: from.DialContext}
	b.t.Cleanup(c.http.CloseIdleConnections)
	return &c
}

// raw opens a TCP connection from a device's address and writes to it.
func (b *box) raw(address, text string) net.Conn {
	b.t.Helper()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}, Timeout: patience}
	c, err := from.Dial("tcp", b.Addr().String())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, text); err != nil {
		b.t.Fatal(err)
	}
	return c
}

// heap is the memory that is in use, after a collection. The box is in this
// process.
func heap() int64 {
	runtime.GC()
	runtime.GC() // for what the first found weakly held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// grows fails if the memory grows by more than so many megabytes while something
// is done.
func grows(t *testing.T, most int64, do func()) {
	t.Helper()
	before := heap()
	do()
	if grown := (heap() - before) >> 20; grown > most {
		t.Errorf("the memory has grown by %d MB, want at most %d", grown, most)
	}
}

// costly is a pattern of 40 bytes whose program takes 33 KB.
func costly(n int) string { return fmt.Sprintf(`title=match."(.{0,70}){3}%d$"`, n) }

// TestFiltersAreChargedForWhatTheyHold joins with filters whose programs would
// take 130 MB.
func TestFiltersAreChargedForWhatTheyHold(t *testing.T) {
	if !inSchool(t) {
		return
	}
	b := schoolBox(t, appliance.Config{})
	attacker := b.at(attackerAddress).dial(b.token(anonClaims))
	refused := 0
	grows(t, 40, func() {
		for i := range 100 {
			var changes []object
			for j := range 40 {
				changes = append(changes, object{"event": "*", "schema": "public", "table": "lesson_plans", "filter": costly(100*i + j)})
			}
			r := attacker.reply(attacker.push(fmt.Sprint("realtime:lobby", i), "phx_join", object{"config": object{"postgres_changes": changes}}))
			if r.Status != "ok" {
				refused++
				if !strings.HasPrefix(r.Response.Reason, "ClientJoinRateLimitReached: This ") {
					t.Fatalf("a refused join is answered %+v", r)
				}
			}
		}
	})
	if refused < 80 {
		t.Errorf("%d of 100 joins were refused, want nearly all", refused)
	}
	if r := attacker.reply(attacker.push("phoenix", "heartbeat", object{})); r.Status != "ok" {
		t.Errorf("afterwards a heartbeat is answered %+v", r)
	}
	class := b.at(classAddress).dial(b.token(anonClaims))
	r := class.reply(class.push("realtime:plans", "phx_join", object{"config": object{"postgres_changes": []object{
		{"event": "*", "schema": "public", "table": "lesson_plans", "filter": "title=like.Song%"},
	}}}))
	if r.Status != "ok" {
		t.Fatalf("a class's own filter is answered %+v", r)
	}
	class.expect("system")
	if status := b.plans(b.token(teacherClaims), "POST", "", `{"title":"Song of `+strings.Repeat("a", 16<<10)+`"}`, nil); status != http.StatusCreated {
		t.Fatalf("a lesson plan is answered %d", status)
	}
	class.expect("postgres_changes")
}

// TestQueriesAreChargedForWhatTheyHold asks for a hundred times ten patterns.
func TestQueriesAreChargedForWhatTheyHold(t *testing.T) {
	if !inSchool(t) {
		return
	}
	b := schoolBox(t, appliance.Config{})
	device := b.at(attackerAddress)
	var filters []string
	for i := range 60 {
		var any []string
		for j := range 10 {
			any = append(any, fmt.Sprintf(`"(.{0,70}){3}%d$"`, 10*i+j))
		}
		filters = append(filters, "title=match(any)."+url.QueryEscape("{"+strings.ReplaceAll(strings.Join(any, ","), `\`, `\\`)+"}"))
	}
	var answer struct{ Code, Message string }
	if status := device.plans(b.token(anonClaims), "GET", "?"+strings.Join(filters, "&"), "", &answer); status != http.StatusTooManyRequests || answer.Code != "53400" {
		t.Errorf("600 patterns are answered %d %+v", status, answer)
	}
	if status := b.at(classAddress).plans(b.token(anonClaims), "GET", "?title=like.Song*&order=title", "", nil); status != http.StatusOK {
		t.Errorf("the class's query is answered %d", status)
	}
}

// TestBodiesThatDoNotEnd posts rows of which the last byte never comes.
func TestBodiesThatDoNotEnd(t *testing.T) {
	if !inSchool(t) {
		return
	}
	b := schoolBox(t, appliance.Config{})
	student := b.at(classAddress).sit("MUSIC-2024", "").Token
	const long = 1<<20 - 1
	post := func(path, token string) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
			path, b.Addr(), token, long+1)
	}
	t.Run("without the right to write", func(t *testing.T) {
		b := b.in(t)
		for _, method := range []string{"POST", "PATCH"} {
			c := b.raw(attackerAddress, strings.Replace(post("/rest/v1/lesson_plans?id=eq.00000000-0000-0000-0000-000000000000", student), "POST", method, 1))
			head := make([]byte, len("HTTP/1.1 000"))
			want := map[string]string{"POST": "HTTP/1.1 403", "PATCH": "HTTP/1.1 204"}[method]
			if _, err := io.ReadFull(c, head); err != nil || string(head) != want {
				t.Errorf("%s is answered %q before its body, want %q: %v", method, head, want, err)
			}
		}
	})
	t.Run("with it", func(t *testing.T) {
		b := b.in(t)
		begin := strings.Repeat(" ", 60<<10)
		grows(t, 48, func() {
			refused := 0
			for range 120 { // seven megabytes of 64 KB at once, from one address
				c := b.raw(attackerAddress, strings.Replace(post("/realtime/v1/api/broadcast", student), fmt.Sprint(long+1), fmt.Sprint(64<<10), 1)+begin)
				defer c.Close()
			}
			eventually(t, "some bodies are refused", func() string {
				refused = int(value(b.scrape(), "cost_refused_total", "requests"))
				if refused == 0 {
					return "none"
				}
				return ""
			})
		})
		if status, _ := b.at(classAddress).postTo("/realtime/v1/api/broadcast", anonClaims, "application/json", `{"messages":[{"topic":"a","event":"b","payload":{}}]}`); status != http.StatusAccepted {
			t.Errorf("the class's broadcast is answered %d", status)
		}
	})
}

// TestConnectionsThatSayNothing are many, of one device.
func TestConnectionsThatSayNothing(t *testing.T) {
	if !inSchool(t) {
		return
	}
	b := schoolBox(t, appliance.Config{Limits: map[string]int{"connections": 64}})
	for _, says := range []string{"", "GET / HTTP/1.1\r\nHost:", "GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n"} {
		var silent []net.Conn
		for range 200 {
			silent = append(silent, b.raw(attackerAddress, says))
		}
		for _, address := range []string{classAddress, attackerAddress} {
			if status := b.at(address).call("GET", "/healthz", nil, nil); status != http.StatusOK {
				t.Errorf("beside 200 that say %q, %s is answered %d", says, address, status)
			}
		}
		for _, c := range silent {
			_ = c.Close()
		}
	}
}

// TestPlacesOfOneDevice are taken by members and by a program, and then a class
// comes.
func TestPlacesOfOneDevice(t *testing.T) {
	if !inSchool(t) {
		return
	}
	for name, class := range map[string]string{"at another address": classAddress, "at the same address": attackerAddress} {
		t.Run(name, func(t *testing.T) {
			b := schoolBox(t, appliance.Config{Limits: map[string]int{"clients": 52, "address-clients": 24}})
			device := b.at(attackerAddress)
			for range 3 {
				token := device.sit("MUSIC-2024", "").Token
				for range 8 {
					device.dial(token)
				}
			}
			for range 12 {
				b.at(class).student("MUSIC-2024").alive()
			}
			b.at(class).teacher("MUSIC-2024").alive()
		})
	}
}

// TestSeatsOfOneDevice are all of a room's.
func TestSeatsOfOneDevice(t *testing.T) {
	if !inSchool(t) {
		return
	}
	b := schoolBox(t, appliance.Config{Limits: map[string]int{"members": 16}})
	device := b.at(attackerAddress)
	var taken []*client
	for range 16 {
		taken = append(taken, device.student("MUSIC-2024"))
	}
	for range 5 {
		b.at(classAddress).student("MUSIC-2024").alive()
	}
	taken[15].expelled("Your seat was needed for somebody else")
	if status := device.call("POST", "/box/v1/join", web.JoinRequest{Code: "MUSIC-2024"}, nil); status != http.StatusConflict {
		t.Errorf("the device's next seat is answered %d, want that the room is full", status)
	}
	taken[0].alive()
}

// TestADeviceBehindTheClassesRouter takes every seat of a room and every place of its
// address. Then a class comes from the same address, with browsers.
func TestADeviceBehindTheClassesRouter(t *testing.T) {
	if !inSchool(t) {
		return
	}
	b := schoolBox(t, appliance.Config{Limits: map[string]int{"members": 16, "address-clients": 24}})
	program := b.at(classAddress)
	for range 16 {
		token := program.sit("MUSIC-2024", "").Token
		program.dial(token).join("MUSIC-2024")
		program.askSocket(token) // a place for the first of them
	}
	var class []*client
	for range 12 {
		page := b.at(classAddress)
		if status := page.call("POST", "/box/v1/lobby", object{"visitor": "a page"}, nil); status != http.StatusOK {
			t.Fatalf("a page is answered %d", status)
		}
		class = append(class, page.student("MUSIC-2024"))
	}
	for _, student := range class {
		student.alive()
	}
}

// TestAMemberIsNoKey signs up with a member's token in place of a key.
func TestAMemberIsNoKey(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	member := b.sit("MUSIC-2024", "").Token
	person := b.token(auth.Claims{Role: auth.Authenticated, Subject: "ana"})
	for name, header := range map[string][]string{
		"as apikey": {"apikey", member}, "as bearer": {"Authorization", "Bearer " + member},
		"a signed-in person's": {"apikey", person},
	} {
		if status := b.request("", "POST", "/auth/v1/signup", `{}`, header...); status != http.StatusUnauthorized {
			t.Errorf("%s: answered %d, want 401", name, status)
		}
	}
	if status := b.request("", "POST", "/auth/v1/signup", `{}`, "apikey", b.token(anonClaims), "Authorization", "Bearer "+member); status != http.StatusOK {
		t.Errorf("a program with a key: answered %d", status)
	}
}

// TestTheTeacherHearsOfADeviceThatIsHeldBack asks for too much with a student's
// token, and for one tab too many with another's.
func TestTheTeacherHearsOfADeviceThatIsHeldBack(t *testing.T) {
	if !inSchool(t) {
		return
	}
	b := schoolBox(t, appliance.Config{})
	seat, honest := b.at(attackerAddress).sit("MUSIC-2024", ""), b.at(classAddress).sit("MUSIC-2024", "")
	attacker := b.at(attackerAddress).dial(seat.Token)
	for i := range 20 {
		var changes []object
		for j := range 90 {
			changes = append(changes, object{"event": "*", "schema": "public", "table": "lesson_plans", "filter": costly(100*i + j)})
		}
		attacker.reply(attacker.push(fmt.Sprint("realtime:lobby", i), "phx_join", object{"config": object{"postgres_changes": changes}}))
	}
	for range 8 {
		b.at(classAddress).dial(honest.Token)
	}
	if b.at(classAddress).askSocket(honest.Token) {
		t.Error("a ninth tab was let in")
	}
	var status struct {
		HeldBack []room.HeldBack `json:"held_back"`
	}
	b.staffCall("GET", "/box/v1/status", nil, &status)
	want := []room.HeldBack{{Address: attackerAddress, Of: "filters", Students: []room.Student{
		{Room: "MUSIC-2024", StudentID: seat.Member.StudentID, Name: seat.Member.Name, Seat: uint8(seat.Member.Seat)},
	}}}
	if diff := cmp.Diff(want, status.HeldBack); diff != "" {
		t.Errorf("the teacher reads (-want +got):\n%s", diff)
	}
	status.HeldBack = nil
	if b.call("GET", "/box/v1/status", nil, &status); status.HeldBack != nil {
		t.Errorf("a student reads %+v", status.HeldBack)
	}
}

// TestCodesOverSockets guesses codes at an open door.
func TestCodesOverSockets(t *testing.T) {
	if !inSchool(t) {
		return
	}
	b := schoolBox(t, appliance.Config{Door: room.DoorOpen})
	guesser := b.at(attackerAddress).dial(b.token(anonClaims))
	const slow = "ClientJoinRateLimitReached: Too many codes"
	slowed := 0
	for i := range 40 {
		if r := guesser.askToJoin(fmt.Sprintf("GUESS-%04d", i)); strings.HasPrefix(r.Response.Reason, slow) {
			slowed++
		}
	}
	if free := usualLimits["failed-codes"]; slowed < 40-free-2 {
		t.Errorf("%d of 40 guesses were slowed, want all but %d", slowed, free)
	}
	if r := guesser.askToJoin("MUSIC-2024"); !strings.HasPrefix(r.Response.Reason, slow) {
		t.Errorf("a right guess is answered %+v", r)
	}
	b.at(classAddress).dial(b.token(anonClaims)).join("MUSIC-2024")
	b.at(attackerAddress).teacher("MUSIC-2024").alive()
}
