package impair

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Air is two network namespaces that only one impaired link joins. Processes in
// one reach the other at its address.
type Air struct {
	ends [2]*namespace
	up   *link[ports] // from Clients to Server
	down *link[ports]
}

// OpenAir makes the namespaces and the link. No packet crosses before Run. The
// error is a sentence that says what this machine lacks.
func OpenAir(c Conditions, seed uint64) (*Air, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	a := new(Air)
	for end := range a.ends {
		ns, err := newNamespace(End(end).Addr())
		if err != nil {
			a.Close()
			return nil, err
		}
		a.ends[end] = ns
	}
	a.up = newLink(c, seed, a.ends[Server].write)
	a.down = newLink(c, seed+1, a.ends[Clients].write)
	return a, nil
}

// Start starts a program at an end. The program is killed when the Air is closed
// or this process ends.
func (a *Air) Start(end End, cmd *exec.Cmd) error { return a.ends[end].start(cmd) }

// Impair changes the conditions and resets the counts.
func (a *Air) Impair(c Conditions, seed uint64) error {
	if err := c.Validate(); err != nil {
		return err
	}
	a.up.impair(c, seed)
	a.down.impair(c, seed+1)
	return nil
}

// Counts counts the IP packets to the server and from it.
func (a *Air) Counts() (up, down Count) { return a.up.counted(), a.down.counted() }

// Run carries packets until ctx ends. It returns an error only if the link breaks
// before that.
func (a *Air) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	running.Go(func() { a.up.run(ctx) })
	running.Go(func() { a.down.run(ctx) })
	running.Go(func() { cancel(a.ends[Clients].read(a.up)) })
	running.Go(func() { cancel(a.ends[Server].read(a.down)) })
	<-ctx.Done()
	for _, ns := range a.ends {
		_ = ns.tun.SetReadDeadline(time.Now())
	}
	running.Wait()
	for _, ns := range a.ends {
		_ = ns.tun.SetReadDeadline(time.Time{})
	}
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// Close ends both namespaces and the programs in them.
func (a *Air) Close() {
	for _, ns := range a.ends {
		if ns != nil {
			ns.close()
		}
	}
}

// read takes the packets that leave a namespace, until a read fails.
func (n *namespace) read(l *link[ports]) error {
	for {
		buf := make([]byte, mtu)
		size, err := n.tun.Read(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return context.Canceled
		}
		if err != nil {
			return fmt.Errorf("read packets: %w", err)
		}
		if key, ok := portsOf(buf[:size]); ok {
			l.take(key, buf[:size], time.Now())
		}
	}
}

// write writes a packet to a namespace. A packet that fails is lost.
func (n *namespace) write(_ ports, packet []byte) { _, _ = n.tun.Write(packet) }
