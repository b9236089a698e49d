package main

import (
	"sync"
	"time"

	"downbeat.local/appliance/classroom"
	"downbeat.local/sync/clock"
)

// The class: the members of a room, and the notes of each a second. One box must
// carry the school.
const (
	class       = 40
	rate        = 4
	school      = 500
	schoolRooms = 12
	schoolRate  = 2
	// onTheBeat is the time between the first and the last note of a class.
	onTheBeat = 5 * time.Millisecond
)

// row is one line of the table.
type row struct {
	name    string
	once    bool // in the first run only, because it is long
	measure func(each time.Duration) (result, error)
}

// scenario is one or more classes that play.
type scenario struct {
	server *process
	join   func(p *process, room string, i int) (*player, error)
	beat   bool
	rooms  []string
	// members are spread over the rooms. Each plays rate notes a second.
	members, rate int
	longest       time.Duration
}

// playing lists the classes that play, beside the bare hub.
func (s servers) playing() (all []row) {
	add := func(name string, server *process, join func(*process, string, int) (*player, error), beat bool, rooms ...string) {
		sc := scenario{server, join, beat, rooms, class * len(rooms), rate, time.Hour}
		if len(rooms) > 1 {
			sc.longest = longRooms
		}
		all = append(all, row{name: name, measure: sc.measure})
	}
	for _, beat := range []bool{true, false} {
		arrival := map[bool]string{true: "beat", false: "even"}[beat]
		add("hub "+arrival, s.hub, hubPlayer, beat, rooms[0])
		add("box T=0 "+arrival, s.wired, framePlayer, beat, rooms[0])
		add("box T=2ms "+arrival, s.paced, framePlayer, beat, rooms[0])
		add("box JSON "+arrival, s.wired, jsonPlayer, beat, guestRoom)
	}
	add("hub 5 rooms", s.hub, hubPlayer, true, rooms...)
	add("box T=2ms 5 rooms", s.paced, framePlayer, true, rooms...)
	add("box T=0 5 rooms", s.wired, framePlayer, true, rooms...)
	return all
}

// result is the measurements of one run.
type result struct {
	sent, delivered, lost, doubled int
	latency                        classroom.Percentiles
	cpu                            float64 // µs a delivery
	cores                          float64
	rss                            float64            // MB
	frames                         float64            // that a member gets a second
	air                            float64            // share of a channel that the class takes, in best effort
	figures                        map[string]float64 // of this scenario alone
}

// longRooms bounds the time for five rooms, which send five times as much, and
// for each row of Supabase programs.
const longRooms = 10 * time.Second

// measure joins the class, has it play, and counts.
func (s scenario) measure(each time.Duration) (result, error) {
	each = min(each, s.longest)
	var readers sync.WaitGroup
	classes, leave, err := s.gather(&readers)
	defer leave()
	if err != nil {
		return result{}, err
	}
	warmUp(classes)
	before, began := s.server.cpu(), time.Now()
	var playing sync.WaitGroup
	for k, players := range classes {
		playing.Go(func() { s.play(players, each, time.Duration(k)*s.period()/time.Duration(len(s.rooms))) })
	}
	playing.Wait()
	time.Sleep(200 * time.Millisecond) // for the last notes
	cpu, elapsed := s.server.cpu()-before, time.Since(began)
	rss := s.server.rss()
	count(classes, false)
	leave()
	r := s.sum(classes, each)
	r.rss, r.cores = rss, cpu.Seconds()/elapsed.Seconds()
	r.cpu = float64(cpu.Microseconds()) / float64(max(1, r.delivered))
	return r, nil
}

// gather joins all members. leave ends their connections and waits for their
// readers; it may be called twice.
func (s scenario) gather(readers *sync.WaitGroup) (classes [][]*player, leave func(), err error) {
	leave = func() {
		for _, players := range classes {
			for _, p := range players {
				_ = p.conn.Close()
			}
		}
		readers.Wait()
	}
	for k, room := range s.rooms {
		classes = append(classes, nil)
		for i := range s.members*(k+1)/len(s.rooms) - s.members*k/len(s.rooms) {
			p, err := s.join(s.server, room, i)
			if err != nil {
				return classes, leave, err
			}
			readers.Go(p.read)
			last := &classes[len(classes)-1]
			*last = append(*last, p)
		}
	}
	return classes, leave, nil
}

// warmUp plays a few uncounted notes, and starts counting.
func warmUp(classes [][]*player) {
	for _, players := range classes {
		for range 4 {
			for _, p := range players {
				_ = p.conn.WriteMessage(p.note(0, float64(clock.Now())))
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	time.Sleep(300 * time.Millisecond)
	count(classes, true)
}

// count starts or ends the counting. Messages about players who leave do not
// count.
func count(classes [][]*player, yes bool) {
	for _, players := range classes {
		for _, p := range players {
			p.counting.Store(yes)
		}
	}
}

// play has a class play, each player at their time.
func (s scenario) play(players []*player, each, phase time.Duration) {
	period := s.period()
	spread := period
	if s.beat {
		spread = onTheBeat
	}
	begin := time.Now().Add(20*time.Millisecond + phase)
	for n := range int(each / period) {
		for i, p := range players {
			at := begin.Add(time.Duration(n)*period + spread*time.Duration(i)/time.Duration(len(players)))
			time.Sleep(time.Until(at))
			if p.conn.WriteMessage(p.note(n+1, float64(clock.Now()))) != nil {
				return // it counts as lost
			}
		}
	}
}

// period is the time from one note of a member to the next.
func (s scenario) period() time.Duration { return time.Second / time.Duration(s.rate) }

// sum counts the notes that the members of a class got of each other.
func (s scenario) sum(classes [][]*player, each time.Duration) (r result) {
	var heard tally
	expected := 0
	for _, players := range classes {
		sent := int(each/s.period()) * len(players)
		r.sent += sent
		expected += sent * (len(players) - 1)
		for _, p := range players {
			heard.add(p)
		}
	}
	r.delivered, r.doubled, r.lost = heard.delivered, heard.doubled, expected-heard.delivered
	r.latency = classroom.Summarize(heard.latencies)
	r.frames = float64(heard.messages) / float64(s.members) / each.Seconds()
	r.air = classroom.Airtime(s.members, r.frames, float64(s.rate), classroom.AirtimeBestEffort)
	return r
}
