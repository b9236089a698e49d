package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// The class: members of a room, and notes a second of each.
const (
	class = 40
	rate  = 4
	// onTheBeat is how far apart the first and the last of a class are.
	onTheBeat = 5 * time.Millisecond
)

// player is one client of any of the servers. One goroutine reads it.
type player struct {
	ws *websocket.Conn
	// note makes the message that plays a note at a time.
	note func(seq int, at float64) (kind int, message []byte)
	// heard finds the notes in a message: it calls f with who played each,
	// its number, and when.
	heard func(message []byte, f func(from, seq int, at float64))

	latencies []float64
	last      map[int]int
	delivered int
	doubled   int
	counting  bool
	mu        sync.Mutex // guards what the reader counts
}

func (p *player) read() {
	for {
		_, message, err := p.ws.ReadMessage()
		if err != nil {
			return
		}
		now := float64(clock.Now())
		p.mu.Lock()
		if p.counting {
			p.heard(message, func(from, seq int, at float64) { p.count(from, seq, now-at) })
		}
		p.mu.Unlock()
	}
}

func (p *player) count(from, seq int, latency float64) {
	if last, ok := p.last[from]; ok && int16(seq-last) <= 0 {
		p.doubled++
		return
	}
	p.last[from] = seq
	p.delivered++
	p.latencies = append(p.latencies, latency)
}

// hubPlayer joins a room of the bare hub. Its notes are 60 bytes.
func hubPlayer(p *process, room string, i int) (*player, error) {
	ws, err := dial("ws://" + p.addr + "/?room=" + room)
	if err != nil {
		return nil, err
	}
	return &player{
		ws: ws,
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
	}, nil
}

// framePlayer joins a room of the box as the web app does.
func framePlayer(p *process, room string, i int) (*player, error) {
	seat, err := p.seat(room, i)
	if err != nil {
		return nil, err
	}
	ws, err := dial("ws://" + p.addr + "/realtime/v1/websocket?vsn=2.0.0&frames=1&apikey=" + url.QueryEscape(seat.Token))
	if err != nil {
		return nil, err
	}
	if err := phxJoin(ws, room); err != nil {
		return nil, err
	}
	topic := wire.TopicPrefix + wire.RoomPrefix + room
	header := 5 + len(topic) + len(wire.EventNotes)
	return &player{
		ws: ws,
		note: func(seq int, at float64) (int, []byte) {
			note := []wire.NoteEvent{{Seq: uint16(seq), At: at, Note: 60, Velocity: 90}}
			return websocket.BinaryMessage, push(topic, wire.EventNotes, wire.Binary, wire.AppendNotesUp(nil, note))
		},
		heard: func(m []byte, f func(int, int, float64)) {
			if len(m) < header || m[0] != 4 || m[2] != 1 || m[header-1] != 'n' {
				return
			}
			frame, err := wire.DecodeRoomFrame(m[header:])
			if err != nil {
				panic(err) // the box sent nonsense
			}
			for _, e := range frame.Events {
				if e.Seat != seat.Member.Seat {
					f(int(e.Seat), int(e.Seq), e.At)
				}
			}
		},
	}, nil
}

