package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// memory is what the box may have: the smallest machine that it is made for.
const memory = 1 << 30

const (
	room     = "MUSIC-2024"
	password = "a password of the attack"
)

// box is a box in a memory cgroup.
type box struct {
	cmd    *exec.Cmd
	dir    string
	group  string // the folder of its cgroup; empty without one
	url    string
	ended  chan struct{}
	binary string
}

// startBox starts a box with a room, and claims it.
func startBox(binary string) (b *box, err error) {
	b = &box{binary: binary, url: "http://" + boxAddress + ":8080", ended: make(chan struct{})}
	if b.dir, err = os.MkdirTemp("", "downbeat-attack-"); err != nil {
		return nil, err
	}
	b.group = newGroup()
	serve := []string{binary, "serve", "--listen", boxAddress + ":8080", "--data", b.dir, "--mdns=false", "--midi-devices", "none"}
	if b.group != "" {
		enter := fmt.Sprintf("echo $$ > %s/cgroup.procs && exec \"$@\"", b.group)
		serve = append([]string{"sh", "-c", enter, "sh"}, serve...)
	}
	b.cmd = exec.Command(serve[0], serve[1:]...)
	if os.Getenv("ATTACK_LOG") != "" {
		b.cmd.Stderr = os.Stderr
	}
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { // ends with the box, which stop kills
		_ = b.cmd.Wait()
		close(b.ended)
	}()
	if err := b.prepare(); err != nil {
		b.stop()
		return nil, err
	}
	return b, nil
}

// newGroup makes a memory cgroup with that bound. It returns an empty string if
// this kernel or this container allows none.
func newGroup() string {
	name := fmt.Sprintf("downbeat-attack-%d-%d", os.Getpid(), time.Now().UnixNano())
	for _, kind := range []struct{ root, bound string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, // version 1
		{"/sys/fs/cgroup", "memory.max"},                   // version 2
	} {
		dir := filepath.Join(kind.root, name)
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		if os.WriteFile(filepath.Join(dir, kind.bound), []byte(strconv.Itoa(memory)), 0o644) == nil {
			return dir
		}
		_ = os.Remove(dir)
	}
	return ""
}

// prepare waits until the box answers, claims it and opens the room.
func (b *box) prepare() error {
	jar, _ := cookiejar.New(nil) // never fails
	teacher := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	post := func(path, body string, want int) error {
		resp, err := teacher.Post(b.url+path, "application/json", strings.NewReader(body))
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			return fmt.Errorf("%s is answered %s", path, resp.Status)
		}
		return nil
	}
	var code []byte
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		resp, err := teacher.Get(b.url + "/healthz")
		if err == nil {
			_ = resp.Body.Close()
			if code, err = os.ReadFile(filepath.Join(b.dir, "claim-code.txt")); err == nil {
				break
			}
		}
		if b.dead() || time.Since(began) > 20*time.Second {
			return fmt.Errorf("the box does not start: %w", err)
		}
	}
	return errors.Join(
		post("/box/v1/claim", fmt.Sprintf(`{"code":%q,"password":%q}`, bytes.TrimSpace(code), password), http.StatusNoContent),
		post("/box/v1/rooms", fmt.Sprintf(`{"code":%q}`, room), http.StatusCreated),
	)
}

// key is the box's own publishable key.
func (b *box) key() (string, error) {
	out, err := exec.Command(b.binary, "token", "--data", b.dir, "--role", "anon", "--key").Output()
	return strings.TrimSpace(string(out)), err
}

func (b *box) dead() bool {
	select {
	case <-b.ended:
		return true
	default:
		return false
	}
}

// rss is the resident memory of the box in MB.
func (b *box) rss() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kb, _ := strconv.ParseFloat(fields[1], 64)
			return kb / 1024
		}
	}
	return 0
}

// cpu is how long the box has had a processor.
func (b *box) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", b.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(text, []byte(") ")) // its name may hold blanks
	fields := strings.Fields(string(after))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticksPerSecond
}

// ticksPerSecond is the unit of /proc (proc(5)): 100 on every Linux that Go runs on.
const ticksPerSecond = 100

// stop ends the box and removes what it left.
func (b *box) stop() {
	_ = b.cmd.Process.Signal(syscall.SIGKILL)
	<-b.ended
	_ = os.RemoveAll(b.dir)
	if b.group != "" {
		_ = os.Remove(b.group)
	}
}
