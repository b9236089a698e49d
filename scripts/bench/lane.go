package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/client"
	"downbeat.local/appliance/wire"
)

// laneTimeout bounds how long a peer may take to open.
const laneTimeout = 10 * time.Second

// channels makes a conn of a peer's notes channel.
type channels struct {
	*client.Peer
	socket io.Closer // that the peer belongs to; may be nil
	buf    []byte    // the reader's
}

func overChannels(p *client.Peer, socket io.Closer) *channels {
	return &channels{p, socket, make([]byte, 8<<10)} // a packet is smaller
}

func (c *channels) WriteMessage(_ int, message []byte) error {
	_, err := c.Notes.Write(message)
	return err
}

func (c *channels) ReadMessage() (kind int, message []byte, err error) {
	n, err := c.Notes.Read(c.buf)
	return websocket.BinaryMessage, append([]byte(nil), c.buf[:n]...), err
}

// Close ends the peer and its socket.
func (c *channels) Close() error {
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
	peer, err := client.OpenPeer(ctx, "http://"+p.addr+"/?room="+room, "")
	if err != nil {
		return nil, err
	}
	return copied(overChannels(peer, nil), i), nil
}

// lanePlayer joins a room of the box and opens a lane. It plays every note once;
// the cost of repeats is measured with a whole class.
func lanePlayer(p *process, room string, i int) (*player, error) {
	seat, err := p.seat(room, i)
	if err != nil {
		return nil, err
	}
	return openLane(p, room, seat, seat.Member.Seat)
}

// openLane connects a seat with a lane, for a player that ignores the notes of
// the seat deafTo.
func openLane(p *process, room string, seat client.SeatReply, deafTo uint8) (*player, error) {
	name := client.NewConnName()
	ws, err := dial(frames(p, seat) + "&link=" + name)
	if err != nil {
		return nil, err
	}
	if err := phxJoin(ws, wire.RoomPrefix+room, quiet); err != nil {
		return nil, errors.Join(err, ws.Close())
	}
	go answerPings(ws) // ends with the connection
	ctx, cancel := context.WithTimeout(context.Background(), laneTimeout)
	defer cancel()
	peer, err := client.OpenPeer(ctx, "http://"+p.addr+"/rtc/v1/offer?link="+name, seat.Token)
	if err != nil {
		return nil, errors.Join(err, ws.Close())
	}
	player := framed(overChannels(peer, ws), room, deafTo)
	player.repeats = true
	return player, nil
}

// lanes is a class over data channels, beside the bare hub of data channels.
// Every box is new, so that its memory is that of forty peers.
func (s servers) lanes(binary string) (all []row) {
	for _, beat := range []bool{true, false} {
		arrival := map[bool]string{true: "beat", false: "even"}[beat]
		hub := scenario{s.peerHub, peerHubPlayer, beat, rooms[:1], class, rate, longRooms}
		all = append(all, row{name: "pion hub " + arrival, measure: hub.measure})
		for _, every := range []string{"0", "2ms", "5ms", "10ms", "adaptive"} {
			flags := []string{"--lane-once"}
			if every != "adaptive" {
				flags = append(flags, "--lane-interval", every)
			}
			all = append(all, s.laneRow("lane T="+every+" "+arrival, binary, beat, flags))
		}
	}
	all = append(
		all,
		s.classRow("class, WebSocket", binary, classroom.TransportSocket, classroom.ArrivalBeat),
		s.classRow("class, lane", binary, classroom.TransportLane, classroom.ArrivalBeat),
		s.classRow("class, lane, even", binary, classroom.TransportLane, classroom.ArrivalUniform),
	)
	return append(all, s.laneJoins(binary)...)
}

func (s servers) laneRow(name, binary string, beat bool, flags []string) row {
	return row{name: name, measure: func(each time.Duration) (result, error) {
		return s.onFresh(binary, rooms[:1], flags, func(p *process) (result, error) {
			return scenario{p, lanePlayer, beat, rooms[:1], class, rate, longRooms}.measure(each)
		})
	}}
}

// packets is the figure of the UDP packets that the box sends to a member over
// the lane: frames, acknowledgements, replies to pings and signs of life.
const packets = "packets a second to a member"

// sentOnLanes is the metric that counts them.
const sentOnLanes = "downbeat_lane_packets_sent_total"

// classRow is a class as `downbeat classroom` plays it, with the repeats of a
// lane. Its students read every note when it arrives, so they use more of the
// cores than players do.
func (s servers) classRow(name, binary, over, arrival string) row {
	return row{name: name, measure: func(each time.Duration) (result, error) {
		return s.onFresh(binary, rooms[:1], nil, func(p *process) (result, error) {
			var m meter
			var before float64
			c, err := classroom.Run(context.Background(), classroom.Config{
				URL: "http://" + p.addr, Room: rooms[0], Students: class, Rate: rate, Duration: min(each, longRooms),
				Transport: over, Arrival: arrival,
				Joined: func() { m = p.meter(); before, _ = p.metric(sentOnLanes) }, // after can tell
			})
			if err != nil {
				return result{}, err
			}
			r := result{sent: c.Sent, delivered: c.Delivered, lost: c.Lost, doubled: c.Duplicated, latency: c.Latency}
			m.read().into(&r)
			r.frames = c.FramesPerS
			r.air, _ = c.Airtime()
			after, err := p.metric(sentOnLanes)
			if over == classroom.TransportLane {
				r.figures = map[string]float64{packets: (after - before) / class / m.read().elapsed.Seconds()}
			}
			return r, err
		})
	}}
}

// laneTargets prints each target of data channels with its floor.
func laneTargets(m map[string]result) {
	hub := m["pion hub beat"]
	for _, every := range []string{"5ms", "adaptive"} {
		name := "lane T=" + every + " beat"
		ratio(name+": p95", m[name].latency.P95, hub.latency.P95, 0.65)
		ratio(name+": CPU a delivery", m[name].cpu, hub.cpu, 0.65)
	}
	hub, box := m["pion hub even"], m["lane T=0 even"]
	ratio("lane T=0 even: p50", box.latency.P50, hub.latency.P50, 1.25)
	ratio("lane T=0 even: p99", box.latency.P99, hub.latency.P99, 1.25)
	if r, ok := m["lane T=adaptive beat"]; ok {
		target("40 on lanes, RSS MB", r.rss, 150)
	}
	for _, name := range []string{"class, lane", "class, lane, even"} {
		if r, ok := m[name]; ok {
			target(name+": packets a second to a member", r.figures[packets], 70)
		}
	}
	if r, ok := m["lane joins"]; ok {
		target("join to first note over the lane, ms", r.latency.Max, 1000)
	}
	if r, ok := m["lane joins at once"]; ok {
		target("forty join at once, s", r.figures[joinedAll], 5)
	}
}
