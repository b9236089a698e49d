package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// hub is the floor of the box: it knows no protocol, and copies every message to
// all others in its room. Each connection has a byte queue, and its writer takes
// all of the queue in one write.
type hub struct{ *roster[*peer] }

type peer struct {
	conn net.Conn
	wake chan struct{}

	mu      sync.Mutex
	waiting []byte
}

func serveHub() error {
	h := hub{newRoster[*peer]()}
	upgrader := websocket.Upgrader{ReadBufferSize: 1024, WriteBufferPool: &sync.Pool{}, CheckOrigin: func(*http.Request) bool { return true }}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		go h.run(ws, r.URL.Query().Get("room")) // ends with the connection
	}))
}

func (h hub) run(ws *websocket.Conn, room string) {
	p := &peer{conn: ws.NetConn(), wake: make(chan struct{}, 1)}
	h.add(room, p)
	done := make(chan struct{})
	go p.write(done)
	defer close(done)
	defer h.leave(room, p)
	for {
		_, message, err := ws.ReadMessage()
		if err != nil {
			return
		}
		frame := append([]byte{0x82, byte(len(message))}, message...) // notes are under 126 bytes
		h.each(room, p, func(other *peer) { other.send(frame) })
	}
}

func (p *peer) send(frame []byte) {
	p.mu.Lock()
	p.waiting = append(p.waiting, frame...)
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *peer) write(done <-chan struct{}) {
	defer func() { _ = p.conn.Close() }()
	var out []byte
	for {
		select {
		case <-p.wake:
		case <-done:
			return
		}
		p.mu.Lock()
		out, p.waiting = p.waiting, out[:0]
		p.mu.Unlock()
		if _, err := p.conn.Write(out); err != nil {
			return
		}
	}
}

// serveUDPEcho is the same without connections.
func serveUDPEcho() error {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	fmt.Println(conn.LocalAddr())
	buf := make([]byte, 2<<10)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		_, _ = conn.WriteToUDPAddrPort(buf[:n], from)
	}
}

// serveEcho is the lowest floor: it sends bytes back.
func serveEcho() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() { // ends with the connection
			_, _ = io.Copy(conn, conn)
			_ = conn.Close()
		}()
	}
}
