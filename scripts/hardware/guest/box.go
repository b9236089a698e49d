//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"downbeat.local/appliance/client"
	"downbeat.local/appliance/room"
)

const (
	address  = "http://127.0.0.1:8080"
	password = "a long enough password"
	// The rooms. The second opens when keyboards are to be sent to rooms.
	firstRoom, secondRoom = "MUSIC-2024", "CHOIR-1000"
	// The user as which the box runs, and the group that may open sound devices.
	boxUser, audio = 1000, 29
	// patience is how long anything may take. The machine's time does not pass
	// while its host is busy, except that it runs ahead while a disk is read.
	patience = 5 * time.Minute
	// pollEvery is how often to ask. To answer takes the machine a millisecond or two.
	pollEvery = 20 * time.Millisecond
)

// box is the real binary, and the teacher's devices in its rooms.
type box struct {
	ctx  context.Context
	cmd  *exec.Cmd
	http *http.Client
	ears map[string]*ear // by room
	ends []float64       // how long each note sounded on after a cable was pulled, ms
}

// startBox starts the box. On its first start it is claimed and has one room.
func startBox(ctx context.Context) (*box, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	b := &box{ctx: ctx, http: &http.Client{Jar: jar, Timeout: patience}}
	if err := errors.Join(os.MkdirAll(data, 0o700), os.Chown(data, boxUser, boxUser)); err != nil {
		return nil, err
	}
	if err := b.start(); err != nil {
		return nil, err
	}
	switch code, err := os.ReadFile(filepath.Join(data, "claim-code.txt")); {
	case err == nil:
		claim := map[string]string{"code": strings.TrimSpace(string(code)), "password": password}
		if err := b.call("POST", "claim", claim, nil); err != nil {
			return nil, err
		}
		if err := b.open(firstRoom); err != nil {
			return nil, err
		}
	case errors.Is(err, os.ErrNotExist): // claimed before
		if err := b.call("POST", "login", map[string]string{"password": password}, nil); err != nil {
			return nil, err
		}
	default:
		return nil, err
	}
	return b, b.listen()
}

// start starts the binary and waits until it answers.
func (b *box) start() error {
	b.cmd = asUser("/downbeat", "serve", "--listen", "127.0.0.1:8080", "--data", data, "--mdns=false")
	said, err := os.OpenFile(logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = said.Close() }() // the box has its own
	b.cmd.Stdout, b.cmd.Stderr = said, said
	if err := b.cmd.Start(); err != nil {
		return err
	}
	return until("the box answers", func() bool { return b.call("GET", "status", nil, nil) == nil })
}

// asUser is a program that a user of the group audio runs.
func asUser(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: boxUser, Gid: boxUser, Groups: []uint32{audio}}}
	return cmd
}

// open opens a room.
func (b *box) open(code string) error {
	return b.call("POST", "rooms", map[string]string{"code": code}, nil)
}

// listen joins every room that is open and has no listener yet, as its teacher.
func (b *box) listen() error {
	var open []struct{ Code string }
	if err := b.call("GET", "rooms", nil, &open); err != nil {
		return err
	}
	if b.ears == nil {
		b.ears = map[string]*ear{}
	}
	for _, r := range open {
		if b.ears[r.Code] != nil {
			continue
		}
		var seat client.SeatReply
		if err := b.call("POST", "rooms/"+r.Code+"/enter", map[string]string{"as": room.RoleTeacher}, &seat); err != nil {
			return err
		}
		c, err := client.Connect(b.ctx, address, seat)
		if err != nil {
			return err
		}
		b.ears[r.Code] = listen(b.ctx, c)
	}
	return nil
}

// kill ends the box in the middle of everything.
func (b *box) kill() {
	b.deafen()
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}

// end ends the box as systemd does.
func (b *box) end() error {
	b.deafen()
	if err := b.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return b.cmd.Wait()
}

// deafen leaves the rooms.
func (b *box) deafen() {
	for _, e := range b.ears {
		e.client.Close()
	}
	b.ears = nil
}

// silent returns an error if a note sounds on or has come that nobody expected.
func (b *box) silent() error {
	var problems []error
	for code, e := range b.ears {
		if err := e.silent(); err != nil {
			problems = append(problems, fmt.Errorf("room %s: %w", code, err))
		}
	}
	return errors.Join(problems...)
}

// call calls the box's own API.
func (b *box) call(method, path string, body, reply any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(method, address+"/box/v1/"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := b.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, answer)
	}
	if reply == nil {
		return nil
	}
	return json.Unmarshal(answer, reply)
}

// keyboards lists the USB keyboards, by ID. The other side of a gadget is a card,
// too, but not on USB.
func (b *box) keyboards() (all []room.Keyboard, err error) {
	var reply struct{ Keyboards []room.Keyboard }
	if err := b.call("GET", "keyboards", nil, &reply); err != nil {
		return nil, err
	}
	for _, k := range reply.Keyboards {
		if strings.Contains(k.ID, "usb:") {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b room.Keyboard) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// await waits until as many USB keyboards are there as there should be, and each is
// as it should be, and returns them by ID.
func (b *box) await(what string, n int, is func(room.Keyboard) bool) (all []room.Keyboard, err error) {
	waiting := until(fmt.Sprintf("%d keyboards, %s", n, what), func() bool {
		all, err = b.keyboards()
		return err != nil || len(all) == n && !slices.ContainsFunc(all, func(k room.Keyboard) bool { return !is(k) })
	})
	if waiting != nil {
		waiting = fmt.Errorf("%w: there are %+v", waiting, all)
	}
	return all, errors.Join(err, waiting)
}

// awaitPlaying waits until that many keyboards have a seat.
func (b *box) awaitPlaying(n int) ([]room.Keyboard, error) {
	return b.await("each with a seat", n, func(k room.Keyboard) bool { return k.StudentID != "" })
}

// awaitNone waits until no keyboard is plugged in.
func (b *box) awaitNone() error {
	_, err := b.await("none", 0, func(room.Keyboard) bool { return true })
	return err
}

// assign sends a keyboard to a place, as soon as it is open: it is listed when its
// file appears, a moment earlier.
func (b *box) assign(id string, to room.KeyboardPlace) error {
	body := map[string]any{"id": id, "room": to.Room, "student_id": to.StudentID, "stage": to.Stage}
	return until("it is open", func() bool { return b.call("POST", "keyboards", body, nil) == nil })
}

// until waits until something is so.
func until(what string, is func() bool) error {
	for began := time.Now(); time.Since(began) < patience; time.Sleep(pollEvery) {
		if is() {
			return nil
		}
	}
	return fmt.Errorf("in vain: %s", what)
}
