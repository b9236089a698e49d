package upstreamtest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"

	"downbeat.local/appliance"
)

// boxEnv names the data folder of a box that is a process of its own, and
// upstreamEnv its upstream.
const (
	boxEnv      = "DOWNBEAT_TEST_BOX"
	upstreamEnv = "DOWNBEAT_TEST_UPSTREAM"
)

// serveBox is such a box. It prints its address when it answers.
func serveBox(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	a, err := appliance.Open(configOf(dir, os.Getenv(upstreamEnv)))
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

// process is a box that can be killed.
type process struct {
	t        *testing.T
	dir      string
	upstream string

	mu  sync.Mutex // guards what follows
	cmd *exec.Cmd
	url string
}

// start runs the box, and returns when it has its port.
func (p *process) start() {
	p.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), boxEnv+"="+p.dir, upstreamEnv+"="+p.upstream)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.t.Error(err)
		return
	}
	line := bufio.NewScanner(out)
	line.Scan()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.url = cmd, line.Text()
}

// kill ends it at once.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// box is the box where it listens now.
func (p *process) box() *box {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &box{t: p.t, url: p.url, dir: p.dir, key: serviceKey(p.t)}
}
