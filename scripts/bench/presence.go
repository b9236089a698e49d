package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"downbeat.local/appliance/classroom"
	"downbeat.local/sync/clock"
)

// churn is members of a channel that all change what they track at the same time,
// round after round.
type churn struct{ members int }

// The rounds of a churn: the time between them, and how many, because all messages
// are kept until the end.
const (
	roundEvery = 300 * time.Millisecond
	mostRounds = 10
)

func (c churn) measure(p *process, each time.Duration) (result, error) {
	var a clients
	defer a.leave()
	err := a.come(p, c.members, "choir", func(i int) string {
		return fmt.Sprintf(`{"config":{"presence":{"enabled":true,"key":"m%d"}}}`, i)
	})
	if err != nil {
		return result{}, err
	}
	a.listen()
	rounds := min(mostRounds, int(each/roundEvery))
	began := make([]float64, rounds)
	m := p.meter()
	for round := range rounds {
		begin := time.Now()
		began[round] = float64(clock.Now())
		if err := c.track(a.players, round); err != nil {
			return result{}, err
		}
		// Every member gets a change of every member, and an answer.
		a.await(int64(round+1) * int64(c.members) * int64(c.members+1))
		time.Sleep(roundEvery - time.Since(begin))
	}
	spent := m.read()
	a.leave()
	seen := c.seen(a.players, rounds)
	r := result{sent: rounds * c.members}
	r.figures = map[string]float64{"all have seen all, ms": c.tell(&r, seen, began)}
	spent.into(&r)
	return r, nil
}

// track has every member track the number of the round.
func (c churn) track(players []*player, round int) error {
	for _, p := range players {
		said := fmt.Sprintf(`{"type":"presence","event":"track","payload":{"round":%d,"at":%.3f}}`, round, float64(clock.Now()))
		if err := p.conn.WriteMessage(websocket.TextMessage, textPush("choir", "presence", said)); err != nil {
			return err
		}
	}
	return nil
}

// sight is when one member learned of another member's change, and when that
// change was sent.
type sight struct{ at, said float64 }

// seen is, for each listener, round and member, the first sight.
func (c churn) seen(players []*player, rounds int) [][]sight {
	known := make(map[string]entries) // all members get the same bytes
	var all [][]sight
	for _, p := range players {
		mine := make([]sight, rounds*c.members)
		for _, a := range p.arrived {
			list, ok := known[string(a.message)]
			if !ok {
				list = presenceOf(a.message)
				known[string(a.message)] = list
			}
			for _, e := range list {
				if s := &mine[e.Round*c.members+e.member]; s.at == 0 {
					*s = sight{a.at, e.At}
				}
			}
		}
		all = append(all, mine)
	}
	return all
}

// tell counts the sights, and returns the median time until all members have seen
// all members.
func (c churn) tell(r *result, seen [][]sight, began []float64) float64 {
	whole := make([]float64, len(began))
	var latencies []float64
	for _, mine := range seen {
		for i, s := range mine {
			if s.at == 0 {
				r.lost++
				continue
			}
			latencies = append(latencies, s.at-s.said)
			round := i / c.members
			whole[round] = max(whole[round], s.at-began[round])
		}
	}
	r.delivered, r.latency = len(latencies), classroom.Summarize(latencies)
	slices.Sort(whole)
	return whole[len(whole)/2]
}

// entry is what presence shows of one member.
type entry struct {
	member int
	Round  int     `json:"round"`
	At     float64 `json:"at"`
}

type entries []entry

// presenceOf reads presence from a message: a change, or the whole state.
func presenceOf(message []byte) (found entries) {
	type metas struct {
		Metas []entry `json:"metas"`
	}
	var event string
	var payload json.RawMessage
	if json.Unmarshal(message, &[]any{nil, nil, nil, &event, &payload}) != nil {
		panic("the box sent nonsense")
	}
	here := make(map[string]metas)
	switch event {
	case "presence_state":
		_ = json.Unmarshal(payload, &here)
	case "presence_diff":
		_ = json.Unmarshal(payload, &struct {
			Joins *map[string]metas `json:"joins"`
		}{&here})
	}
	for key, said := range here {
		for _, e := range said.Metas {
			if _, err := fmt.Sscanf(key, "m%d", &e.member); err == nil {
				found = append(found, e)
			}
		}
	}
	return found
}
