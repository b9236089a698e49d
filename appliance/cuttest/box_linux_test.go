package cuttest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/people"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/wire"
)

// boxEnv names the data folder of a box that is a process of its own, and
// claimEnv that of a box that gets its teacher.
const (
	boxEnv   = "DOWNBEAT_TEST_BOX"
	claimEnv = "DOWNBEAT_TEST_CLAIM"
)

const testSecret = "a secret of thirty-two bytes, ok"

// patience is how long a test waits for an answer.
const patience = 20 * time.Second

// serveBox is such a box. It prints its address when it answers.
func serveBox(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	a, err := appliance.Open(appliance.Config{
		Listen: "127.0.0.1:0", DataDir: dir, JWTSecret: testSecret, Door: room.DoorToken,
		Limits: map[string]int{"events": 1000, "rooms": 1024}, Log: slog.New(slog.DiscardHandler),
	})
	if err == nil {
		fmt.Println("http://" + a.Addr().String())
		err = a.Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// box is a box with a teacher, as a process that can be killed. Its data are on a disk
// whose power can be cut.
type box struct {
	t       *testing.T
	disk    *disk
	session string // the cookie of the teacher
	teacher string // their token
	service string // the key of a program
	cmd     *exec.Cmd
	url     string
}

// newBox claims a box on a new disk and starts it.
func newBox(t *testing.T) *box {
	t.Helper()
	b := &box{t: t, disk: newDisk(t)}
	b.claim()
	signer, err := auth.NewSigner([]byte(testSecret))
	if err != nil {
		t.Fatal(err)
	}
	for token, claims := range map[*string]auth.Claims{
		&b.teacher: {Role: auth.Authenticated, App: auth.AppMetadata{Role: room.RoleTeacher}},
		&b.service: {Role: auth.Service},
	} {
		if *token, err = signer.Mint(claims, 12*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	b.start()
	t.Cleanup(b.kill)
	return b
}

// dataDir is the folder of the data.
func (b *box) dataDir() string { return filepath.Join(b.disk.dir, "data") }

// claim gives the box a teacher, in a process of its own. This one serves the disk, and
// must not map a file of it: a page fault would stop the goroutine that answers it.
func (b *box) claim() {
	b.t.Helper()
	if err := os.Mkdir(b.dataDir(), 0o700); err != nil {
		b.t.Fatal(err)
	}
	cmd := exec.CommandContext(b.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), claimEnv+"="+b.dataDir())
	cmd.Stderr = os.Stderr
	session, err := cmd.Output()
	if err != nil {
		b.t.Fatal(err)
	}
	b.session = string(session)
}

// claimBox gives a box a teacher, and prints the cookie of their session.
func claimBox(dir string) int {
	ctx := context.Background()
	session, err := func() (session string, err error) {
		s, err := store.Open(store.Config{Path: filepath.Join(dir, store.FileName)})
		if err != nil {
			return "", err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		register, err := people.Open(ctx, people.Config{Store: s, Dir: dir, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			return "", err
		}
		if err := register.SetUp(ctx, "correct horse"); err != nil {
			return "", err
		}
		return register.OpenSession(ctx)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Print(session)
	return 0
}

// start runs the box, and returns when it has its port.
func (b *box) start() {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), boxEnv+"="+b.dataDir())
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	line := bufio.NewScanner(out)
	if b.cmd = cmd; !line.Scan() {
		b.t.Fatal("the box does not start")
	}
	b.url = line.Text()
}

// kill ends the box at once.
func (b *box) kill() {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}

// do makes a request with a token and decodes the answer into v, unless v is nil. An
// error means that the box did not answer.
func (b *box) do(token, method, path string, body, v any) (status int, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequest(method, b.url+path, bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if token == "" {
		r.AddCookie(&http.Cookie{Name: "downbeat_session", Value: b.session})
	} else {
		r.Header.Set("Apikey", token)
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && v != nil && answer.StatusCode < 300 {
		err = json.Unmarshal(text, v)
	}
	return answer.StatusCode, err
}

// client is the teacher in a room, over a WebSocket.
type client struct {
	ws    *websocket.Conn
	topic string
	refs  int
	state room.State // when the client joined
}

// join joins a room. An error means that the box did not answer.
func (b *box) join(code string) (*client, error) {
	q := url.Values{"apikey": {b.teacher}, "vsn": {"2.0.0"}}
	ws, answer, err := websocket.DefaultDialer.DialContext(b.t.Context(), "ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close()
	c := &client{ws: ws, topic: wire.TopicPrefix + wire.RoomPrefix + code}
	joined, err := c.push("phx_join", map[string]any{"config": map[string]any{"broadcast": map[string]any{"ack": true}}})
	if err == nil && joined.Status != "ok" {
		err = fmt.Errorf("joining %s is answered %+v", code, joined)
	}
	if err == nil {
		err = c.await(func(m wire.Message) (bool, error) {
			if m.Event != "room_state" {
				return false, nil
			}
			return true, json.Unmarshal(m.Payload, &c.state)
		})
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *client) close() { _ = c.ws.Close() }

// reply is what the box answers.
type reply struct {
	Status   string
	Response struct {
		Reason string
		Kept   *bool // nil if the store has it
	}
}

// command sends a teacher's command. kept says that the box has promised it.
func (c *client) command(event string, payload any) (kept bool, err error) {
	r, err := c.push("broadcast", map[string]any{"type": "broadcast", "event": event, "payload": payload})
	return r.Status == "ok" && r.Response.Kept == nil, err
}

func (c *client) push(event string, payload any) (r reply, err error) {
	c.refs++
	ref := fmt.Sprint(c.refs)
	raw, err := json.Marshal(payload)
	if err != nil {
		return r, err
	}
	frame := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef(ref), c.topic, event, raw).Payload()
	if err := c.ws.WriteMessage(websocket.TextMessage, frame); err != nil {
		return r, err
	}
	err = c.await(func(m wire.Message) (bool, error) {
		if m.Event != "phx_reply" || m.Ref.String() != ref {
			return false, nil
		}
		return true, json.Unmarshal(m.Payload, &r)
	})
	return r, err
}

// await reads until a message fits.
func (c *client) await(fits func(wire.Message) (bool, error)) error {
	if err := c.ws.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	for {
		kind, raw, err := c.ws.ReadMessage()
		if err != nil {
			return err
		}
		m, err := wire.DecodeBroadcast(raw)
		if kind == websocket.TextMessage {
			m, err = wire.DecodeText(wire.V2, raw)
		}
		if err != nil {
			return err
		}
		if ok, err := fits(m); ok || err != nil {
			return err
		}
	}
}
