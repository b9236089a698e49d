package pgtest

import (
	"io"
	"net"
	"sync"
	"time"
)

// Faults are what a Proxy does to connections that open from now on. The zero
// value does nothing.
type Faults struct {
	Refuse bool          // close each connection at once
	Silent bool          // take each connection and never answer
	Delay  time.Duration // one way, of every byte
	// CutUp and CutDown cut a connection after so many bytes from the client or
	// to the client; 0 cuts none. The bytes before the cut arrive.
	CutUp, CutDown int
}

// Proxy stands before a server and breaks its connections.
type Proxy struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu      sync.Mutex // guards what follows
	faults  Faults
	open    map[net.Conn]struct{}
	up      int // the most bytes of one connection from a client
	down    int // the same to a client
	refused int // connections that Refuse closed
}

// NewProxy listens on a free port.
func NewProxy(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: l, target: target, open: make(map[net.Conn]struct{})}
	p.running.Go(p.accept)
	return p, nil
}

// Address is where the proxy listens.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Set changes the faults. Connections that are open keep theirs.
func (p *Proxy) Set(f Faults) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = f
}

// CutAll cuts all connections.
func (p *Proxy) CutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.Close()
	}
}

// Most is how many bytes the longest connection carried each way.
func (p *Proxy) Most() (up, down int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.up, p.down
}

// Refused counts the connections that were refused.
func (p *Proxy) Refused() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

// Close cuts everything and returns when all has ended.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.CutAll()
	p.running.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(client) })
	}
}

// keep notes an open connection, and returns the faults for it.
func (p *Proxy) keep(c net.Conn) Faults {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = struct{}{}
	if p.faults.Refuse {
		p.refused++
	}
	return p.faults
}

func (p *Proxy) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

func (p *Proxy) serve(client net.Conn) {
	faults := p.keep(client)
	defer p.drop(client)
	if faults.Refuse {
		return
	}
	if faults.Silent {
		_, _ = io.Copy(io.Discard, client)
		return
	}
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	p.keep(server)
	defer p.drop(server)
	var ways sync.WaitGroup
	carry := func(to, from net.Conn, cut int, most *int) {
		ways.Go(func() {
			p.carry(to, from, faults.Delay, cut, most)
			_ = client.Close()
			_ = server.Close()
		})
	}
	carry(server, client, faults.CutUp, &p.up)
	carry(client, server, faults.CutDown, &p.down)
	ways.Wait()
}

// chunk is bytes that are due at a time.
type chunk struct {
	bytes []byte
	due   time.Time
}

// carry copies one way until it ends or is cut.
func (p *Proxy) carry(to io.Writer, from io.Reader, delay time.Duration, cut int, most *int) {
	chunks := make(chan chunk, 1024)
	var writing sync.WaitGroup
	writing.Go(func() {
		for c := range chunks {
			time.Sleep(time.Until(c.due))
			if _, err := to.Write(c.bytes); err != nil {
				break
			}
		}
		for range chunks { // the reader must not wait
		}
	})
	total := 0
	for {
		buffer := make([]byte, 64<<10)
		n, err := from.Read(buffer)
		if cut > 0 && total+n >= cut {
			n, err = cut-total, io.EOF
		}
		total += n
		chunks <- chunk{buffer[:n], time.Now().Add(delay)}
		p.mu.Lock()
		*most = max(*most, total)
		p.mu.Unlock()
		if err != nil {
			break
		}
	}
	close(chunks)
	writing.Wait()
}
