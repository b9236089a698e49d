package realtime

import (
	"fmt"
	"testing"
	"unsafe"

	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// joinAll asks for everything that a channel sends.
const joinAll = `{"config":{"broadcast":{"self":true},"presence":{"enabled":true,"key":%q},` +
	`"postgres_changes":[{"event":"*","schema":"public","table":"lesson_plans"}]}}`

// joinMany joins n clients to the lobby, with the versions in turn.
func joinMany(h *Hub, n int, versions ...wire.Version) (clients []*client) {
	for i := range n {
		c := &client{v: versions[i%len(versions)]}
		c.session = h.Open(c, Hello{Version: c.v, APIKey: "anon"})
		c.send("1", lobby, "phx_join", fmt.Sprintf(joinAll, fmt.Sprint("m", i)))
		clients = append(clients, c)
	}
	return clients
}

// fanOuts are the messages that go to all members, each with its cause.
var fanOuts = []struct {
	name string
	send func(h *Hub, from *client)
}{
	{"broadcast", func(_ *Hub, from *client) { from.user("1", lobby, "cue", wire.JSON, `{"a":1}`) }},
	{"presence diff", func(_ *Hub, from *client) {
		from.send("1", lobby, "presence", `{"event":"track","payload":{"name":"Ana"}}`)
	}},
	{"postgres_changes", func(h *Hub, _ *client) {
		h.Changed(changed(table.OpInsert, nil, table.Row{"id": "1", "title": "Rain", "published": true}))
	}},
}

// TestFanOutsEncodeOncePerVersion looks at the addresses of the bytes that the
// clients get: copies for each would have an address each.
func TestFanOutsEncodeOncePerVersion(t *testing.T) {
	for _, f := range fanOuts {
		h := changeHub()
		clients := joinMany(h, 40, wire.V2, wire.V1)
		for _, c := range clients {
			c.take()
		}
		f.send(h, clients[0])
		places, heard := map[*byte]bool{}, 0
		for _, c := range clients[1:] { // the first has an answer too
			for _, p := range c.got {
				places[unsafe.SliceData(p.Payload())] = true
				heard++
			}
		}
		if heard != len(clients)-1 || len(places) != 2 {
			t.Errorf("%s: %d clients of two versions got %d encodings, %d times", f.name, len(clients)-1, len(places), heard)
		}
	}
}

func BenchmarkPresenceDiff(b *testing.B) {
	for _, n := range []int{40, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkPresenceDiff(b, n) })
	}
}

// stateless is a client that drops everything.
type stateless struct{ client }

func (*stateless) Reply(wire.Packet)                        {}
func (*stateless) State(wire.Packet, interface{ Resync() }) {}

func benchmarkPresenceDiff(b *testing.B, listeners int) {
	h := testHub(nil)
	h.cfg.Limits.Presence = Rate{PerSecond: 1e9, Burst: 1e9}
	var from *Session
	for i := range listeners {
		from = h.Open(&stateless{}, Hello{Version: wire.V2, APIKey: "anon"})
		join := wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("1"), lobby, "phx_join", fmt.Appendf(nil, joinAll, fmt.Sprint("m", i)))
		from.Receive(join.Payload(), false, 0)
	}
	tracks := [2][]byte{}
	for i, name := range []string{"Ana", "Bea"} {
		tracks[i] = wire.Envelope(wire.V2, wire.TextRef("1"), wire.TextRef("2"), lobby, "presence", fmt.Appendf(nil, `{"event":"track","payload":{"name":%q}}`, name)).Payload()
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		from.Receive(tracks[n%2], false, 0)
	}
}
