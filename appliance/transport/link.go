package transport

import (
	"context"
	"sync"
)

// links are connections by what their clients call them. A client may make an
// offer the moment it is told that its socket is open, before the box itself
// is done with that: who asks for a connection that is being made waits.
type links struct {
	mu    sync.Mutex // guards named
	named map[string]*link
}

// link is a name and, once made is closed, its connection.
type link struct {
	name string
	made chan struct{}
	conn *Conn // nil if it came to nothing; set before made is closed
}

func newLinks() *links { return &links{named: make(map[string]*link)} }

// announce says that a connection of that name is being made. The latest of a
// name has it; nobody has the empty one.
func (all *links) announce(name string) *link {
	l := &link{name: name, made: make(chan struct{})}
	if name != "" {
		all.mu.Lock()
		defer all.mu.Unlock()
		all.named[name] = l
	}
	return l
}

// is says which connection it has become.
func (l *link) is(c *Conn) {
	l.conn = c
	close(l.made)
}

// forget takes a name back whose connection has ended.
func (all *links) forget(l *link) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.named[l.name] == l {
		delete(all.named, l.name)
	}
}

// fail takes a name back whose connection came to nothing.
func (all *links) fail(l *link) {
	all.forget(l)
	close(l.made)
}

// find is the connection of that name. The errors are [ErrNoLink] and ctx's.
func (all *links) find(ctx context.Context, name string) (*Conn, error) {
	all.mu.Lock()
	l := all.named[name]
	all.mu.Unlock()
	if l == nil {
		return nil, ErrNoLink
	}
	select {
	case <-l.made:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if l.conn == nil {
		return nil, ErrNoLink
	}
	return l.conn, nil
}
