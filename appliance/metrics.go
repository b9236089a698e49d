package appliance

import (
	"io"
	"maps"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/transport"
	"downbeat.local/discovery"
)

// snapshot is the figures of the box at one moment.
type snapshot struct {
	transport transport.Stats
	realtime  realtime.Stats
	rooms     int
	names     discovery.Status
	refused   map[string]uint64 // upgrades
	failing   int               // 1 if the store takes no writes
	costly    map[string]uint64 // by resource
}

// gauge is one figure of the box, or one for each reason. It is read when
// Prometheus asks.
type gauge struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(snapshot) float64           // nil if there are reasons
	each  func(snapshot) map[string]uint64 // by reason
}

func counter(name, help string, value func(snapshot) uint64) gauge {
	return gauge{
		desc: prometheus.NewDesc("downbeat_"+name+"_total", help, nil, nil), kind: prometheus.CounterValue,
		value: func(s snapshot) float64 { return float64(value(s)) },
	}
}

// reasons is a counter for each value of a label.
func reasons(name, label, help string, each func(snapshot) map[string]uint64) gauge {
	return gauge{
		desc: prometheus.NewDesc("downbeat_"+name+"_total", help, []string{label}, nil), kind: prometheus.CounterValue,
		each: each,
	}
}

func level(name, help string, value func(snapshot) int) gauge {
	return gauge{
		desc: prometheus.NewDesc("downbeat_"+name, help, nil, nil), kind: prometheus.GaugeValue,
		value: func(s snapshot) float64 { return float64(value(s)) },
	}
}

// levels is a level for each value of a label.
func levels(name, label, help string, each func(snapshot) map[string]uint64) gauge {
	return gauge{
		desc: prometheus.NewDesc("downbeat_"+name, help, []string{label}, nil), kind: prometheus.GaugeValue,
		each: each,
	}
}

// one is 1 for true.
func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (g gauge) collect(s snapshot, to chan<- prometheus.Metric) {
	if g.value != nil {
		to <- prometheus.MustNewConstMetric(g.desc, g.kind, g.value(s))
		return
	}
	for reason, n := range g.each(s) {
		to <- prometheus.MustNewConstMetric(g.desc, g.kind, float64(n), reason)
	}
}

var gauges = []gauge{
	level("connections", "Open connections.", func(s snapshot) int { return s.transport.Open }),
	level("lanes", "Open connections that have a lane of data channels.", func(s snapshot) int { return s.transport.OnLane }),
	level("queued_bytes", "Bytes that wait for clients.", func(s snapshot) int { return s.transport.Waiting }),
	counter("connections_opened", "Connections since the box started.", func(s snapshot) uint64 { return s.transport.Opened }),
	reasons("connections_refused", "reason", "Connections that were not opened.", func(s snapshot) map[string]uint64 { return s.refused }),
	reasons("connections_cut", "reason", "Connections that the box ended.", func(s snapshot) map[string]uint64 { return s.transport.Cut }),
	counter("lanes_opened", "Lanes of data channels since the box started.", func(s snapshot) uint64 { return s.transport.Lanes }),
	counter("lane_packets_sent", "UDP packets to clients over lanes, acknowledgements included.", func(s snapshot) uint64 { return s.transport.Packets.Sent }),
	counter("lane_packets_received", "UDP packets from clients over lanes.", func(s snapshot) uint64 { return s.transport.Packets.Received }),
	counter("lane_packets_refused", "UDP packets dropped: from strangers, or more than a client may send.", func(s snapshot) uint64 { return s.transport.Packets.Refused }),
	counter("lane_messages_dropped", "Messages from clients over lanes, dropped because they came too fast.", func(s snapshot) uint64 { return s.transport.Flooded }),
	counter("messages_sent", "Messages to clients.", func(s snapshot) uint64 { return s.transport.Frames }),
	counter("bytes_sent", "Bytes to clients.", func(s snapshot) uint64 { return s.transport.Bytes }),
	reasons("messages_dropped", "reason", "Messages to clients, dropped because the client was too slow.", func(s snapshot) map[string]uint64 { return s.transport.Dropped }),
	level("channels", "Channels that have members, or are kept for a moment.", func(s snapshot) int { return s.realtime.Channels }),
	level("members", "Members of all channels.", func(s snapshot) int { return s.realtime.Members }),
	level("presence_entries", "Presence entries of all channels.", func(s snapshot) int { return s.realtime.Present }),
	level("change_listeners", "Members that subscribe to row changes.", func(s snapshot) int { return s.realtime.Subscribers }),
	counter("messages_received", "Messages from clients.", func(s snapshot) uint64 { return s.realtime.Received }),
	counter("broadcasts", "Broadcasts that were relayed.", func(s snapshot) uint64 { return s.realtime.Broadcasts }),
	counter("joins", "Joins of channels.", func(s snapshot) uint64 { return s.realtime.Joins }),
	reasons("joins_refused", "reason", "Joins that were refused, by the protocol's code.", func(s snapshot) map[string]uint64 { return s.realtime.Refused }),
	reasons("messages_ignored", "reason", "Messages from clients that did nothing.", func(s snapshot) map[string]uint64 { return s.realtime.Ignored }),
	reasons("policy_denials", "action", "Requests that the policy denied.", func(s snapshot) map[string]uint64 { return s.realtime.Denied }),
	counter("changes_told", "Row changes sent, once for each subscriber.", func(s snapshot) uint64 { return s.realtime.Changes }),
	reasons("cost_refused", "resource", "Requests that asked for more than a client, an address or the box may have.", func(s snapshot) map[string]uint64 { return s.costly }),
	level("rooms", "Open rooms.", func(s snapshot) int { return s.rooms }),
	level("store_failing", "1 while the store takes no writes, for example because the disk is full.", func(s snapshot) int { return s.failing }),
	level("name_contested", "1 while another device has the name downbeat.local.", func(s snapshot) int { return one(s.names.Contested) }),
	levels("name_problem", "problem", "1 for what keeps the box from being found by name.", func(s snapshot) map[string]uint64 {
		all := make(map[string]uint64)
		for _, p := range discovery.Problems {
			all[string(p)] = uint64(one(s.names.Problem == p))
		}
		return all
	}),
}

// collector reads the box for Prometheus.
type collector struct{ *Appliance }

// Describe implements prometheus.Collector.
func (collector) Describe(to chan<- *prometheus.Desc) {
	for _, g := range gauges {
		to <- g.desc
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	s := snapshot{transport: c.transport.Stats(), realtime: c.hub.Stats(), rooms: c.rooms.Count()}
	if c.store.Failing() != nil {
		s.failing = 1
	}
	s.refused, s.costly = c.gateway.Refused(), c.ledger.Refused()
	maps.Copy(s.refused, s.transport.Refused)
	if c.discovery != nil {
		s.names = c.discovery.Status()
	}
	for _, g := range gauges {
		g.collect(s, to)
	}
}

// metrics answers /metrics, for this machine and for a service key. How many
// people are here, and when, is private.
func (a *Appliance) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collector{a}, a.rooms.Latency, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	page := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.mayReadMetrics(r) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"message":"Metrics are for this machine, or for a service key."}`+"\n")
			return
		}
		page.ServeHTTP(w, r)
	})
}

func (a *Appliance) mayReadMetrics(r *http.Request) bool {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	if net.ParseIP(host).IsLoopback() {
		return true
	}
	claims, err := a.signer.Verify(auth.Token(r))
	return err == nil && claims.Role == auth.Service
}
