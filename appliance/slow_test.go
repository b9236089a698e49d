package appliance

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
)

// TestSlowBodies begin and never go on. The box gives them up on every path,
// with an answer or without.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	a := openTestBox(t, Config{})
	a.server.ReadTimeout = 200 * time.Millisecond
	token := mint(t, a, auth.Claims{Role: auth.Service})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }() // the cleanup waits for it
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the box ended with %v", err)
		}
	})
	const batchPath = "/realtime/v1/api/broadcast"
	for _, path := range []string{
		batchPath, batchPath + "/lobby/events/x", "/api/broadcast", // the tables have a test of their own
		"/auth/v1/signup", "/auth/v1/token?grant_type=password", "/box/v1/join", "/box/v1/claim",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if answer := trickle(t, a.Addr().String(), token, path); strings.Contains(answer, " 20") {
				t.Errorf("it was taken: %.80s", answer)
			}
		})
	}
}

// trickle sends the beginning of a request's body and then nothing, and
// returns what the box says until it hangs up.
func trickle(t *testing.T, address, token, path string) (answer string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"+
		"Content-Length: 1000\r\n\r\n{", path, address, token)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("the box does not hang up: %v", err)
	}
	line, _, _ := strings.Cut(string(raw), "\r\n")
	return line
}