// seat is the i-th seat of a room, the same in every run: a room keeps the
// seats of those who have gone for a while.
func (p *process) seat(room string, i int) (classroom.SeatReply, error) {
	key := fmt.Sprintf("%s %d", room, i)
	if seat, ok := p.seats[key]; ok {
		return seat, nil
	}
	seat, err := classroom.TakeSeat(context.Background(), "http://"+p.addr, room)
	if err != nil {
		return seat, err
	}
	if p.seats == nil {
		p.seats = make(map[string]classroom.SeatReply)
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
	if err := phxJoin(ws, room); err != nil {
		return nil, err
	}
	topic := wire.TopicPrefix + wire.RoomPrefix + room
	ids := map[string]int{}
	return &player{
		ws: ws,
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

// field is what stands behind a name in JSON that the box made.
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

func phxJoin(ws *websocket.Conn, room string) error {
	join := wire.Envelope(wire.V2, "1", "1", wire.TopicPrefix+wire.RoomPrefix+room, "phx_join", []byte(`{"config":{"presence":{"enabled":false}}}`))
	if err := ws.WriteMessage(websocket.TextMessage, join.Payload()); err != nil {
		return err
	}
	_, reply, err := ws.ReadMessage()
	if err == nil && !bytes.Contains(reply, []byte(`"status":"ok"`)) {
		return fmt.Errorf("join refused: %s", reply)
	}
	return err
}

func push(topic, event string, enc wire.Encoding, payload []byte) []byte {
	frame := []byte{3, 1, 0, byte(len(topic)), byte(len(event)), 0, byte(enc), '1'}
	frame = append(append(frame, topic...), event...)
	return append(frame, payload...)
}

// scenario is one thing to measure.
type scenario struct {
	name   string
	server *process
	join   func(p *process, room string, i int) (*player, error)
	beat   bool
	rooms  []string
}

func (s servers) scenarios() []scenario {
	var all []scenario
	for _, beat := range []bool{true, false} {
		arrival := map[bool]string{true: "beat", false: "even"}[beat]
		all = append(
			all,
			scenario{"hub " + arrival, s.hub, hubPlayer, beat, rooms[:1]},
			scenario{"box T=0 " + arrival, s.wired, framePlayer, beat, rooms[:1]},
			scenario{"box T=2ms " + arrival, s.paced, framePlayer, beat, rooms[:1]},
			scenario{"box JSON " + arrival, s.wired, jsonPlayer, beat, []string{openRoom}},
		)
	}
	return append(
		all,
		scenario{"hub 5 rooms", s.hub, hubPlayer, true, rooms},
		scenario{"box T=2ms 5 rooms", s.paced, framePlayer, true, rooms},
		scenario{"box T=0 5 rooms", s.wired, framePlayer, true, rooms},
	)
}

// result is what one run measured.
type result struct {
	sent, delivered, lost, doubled int
	latency                        classroom.Percentiles
	cpu                            float64 // µs a delivery
	cores                          float64
	rss                            float64 // MB
}

// longRooms is how long five rooms play at most: they send five times as much.
const longRooms = 10 * time.Second

// measure joins the class, lets it play, and counts.
func (s scenario) measure(each time.Duration) (result, error) {
	if len(s.rooms) > 1 {
		each = min(each, longRooms)
	}
	var classes [][]*player
	var readers sync.WaitGroup
	defer readers.Wait()
	for _, room := range s.rooms {
		var players []*player
		for i := range class {
			p, err := s.join(s.server, room, i)
			if err != nil {
				return result{}, err
			}
			defer func() { _ = p.ws.Close() }()
			p.last = make(map[int]int)
			p.latencies = make([]float64, 0, int(each.Seconds()*rate*class))
			readers.Go(p.read)
			players = append(players, p)
		}
		classes = append(classes, players)
	}
	warmUp(classes)
	before, began := s.server.cpu(), time.Now()
	var playing sync.WaitGroup
	for k, players := range classes {
		playing.Go(func() { s.play(players, each, time.Duration(k)*time.Second/rate/time.Duration(len(s.rooms))) })
	}
	playing.Wait()
	time.Sleep(200 * time.Millisecond) // for the last notes
	return s.sum(classes, each, s.server.cpu()-before, time.Since(began)), nil
}

// warmUp plays a few uncounted notes, and starts counting.
func warmUp(classes [][]*player) {
	for _, players := range classes {
		for range 4 {
			for _, p := range players {
				_ = p.ws.WriteMessage(p.note(0, float64(clock.Now())))
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	time.Sleep(300 * time.Millisecond)
	for _, players := range classes {
		for _, p := range players {
			p.mu.Lock()
			p.counting = true
			clear(p.last)
			p.mu.Unlock()
		}
	}
}

// play lets a class play, each at his time.
func (s scenario) play(players []*player, each, phase time.Duration) {
	period := time.Second / rate
	spread := period
	if s.beat {
		spread = onTheBeat
	}
	begin := time.Now().Add(20*time.Millisecond + phase)
	for n := range int(each / period) {
		for i, p := range players {
			at := begin.Add(time.Duration(n)*period + spread*time.Duration(i)/class)
			time.Sleep(time.Until(at))
			if p.ws.WriteMessage(p.note(n+1, float64(clock.Now()))) != nil {
				return // the loss shows
			}
		}
	}
}

func (s scenario) sum(classes [][]*player, each, cpu, elapsed time.Duration) result {
	r := result{rss: s.server.rss(), cores: cpu.Seconds() / elapsed.Seconds()}
	var latencies []float64
	expected := 0
	for _, players := range classes {
		sent := int(each/(time.Second/rate)) * len(players)
		r.sent += sent
		expected += sent * (len(players) - 1)
		for _, p := range players {
			p.mu.Lock()
			r.delivered += p.delivered
			r.doubled += p.doubled
			latencies = append(latencies, p.latencies...)
			p.mu.Unlock()
		}
	}
	r.lost = expected - r.delivered
	r.latency = classroom.Summarize(latencies)
	r.cpu = float64(cpu.Microseconds()) / float64(max(1, r.delivered))
	return r
}
