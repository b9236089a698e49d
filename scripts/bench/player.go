package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"sync/atomic"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/client"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// conn carries a player's messages: a WebSocket, or data channels.
type conn interface {
	WriteMessage(kind int, message []byte) error
	ReadMessage() (kind int, message []byte, err error)
	Close() error
}

// player is one client of any of the servers. One goroutine reads it.
type player struct {
	conn conn
	// note makes the message that plays a note at a time.
	note func(seq int, at float64) (kind int, message []byte)
	// heard finds the notes in a message. It calls f with the player, the number
	// and the time of each.
	heard func(message []byte, f func(from, seq int, at float64))
	// repeats says that messages repeat notes of earlier ones.
	repeats bool

	counting atomic.Bool
	got      atomic.Int64 // length of arrived, safe to read meanwhile
	arrived  []arrival    // belongs to the reader until it has ended
}

// arrival is a message as it arrived. It is decoded after the run, because clients
// and servers share the cores, and only the servers are measured.
type arrival struct {
	at      float64 // box clock, ms
	message []byte
}

// read keeps all messages until the connection ends.
func (p *player) read() {
	for {
		_, message, err := p.conn.ReadMessage()
		if err != nil {
			return
		}
		if p.counting.Load() {
			p.arrived = append(p.arrived, arrival{float64(clock.Now()), message})
			p.got.Add(1)
		}
	}
}

// tally counts the notes that players got.
type tally struct {
	latencies []float64 // ms
	messages  int
	delivered int
	doubled   int
}

// add counts the notes that have arrived at a player.
func (t *tally) add(p *player) {
	type note struct{ from, seq int }
	heard := make(map[note]bool)
	t.messages += len(p.arrived)
	for _, a := range p.arrived {
		p.heard(a.message, func(from, seq int, at float64) {
			if heard[note{from, seq}] {
				if !p.repeats {
					t.doubled++
				}
				return
			}
			heard[note{from, seq}] = true
			t.delivered++
			t.latencies = append(t.latencies, a.at-at)
		})
	}
}

// hubPlayer joins a room of the bare hub. Its notes are 60 bytes.
func hubPlayer(p *process, room string, i int) (*player, error) {
	ws, err := dial("ws://" + p.addr + "/?room=" + room)
	if err != nil {
		return nil, err
	}
	return copied(ws, i), nil
}

// copied is the i-th client of a hub that only copies bytes.
func copied(c conn, i int) *player {
	return &player{
		conn: c,
		note: func(seq int, at float64) (int, []byte) {
			message := make([]byte, 60)
			binary.BigEndian.PutUint64(message, math.Float64bits(at))
			binary.BigEndian.PutUint16(message[8:], uint16(i))
			binary.BigEndian.PutUint16(message[10:], uint16(seq))
			return websocket.BinaryMessage, message
		},
		heard: func(m []byte, f func(int, int, float64)) {
			f(int(binary.BigEndian.Uint16(m[8:])), int(binary.BigEndian.Uint16(m[10:])), math.Float64frombits(binary.BigEndian.Uint64(m)))
		},
	}
}

// framePlayer joins a room of the box as the web app does.
func framePlayer(p *process, room string, i int) (*player, error) {
	seat, err := p.seat(room, i)
	if err != nil {
		return nil, err
	}
	ws, err := dial(frames(p, seat))
	if err != nil {
		return nil, err
	}
	return framed(ws, room, seat.Member.Seat), phxJoin(ws, wire.RoomPrefix+room, quiet)
}

// frames is the address of the socket of a seat.
func frames(p *process, seat client.SeatReply) string {
	return "ws://" + p.addr + "/realtime/v1/websocket?vsn=2.0.0&frames=1&apikey=" + url.QueryEscape(seat.Token)
}

