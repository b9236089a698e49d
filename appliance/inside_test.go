package appliance

import (
	"log/slog"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
)

// openTestBox is a box that does not run, for tests of what it is made of. The
// tests of running boxes are in boxtest.
func openTestBox(t *testing.T, cfg Config) *Appliance {
	t.Helper()
	cfg.Listen, cfg.DataDir, cfg.Log = "127.0.0.1:0", t.TempDir(), slog.New(slog.DiscardHandler)
	if cfg.Door == "" {
		cfg.Door = room.DoorToken
	}
	a, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.release)
	return a
}

// mint signs a token as the box does.
func mint(t *testing.T, a *Appliance, c auth.Claims) string {
	t.Helper()
	token, err := a.Signer().Mint(c, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// remote is a connection that keeps the text messages that the box sends it.
// What else the box does with it has no effect.
type remote struct {
	realtime.Conn
	got chan wire.Message
}

func newRemote() *remote { return &remote{got: make(chan wire.Message, 1<<10)} }

func (r *remote) keep(p wire.Packet) {
	if p.Binary() {
		return
	}
	if m, err := wire.DecodeText(wire.V2, p.Payload()); err == nil {
		r.got <- m
	}
}

// hear waits for a message and drops those before it. If the message has not
// come within 20 s, the test fails.
func (r *remote) hear(t *testing.T, what string, is func(wire.Message) bool) wire.Message {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case m := <-r.got:
			if is(m) {
				return m
			}
		case <-late:
			t.Fatalf("the box did not send %s within 20 s", what)
		}
	}
}

func (r *remote) Reply(p wire.Packet)                          { r.keep(p) }
func (r *remote) Note(p wire.Packet)                           { r.keep(p) }
func (r *remote) State(p wire.Packet, _ interface{ Resync() }) { r.keep(p) }
func (*remote) Greeted()                                       {}
func (*remote) Wake()                                          {}
func (*remote) Deliver()                                       {}
func (*remote) SetReadLimit(int64)                             {}
