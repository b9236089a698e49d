package main

import (
	"context"
	"io"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/classroom"
)

// laneTimeout bounds how long a peer may take to open.
const laneTimeout = 10 * time.Second

// channels is a peer's notes as a conn.
type channels struct {
	*classroom.Peer
	socket io.Closer // that it belongs to; nil for none
}

func (c channels) WriteMessage(_ int, message []byte) error {
	_, err := c.Notes.Write(message)
	return err
}

func (c channels) ReadMessage() (kind int, message []byte, err error) {
	buf := make([]byte, 2<<10) // a packet has less
	n, err := c.Notes.Read(buf)
	return websocket.BinaryMessage, buf[:n], err
}

// Close ends the peer and its socket.
func (c channels) Close() error {
	c.Peer.Close()
	if c.socket == nil {
		return nil
	}
	return c.socket.Close()
}

// peerHubPlayer joins a room of the bare hub of data channels.
func peerHubPlayer(p *process, room string, i int) (*player, error) {
	ctx, cancel := context.WithTimeout(context.Background(), laneTimeout)
	defer cancel()
	peer, err := classroom.OpenPeer(ctx, "http://"+p.addr+"/?room="+room, "")
	if err != nil {
		return nil, err
	}
	return copied(channels{Peer: peer}, i), nil
}

// lanes is a class over data channels.
func (s servers) lanes() (all []row) {
	for _, beat := range []bool{true, false} {
		arrival := map[bool]string{true: "beat", false: "even"}[beat]
		hub := scenario{s.peerHub, peerHubPlayer, beat, rooms[:1], class, rate, longRooms}
		all = append(all, row{name: "pion hub " + arrival, measure: hub.measure})
	}
	return all
}