// framed is a member of a room that gets room frames and ignores the notes of one
// seat, their own.
func framed(c conn, room string, deafTo uint8) *player {
	topic := wire.TopicPrefix + wire.RoomPrefix + room
	return &player{
		conn: c,
		note: func(seq int, at float64) (int, []byte) {
			note := []wire.NoteEvent{{Seq: uint16(seq), At: at, Note: 60, Velocity: 90}}
			return websocket.BinaryMessage, push(topic, wire.EventNotes, wire.Binary, wire.AppendNotesUp(nil, note))
		},
		heard: func(m []byte, f func(int, int, float64)) {
			b, err := wire.DecodeBroadcast(m)
			if err != nil || b.Event != wire.EventNotes {
				return // a reply, or a change of the room
			}
			frame, err := wire.DecodeRoomFrame(b.Payload)
			if err != nil {
				panic(err) // a frame of the box is always valid
			}
			for _, e := range frame.Events {
				if e.Seat != deafTo {
					f(int(e.Seat), int(e.Seq), e.At)
				}
			}
		},
	}
}

// seat is the i-th seat of a room, the same in every run. A room keeps the seats
// of members who have gone for a while.
func (p *process) seat(room string, i int) (client.SeatReply, error) {
	key := fmt.Sprintf("%s %d", room, i)
	if seat, ok := p.seats[key]; ok {
		return seat, nil
	}
	seat, err := client.TakeSeat(context.Background(), "http://"+p.addr, room)
	if err != nil {
		return seat, err
	}
	if p.seats == nil {
		p.seats = make(map[string]client.SeatReply)
	}
	p.seats[key] = seat
	return seat, nil
}

// jsonPlayer joins a room of the box as a plain Supabase client does.
func jsonPlayer(p *process, room string, _ int) (*player, error) {
	ws, err := dial("ws://" + p.addr + "/realtime/v1/websocket?vsn=2.0.0&apikey=" + url.QueryEscape(anonKey()))
	if err != nil {
		return nil, err
	}
	if err := phxJoin(ws, wire.RoomPrefix+room, quiet); err != nil {
		return nil, err
	}
	topic := wire.TopicPrefix + wire.RoomPrefix + room
	ids := map[string]int{}
	return &player{
		conn: ws,
		note: func(_ int, at float64) (int, []byte) {
			payload := fmt.Appendf(nil, `{"midi":60,"velocity":90,"at":%.3f}`, at)
			return websocket.BinaryMessage, push(topic, wire.EventPlayNote, wire.JSON, payload)
		},
		heard: func(m []byte, f func(int, int, float64)) {
			if !bytes.Contains(m[:min(len(m), 64)], []byte(wire.EventStudentNote+"{")) {
				return
			}
			id := field(m, `"student_id":"`, '"')
			if _, ok := ids[id]; !ok {
				ids[id] = len(ids)
			}
			at, _ := strconv.ParseFloat(field(m, `"at":`, ','), 64)
			seq, _ := strconv.Atoi(field(m, `"seq":`, '}'))
			f(ids[id], seq, at)
		},
	}, nil
}

// field returns the value of a name in JSON of the box.
func field(m []byte, name string, end byte) string {
	i := bytes.Index(m, []byte(name))
	if i < 0 {
		return ""
	}
	rest := m[i+len(name):]
	return string(rest[:max(0, bytes.IndexByte(rest, end))])
}

func dial(address string) (*websocket.Conn, error) {
	ws, resp, err := websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return ws, resp.Body.Close()
}

// quiet is a join without presence.
const quiet = `{"config":{"presence":{"enabled":false}}}`

// phxJoin joins a topic, given without "realtime:", as a client does. payload is
// JSON.
func phxJoin(ws *websocket.Conn, topic, payload string) error {
	join := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), wire.TopicPrefix+topic, "phx_join", []byte(payload))
	if err := ws.WriteMessage(websocket.TextMessage, join.Payload()); err != nil {
		return err
	}
	for { // messages about others may come before the reply
		kind, reply, err := ws.ReadMessage()
		switch {
		case err != nil:
			return err
		case kind != websocket.TextMessage || !bytes.Contains(reply, []byte("phx_reply")):
		case !bytes.Contains(reply, []byte(`"status":"ok"`)):
			return fmt.Errorf("join refused: %s", reply)
		default:
			return nil
		}
	}
}

// push is a user broadcast of a client that joined as "1".
func push(topic, event string, enc wire.Encoding, payload []byte) []byte {
	frame, err := wire.AppendPush(nil, wire.Message{JoinRef: wire.TextRef("1"), Topic: topic, Event: event, Encoding: enc, Payload: payload})
	if err != nil {
		panic(err) // the names are this program's
	}
	return frame
}
