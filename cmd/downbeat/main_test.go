package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"downbeat": main})
}

// TestScripts runs the command as people do. Each file in testdata/script is one
// story. PORT is free when a script starts.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer l.Close()
			_, port, _ := net.SplitHostPort(l.Addr().String())
			env.Setenv("PORT", port)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":  await,
			"get":    get,
			"lines":  lines,
			"shape":  shape,
			"signal": sendSignal,
		},
	})
}

// await waits until an address answers: await HOST:PORT.
func await(ts *testscript.TestScript, _ bool, args []string) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		<-tick.C
		if conn, err := net.Dial("tcp", args[0]); err == nil {
			_ = conn.Close()
			return
		}
	}
	ts.Fatalf("nobody listens on %s", args[0])
}

// sendSignal sends a signal to the background commands: signal TERM. The kill of
// testscript has no SIGTERM.
func sendSignal(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT}
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(signals[args[0]]))
	}
}

// get gets a page that must contain a text: get URL TEXT.
func get(ts *testscript.TestScript, neg bool, args []string) {
	client := http.Client{Timeout: 20 * time.Second} // a box on a busy machine
	res, err := client.Get(args[0])
	ts.Check(err)
	defer res.Body.Close()
	var body strings.Builder
	_, err = fmt.Fprintln(&body, res.Status)
	ts.Check(err)
	ts.Check(res.Write(&body))
	if strings.Contains(body.String(), args[1]) == neg {
		ts.Fatalf("%s answered %s", args[0], body.String())
	}
}

// lines fails unless a stream has that number of lines: lines stderr 1.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimSuffix(ts.ReadFile(args[0]), "\n")
	if got := fmt.Sprint(len(strings.Split(text, "\n"))); got != args[1] {
		ts.Fatalf("%s has %s lines, want %s:\n%s", args[0], got, args[1], text)
	}
}

// shape fails unless a file has that mode: shape FILE 0600.
func shape(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%#o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

func TestWithin(t *testing.T) {
	crashed := errors.New("the port went away")
	stop := errors.New("SIGTERM")
	until := func(d time.Duration) func(context.Context) error {
		return func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(d)
			return nil
		}
	}
	for name, tt := range map[string]struct {
		run  func(context.Context) error
		want string
	}{
		"stops in time":  {until(time.Second), ""},
		"takes too long": {until(time.Minute), "did not stop within"},
		"ends by itself": {func(context.Context) error { return crashed }, crashed.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Minute, func() { cancel(stop) })
				err := within(ctx, stopWithin, tt.run)
				if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				cancel(stop)
				time.Sleep(time.Hour) // until the box has stopped after all
			})
		})
	}
}
