package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/client"
)

// secret signs the tokens of the boxes under test.
const secret = "a secret for boxes that live for minutes"

// process is one server under test.
type process struct {
	cmd     *exec.Cmd
	addr    string
	dir     string        // of its data, if it is a box
	started time.Duration // until it listened
	seats   map[string]client.SeatReply
	teacher *http.Client // of a box: signed in
}

// cpu is the processor time of the server from the scheduler's count, which is
// finer than clock ticks.
func (p *process) cpu() time.Duration {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	var total time.Duration
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			ns, _ := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
			total += time.Duration(ns)
		}
	}
	return total
}

// rss is the server's resident memory in MB.
func (p *process) rss() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
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

// goroutines counts the goroutines of a box now.
func (p *process) goroutines() (int, error) {
	n, err := p.metric("go_goroutines")
	return int(n), err
}

// metric reads one figure from the metrics of a box.
func (p *process) metric(name string) (float64, error) {
	resp, err := http.Get("http://" + p.addr + "/metrics")
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(n, 64)
		}
	}
	return 0, errors.Join(lines.Err(), fmt.Errorf("the metrics do not tell %s", name))
}

func (p *process) stop() {
	if p == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}

// startSelf starts this program as the server of a floor.
func startSelf(serve string, args ...string) (*process, error) {
	cmd, err := self(serve, args...)
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return &process{cmd: cmd, addr: strings.TrimSpace(line)}, err
}

// startBox starts a box with rooms of these codes. flags are further flags of
// serve.
func startBox(binary string, codes []string, flags ...string) (*process, error) {
	dir, err := os.MkdirTemp("", "downbeat-bench-")
	if err != nil {
		return nil, err
	}
	p, err := startBoxOn(binary, dir, flags...)
	if err != nil {
		return nil, err
	}
	return p, p.makeRooms(codes)
}

// startBoxOn starts a box on the data in a folder, which stop removes.
func startBoxOn(binary, dir string, flags ...string) (*process, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	cmd := boxCommand(binary, addr, dir, flags...)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: run make build first", err)
	}
	p := &process{cmd: cmd, addr: addr, dir: dir}
	if err := p.waitUntilUp(); err != nil {
		p.stop()
		return nil, err
	}
	p.started = time.Since(began)
	return p, nil
}

// boxCommand serves a box at an address, with its data in dir.
func boxCommand(binary, addr, dir string, flags ...string) *exec.Cmd {
	return exec.Command(binary, append([]string{"serve", "--listen", addr, "--data", dir, "--jwt-secret", secret, "--door", "open"}, flags...)...)
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

func (p *process) waitUntilUp() error {
	for range 400 {
		conn, err := net.DialTimeout("tcp", p.addr, time.Second)
		if err == nil {
			return conn.Close()
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("%s does not listen", p.cmd.Path)
}

// rooms are the codes of the rooms under test.
var rooms = []string{"BENCH-1001", "BENCH-1002", "BENCH-1003", "BENCH-1004", "BENCH-1005"}

// guestRoom is for plain Supabase clients, which join as guests.
const guestRoom = "BENCH-2001"

// makeRooms claims the box and opens the rooms.
func (p *process) makeRooms(codes []string) error {
	code, err := os.ReadFile(filepath.Join(p.dir, "claim-code.txt"))
	if err != nil {
		return err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	p.teacher = &http.Client{Jar: jar}
	words := strings.Fields(string(code))
	if len(words) == 0 {
		return fmt.Errorf("the claim code is empty")
	}
	if err := p.post("/box/v1/claim", map[string]string{"code": words[len(words)-1], "password": "bench bench bench"}); err != nil {
		return err
	}
	for _, room := range codes {
		if err := p.post("/box/v1/rooms", map[string]string{"code": room}); err != nil {
			return err
		}
	}
	return nil
}

// post sends JSON to a box as its teacher.
func (p *process) post(path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	resp, err := p.teacher.Post("http://"+p.addr+path, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return nil
}

// anonKey is the key of a plain Supabase client.
func anonKey() string { return keyOf(auth.Anon) }

// serviceKey is the key of a school's own programs.
func serviceKey() string { return keyOf(auth.Service) }

func keyOf(role string) string {
	signer, err := auth.NewSigner([]byte(secret))
	if err != nil {
		panic(err) // the secret above is not empty
	}
	key, err := signer.Mint(auth.Claims{Role: role}, time.Hour)
	if err != nil {
		panic(err)
	}
	return key
}

// servers is everything under test.
type servers struct {
	echo, udpEcho, hub, peerHub, wired, paced *process

	fresh *atomic.Pointer[process] // the box of the current single scenario
}

func startAll(binary string) (s servers, err error) {
	s.fresh = new(atomic.Pointer[process])
	if s.echo, err = startSelf("echo"); err != nil {
		return s, err
	}
	if s.udpEcho, err = startSelf("udp-echo"); err != nil {
		return s, err
	}
	if s.hub, err = startSelf("hub"); err != nil {
		return s, err
	}
	if s.peerHub, err = startSelf("peer-hub"); err != nil {
		return s, err
	}
	codes := append([]string{guestRoom}, rooms...)
	if s.wired, err = startBox(binary, codes, "--frame-interval", "0"); err != nil {
		return s, err
	}
	s.paced, err = startBox(binary, codes, "--frame-interval", "2ms")
	return s, err
}

// onFresh starts a box, measures on it and stops it.
func (s servers) onFresh(binary string, codes, flags []string, measure func(*process) (result, error)) (result, error) {
	p, err := startBox(binary, codes, flags...)
	if err != nil {
		return result{}, err
	}
	s.fresh.Store(p)
	defer func() { s.fresh.Swap(nil).stop() }()
	return measure(p)
}

func (s servers) stop() {
	for _, p := range []*process{s.echo, s.udpEcho, s.hub, s.peerHub, s.wired, s.paced, s.fresh.Swap(nil)} {
		p.stop()
	}
}

// echoLatency is half of a round trip of 60 bytes with 5 ms pauses, in ms.
func echoLatency(network string, p *process) (classroom.Percentiles, error) {
	conn, err := net.Dial(network, p.addr)
	if err != nil {
		return classroom.Percentiles{}, err
	}
	defer func() { _ = conn.Close() }()
	message := make([]byte, 60)
	var all []float64
	for range 400 {
		time.Sleep(5 * time.Millisecond)
		_ = conn.SetDeadline(time.Now().Add(time.Second)) // a datagram may be lost
		began := time.Now()
		if _, err := conn.Write(message); err != nil {
			return classroom.Percentiles{}, err
		}
		for got := 0; got < len(message); {
			n, err := conn.Read(message[got:])
			if err != nil {
				return classroom.Percentiles{}, err
			}
			got += n
		}
		all = append(all, time.Since(began).Seconds()*1000/2)
	}
	return classroom.Summarize(all), nil
}

// cpuModel names the machine for the heading of a table.
func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}
