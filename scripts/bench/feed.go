package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"downbeat.local/appliance/classroom"
	"downbeat.local/sync/clock"
)

// feed inserts rows over HTTP while members listen to the table.
type feed struct {
	listeners int
	rate      int // rows a second; 0 is one after another, as fast as possible
}

// feedRate is more rows a second than a school writes.
const feedRate = 20

// listenToPlans is a join that asks for changes of lesson plans.
const listenToPlans = `{"config":{"presence":{"enabled":false},"postgres_changes":[{"event":"*","schema":"public","table":"lesson_plans"}]}}`

func (f feed) measure(p *process, each time.Duration) (result, error) {
	caller := newCaller(p)
	insert := func(n int) error {
		return caller.post("/rest/v1/lesson_plans", fmt.Sprintf(`{"title":%q}`, stamped(n)), http.StatusCreated)
	}
	return overHTTP(p, f.listeners, listenToPlans, func() ([]float64, error) { return ask(each, f.rate, 1, insert) })
}

// post broadcasts over HTTP to the members of a channel.
type post struct {
	listeners int
	rate      int // requests a second; 0 is as fast as answers come
}

const (
	postRate = 50
	posters  = 4
)

func (b post) measure(p *process, each time.Duration) (result, error) {
	caller := newCaller(p)
	broadcast := func(n int) error {
		body := fmt.Sprintf(`{"messages":[{"topic":"choir","event":"cue","payload":{"title":%q}}]}`, stamped(n))
		return caller.post("/realtime/v1/api/broadcast", body, http.StatusAccepted)
	}
	return overHTTP(p, b.listeners, quiet, func() ([]float64, error) { return ask(each, b.rate, posters, broadcast) })
}

// ask makes requests at a rate or, for half the time, as fast as the workers get
// answers.
func ask(each time.Duration, rate, workers int, request func(n int) error) (took []float64, err error) {
	if rate > 0 {
		return paced(each, rate, request)
	}
	return abreast(workers, until(each/2), func(_, n int) error { return request(n) })
}

// stamped is a text with its number and the time at which it was made.
func stamped(n int) string { return fmt.Sprintf("%d %.3f", n, float64(clock.Now())) }

// overHTTP joins members to a channel and measures what they get of the messages
// over HTTP. send returns the time of each request in ms.
func overHTTP(p *process, n int, join string, send func() ([]float64, error)) (result, error) {
	var a clients
	defer a.leave()
	if err := a.come(p, n, "choir", func(int) string { return join }); err != nil {
		return result{}, err
	}
	a.listen()
	m := p.meter()
	took, err := send()
	if err != nil {
		return result{}, err
	}
	asking := time.Since(m.began)
	a.await(int64(len(took) * n))
	spent := m.read()
	a.leave()
	r := result{sent: len(took)}
	hear(&r, a.players)
	spent.into(&r)
	answered := classroom.Summarize(took)
	r.figures = map[string]float64{
		"requests a second": float64(len(took)) / asking.Seconds(),
		"answer, p50 ms":    answered.P50, "answer, p99 ms": answered.P99,
	}
	return r, nil
}

// hear counts what all members got of r.sent messages. The title of each is a
// stamp.
func hear(r *result, players []*player) {
	var latencies []float64
	for _, p := range players {
		heard := make([]bool, r.sent)
		for _, a := range p.arrived {
			count, at, _ := strings.Cut(field(a.message, `"title":"`, '"'), " ")
			n, err := strconv.Atoi(count)
			if err != nil || n >= r.sent {
				continue // not one of this run
			}
			if heard[n] {
				r.doubled++
				continue
			}
			heard[n] = true
			made, _ := strconv.ParseFloat(at, 64)
			latencies = append(latencies, a.at-made)
		}
	}
	r.delivered, r.latency = len(latencies), classroom.Summarize(latencies)
	r.lost = r.sent*len(players) - r.delivered
}

// caller makes requests to a box with the service key, as a school's own program
// does.
type caller struct {
	client *http.Client
	base   string
	key    string
}

func newCaller(p *process) caller {
	transport := &http.Transport{MaxIdleConnsPerHost: posters}
	return caller{&http.Client{Transport: transport}, "http://" + p.addr, serviceKey()}
}

// post sends JSON. Any status but want is an error.
func (c caller) post(path, body string, want int) error {
	req, err := http.NewRequest(http.MethodPost, c.base+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("apikey", c.key)
	req.Header.Set("Authorization", "Bearer "+c.key)
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != want {
		err = fmt.Errorf("%s: %s: %s", path, resp.Status, said)
	}
	return err
}
