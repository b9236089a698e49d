package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"time"

	"downbeat.local/appliance/wire"
)

// joinTimeout bounds the HTTP join and the WebSocket handshake together.
const joinTimeout = 10 * time.Second

// SeatReply is the box's answer to a join: the new member and their token.
type SeatReply struct {
	Token  string `json:"token"`
	Topic  string `json:"topic"`
	Member struct {
		ID   string `json:"student_id"`
		Seat uint8  `json:"seat"`
		Name string `json:"name"`
	} `json:"member"`
}

// Join takes a seat in the room with that code and connects to it. box is the
// box's address, http://HOST:PORT. The error is a sentence for people.
func Join(ctx context.Context, box, code string) (*Client, error) {
	return join(ctx, box, code, Connect)
}

// JoinLane is Join, and then opens a lane. If the lane does not open, the client
// leaves, and the error is that of [OpenPeer].
func JoinLane(ctx context.Context, box, code string) (*Client, error) {
	c, err := join(ctx, box, code, ConnectForLane)
	if err != nil {
		return nil, err
	}
	if err := c.OpenLane(ctx); err != nil {
		c.Close()
		leave(ctx, box, c.token)
		return nil, err
	}
	return c, nil
}

func join(ctx context.Context, box, code string, connect func(context.Context, string, SeatReply) (*Client, error)) (*Client, error) {
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	longer, cancel := withGrace(ctx, LeaveTime)
	defer cancel()
	seat, err := TakeSeat(longer, box, code)
	if err != nil {
		return nil, err
	}
	c, err := connect(ctx, box, seat)
	if err != nil {
		leave(ctx, box, seat.Token)
		return nil, fmt.Errorf("connect to %s: %w", box, err)
	}
	return c, nil
}

// withGrace returns a context that ends some time after ctx. If ctx ends during a
// join, the client must still read the reply: it needs the token to leave.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() {
		stop()
		cancel()
	}
}

// TakeSeat joins the room with that code over HTTP, as a browser does: it opens the
// page first, with which the box tells devices behind one address apart. The error is
// a sentence for people.
func TakeSeat(ctx context.Context, box, code string) (SeatReply, error) {
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		return SeatReply{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(box, "/")+"/box/v1/join", bytes.NewReader(body))
	if err != nil {
		return SeatReply{}, fmt.Errorf("%q is not an address: give one like http://192.168.1.20:8080", box)
	}
	req.Header.Set("Content-Type", "application/json")
	browser := openPage(ctx, box)
	resp, err := browser.Do(req)
	if err != nil {
		return SeatReply{}, fmt.Errorf("no box answers at %s: %w", box, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxFrame))
	if err != nil {
		return SeatReply{}, fmt.Errorf("join: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		var problem struct{ Message string }
		if json.Unmarshal(answer, &problem) != nil || problem.Message == "" {
			return SeatReply{}, fmt.Errorf("%s does not answer like a Downbeat box (%s)", box, resp.Status)
		}
		return SeatReply{}, errors.New(problem.Message)
	}
	var seat SeatReply
	if err := json.Unmarshal(answer, &seat); err != nil {
		return SeatReply{}, fmt.Errorf("%s does not answer like a Downbeat box: %w", box, err)
	}
	return seat, nil
}

// openPage returns a browser that has opened the page of a box. If the page does not
// come, joining says why.
func openPage(ctx context.Context, box string) *http.Client {
	jar, _ := cookiejar.New(nil) // never fails without options
	browser := &http.Client{Jar: jar}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(box, "/")+"/join", http.NoBody)
	if err != nil {
		return browser
	}
	if resp, err := browser.Do(req); err == nil {
		_, _ = io.CopyN(io.Discard, resp.Body, wire.MaxFrame) // so that the connection can be used again
		_ = resp.Body.Close()
	}
	return browser
}

// leave is Leave, even if ctx has ended.
func leave(ctx context.Context, box, token string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), LeaveTime)
	defer cancel()
	Leave(ctx, box, token)
}

// Leave gives the client's seat back: see [Leave].
func (c *Client) Leave(ctx context.Context) { Leave(ctx, c.box, c.token) }

// Leave gives back the seat of a token: its member leaves the room. It ignores
// errors, because the teacher can remove the member too.
func Leave(ctx context.Context, box, token string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, strings.TrimSuffix(box, "/")+"/box/v1/me", http.NoBody)
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

// LeaveTime bounds how long a whole class takes to leave.
const LeaveTime = 3 * time.Second
