package impair_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"downbeat.local/scripts/impair"
)

// role is the environment variable that tells a copy of this test program what
// to do at an end of an Air.
const role = "DOWNBEAT_IMPAIR_TEST"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(role) {
	case "serve":
		err = serve()
	case "ask":
		err = askServer()
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// port is free at both ends, because they are new.
const port = 4000

// serve echoes over TCP.
func serve() error {
	l, err := net.Listen("tcp", fmt.Sprint(impair.Server.Addr(), ":", port))
	if err != nil {
		return err
	}
	fmt.Println("listening")
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	_, err = io.Copy(conn, conn)
	return err
}

// askServer sends a hundred kilobytes and expects them back.
func askServer() error {
	conn, err := net.Dial("tcp", fmt.Sprint(impair.Server.Addr(), ":", port))
	if err != nil {
		return err
	}
	sent := bytes.Repeat([]byte("downbeat"), 100<<10/8)
	got := make([]byte, len(sent))
	var writing sync.WaitGroup
	defer writing.Wait()
	writing.Go(func() { _, _ = conn.Write(sent) })
	if _, err := io.ReadFull(conn, got); err != nil {
		return err
	}
	if !bytes.Equal(got, sent) {
		return fmt.Errorf("what came back is not what was sent")
	}
	fmt.Println("all came back")
	return nil
}

// TestAirLosesPacketsAndTCPRepeatsThem loses packets of the kernel's TCP.
func TestAirLosesPacketsAndTCPRepeatsThem(t *testing.T) {
	air, err := impair.OpenAir(impair.Conditions{Delay: time.Millisecond, Loss: 0.05}, 1)
	if err != nil {
		t.Skip(err)
	}
	defer air.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	var running sync.WaitGroup
	running.Go(func() {
		if err := air.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	defer running.Wait()
	defer cancel()

	server := command(ctx, "serve")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := air.Start(impair.Server, server); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("listening\n"))); err != nil {
		t.Fatal(err)
	}
	client := command(ctx, "ask")
	var said strings.Builder
	client.Stdout = &said
	if err := air.Start(impair.Clients, client); err != nil {
		t.Fatal(err)
	}
	if err := client.Wait(); err != nil {
		t.Errorf("%v: %s", err, said.String())
	}
	_ = server.Wait()
	up, down := air.Counts()
	if up.Lost == 0 || down.Lost == 0 || up.Dropped+down.Dropped > 0 {
		t.Errorf("up %+v, down %+v", up, down)
	}
}

func command(ctx context.Context, as string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), role+"="+as)
	return cmd
}
