package main

import (
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/wire"
)

// supabase lists the load of Supabase programs, and the number of clients that
// one box carries. Each row has a new box, so that its memory belongs to the row.
// Limits are raised where one program stands for many.
func (s servers) supabase(binary string) []row {
	const raised = "clients=4096;device-clients=4096;joins=10000;channels=1000;presence=1000"
	on := func(name string, measure func(*process, time.Duration) (result, error)) row {
		return row{name: name, measure: func(each time.Duration) (result, error) {
			return s.onFresh(binary, nil, []string{"--limit", raised}, func(p *process) (result, error) {
				return measure(p, min(each, longRooms))
			})
		}}
	}
	all := []row{
		on("joins, new sockets", joinAnew),
		on("joins, open sockets", joinMore),
	}
	for _, n := range []int{class, 200} {
		all = append(all, on(fmt.Sprint("presence ", n), churn{n}.measure))
	}
	for _, n := range []int{class, 200} {
		all = append(all, on(fmt.Sprint("changes ", n), feed{n, feedRate}.measure))
	}
	return append(
		all,
		on("changes, most", feed{class, 0}.measure),
		on("HTTP broadcast", post{class, postRate}.measure),
		on("HTTP broadcast, most", post{class, 0}.measure),
		on("2000 idle", idle),
		row{"500 in 12 rooms", true, func(each time.Duration) (result, error) { return s.playSchool(binary, each) }},
	)
}

// playSchool has a school play for a minute, or for three times the length of the
// other rows if that is less.
func (s servers) playSchool(binary string, each time.Duration) (result, error) {
	var codes []string
	for k := range schoolRooms {
		codes = append(codes, fmt.Sprintf("BENCH-%d", 3001+k))
	}
	return s.onFresh(binary, codes, []string{"--limit", "clients=600"}, func(p *process) (result, error) {
		return scenario{p, framePlayer, true, codes, school, schoolRate, time.Minute}.measure(3 * each)
	})
}

// clients is clients of a box, each with a reader.
type clients struct {
	players []*player
	readers sync.WaitGroup
}

// open connects a plain client with the anonymous key.
func (p *process) open() (*websocket.Conn, error) {
	return dial("ws://" + p.addr + "/realtime/v1/websocket?vsn=2.0.0&apikey=" + url.QueryEscape(anonKey()))
}

// come joins n clients to a topic; join is the payload of each.
func (a *clients) come(p *process, n int, topic string, join func(i int) string) error {
	for i := range n {
		ws, err := p.open()
		if err != nil {
			return err
		}
		a.players = append(a.players, &player{conn: ws})
		if err := phxJoin(ws, topic, join(i)); err != nil {
			return err
		}
	}
	return nil
}

// listen starts the readers. They count once the messages of the joins have been
// read.
func (a *clients) listen() {
	for _, p := range a.players {
		a.readers.Go(p.read)
	}
	time.Sleep(settle)
	count([][]*player{a.players}, true)
}

// settle is the time for a box and its clients to become idle.
const settle = 300 * time.Millisecond

// leave ends the connections and waits for the readers. It may be called
// twice.
func (a *clients) leave() {
	for _, p := range a.players {
		_ = p.conn.Close()
	}
	a.readers.Wait()
}

// await waits until that many messages have arrived in all, or no more arrive.
func (a *clients) await(want int64) {
	last, since := int64(-1), time.Now()
	for {
		n := a.got()
		if n >= want || n == last && time.Since(since) > time.Second {
			return
		}
		if n != last {
			last, since = n, time.Now()
		}
		time.Sleep(time.Millisecond)
	}
}

// got counts the messages of all clients.
func (a *clients) got() (n int64) {
	for _, p := range a.players {
		n += p.got.Load()
	}
	return n
}

// meter measures the resources of a server from a moment on.
type meter struct {
	p     *process
	cpu   time.Duration
	began time.Time
}

func (p *process) meter() meter { return meter{p, p.cpu(), time.Now()} }

// spent is the resources used until a moment.
type spent struct {
	cpu, elapsed time.Duration
	rss          float64
}

func (m meter) read() spent { return spent{m.p.cpu() - m.cpu, time.Since(m.began), m.p.rss()} }

// into writes the resources into a result that has the deliveries.
func (s spent) into(r *result) {
	r.rss, r.cores = s.rss, s.cpu.Seconds()/s.elapsed.Seconds()
	r.cpu = float64(s.cpu.Microseconds()) / float64(max(1, r.delivered))
}

// textPush is a client's message in text.
func textPush(topic, event, payload string) []byte {
	return wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("2"), wire.TopicPrefix+topic, event, []byte(payload)).Payload()
}
