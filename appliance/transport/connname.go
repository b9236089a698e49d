package transport

import (
	"context"
	"sync"
)

// connNames finds connections by the names that their clients gave them. A
// client may post an offer as soon as its WebSocket is open, before the box has
// finished making the connection. The offer waits until it has.
type connNames struct {
	mu    sync.Mutex // guards names
	names map[string]*connName
}

// connName is the name of one connection.
type connName struct {
	name string
	made chan struct{} // closed once conn is set, or will never be
	conn *Conn         // nil if it was not made
}

func newConnNames() *connNames { return &connNames{names: make(map[string]*connName)} }

// reserve names a connection that is being made. If a client reuses a name, the
// latest connection has it. An empty name is never found.
func (all *connNames) reserve(name string) *connName {
	n := &connName{name: name, made: make(chan struct{})}
	if name != "" {
		all.mu.Lock()
		defer all.mu.Unlock()
		all.names[name] = n
	}
	return n
}

// set says which connection the name belongs to.
func (n *connName) set(c *Conn) {
	n.conn = c
	close(n.made)
}

// forget removes the name of a connection that has ended.
func (all *connNames) forget(n *connName) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.names[n.name] == n {
		delete(all.names, n.name)
	}
}

// fail removes the name of a connection that could not be made.
func (all *connNames) fail(n *connName) {
	all.forget(n)
	close(n.made)
}

// find returns the connection of that name. The errors are [ErrNoConn] and
// ctx's.
func (all *connNames) find(ctx context.Context, name string) (*Conn, error) {
	all.mu.Lock()
	n := all.names[name]
	all.mu.Unlock()
	if n == nil {
		return nil, ErrNoConn
	}
	select {
	case <-n.made:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if n.conn == nil {
		return nil, ErrNoConn
	}
	return n.conn, nil
}
