package appliance

import (
	"maps"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/transport"
)

// snapshot is the box at one moment.
type snapshot struct {
	transport transport.Stats
	realtime  realtime.Stats
	rooms     int
	refused   map[string]uint64 // upgrades
}

// latencyBuckets are seconds; a frame that takes over 4 ms is late by the
// box's own target.
var latencyBuckets = []float64{.0001, .00025, .0005, .001, .002, .003, .004, .006, .01, .025, .05, .1, .25}

func newLatency() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "downbeat_note_delivery_seconds",
		Help:    "From the first note of a room frame being read until the frame was handed to every listener.",
		Buckets: latencyBuckets,
	})
}

// gauge is one figure of the box, or one for each reason, read when somebody
// asks.
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
	level("lanes", "Of the open connections, those with a lane of data channels.", func(s snapshot) int { return s.transport.OnLane }),
	level("queued_bytes", "Bytes that wait for clients.", func(s snapshot) int { return s.transport.Waiting }),
	counter("connections_opened", "Connections, ever.", func(s snapshot) uint64 { return s.transport.Opened }),
	reasons("connections_refused", "reason", "Connections that were not opened.", func(s snapshot) map[string]uint64 { return s.refused }),
	reasons("connections_cut", "reason", "Connections that the box ended.", func(s snapshot) map[string]uint64 { return s.transport.Cut }),
	counter("lanes_opened", "Lanes of data channels, ever.", func(s snapshot) uint64 { return s.transport.Lanes }),
	counter("lane_packets_sent", "Packets to clients over lanes, whatever is in them.", func(s snapshot) uint64 { return s.transport.Packets.Sent }),
	counter("lane_packets_received", "Packets from clients over lanes.", func(s snapshot) uint64 { return s.transport.Packets.Received }),
	counter("lane_packets_refused", "Packets of strangers to the lanes, and those that came too fast.", func(s snapshot) uint64 { return s.transport.Packets.Refused }),
	counter("lane_messages_dropped", "Messages from clients over lanes that came faster than anybody has to say.", func(s snapshot) uint64 { return s.transport.Flooded }),
	counter("messages_sent", "Messages to clients.", func(s snapshot) uint64 { return s.transport.Frames }),
	counter("bytes_sent", "Bytes to clients.", func(s snapshot) uint64 { return s.transport.Bytes }),
	reasons("messages_dropped", "reason", "Messages to clients that were too slow for them.", func(s snapshot) map[string]uint64 { return s.transport.Dropped }),
	level("channels", "Channels that somebody is in, or that are kept.", func(s snapshot) int { return s.realtime.Channels }),
	level("members", "Members of all channels.", func(s snapshot) int { return s.realtime.Members }),
	level("presence_entries", "What presence says, of all channels.", func(s snapshot) int { return s.realtime.Present }),
	level("change_listeners", "Members who listen to changes of tables.", func(s snapshot) int { return s.realtime.Listeners }),
	counter("messages_received", "Messages from clients.", func(s snapshot) uint64 { return s.realtime.Received }),
	counter("broadcasts", "Broadcasts that were relayed.", func(s snapshot) uint64 { return s.realtime.Broadcasts }),
	counter("joins", "Joins of channels.", func(s snapshot) uint64 { return s.realtime.Joins }),
	reasons("joins_refused", "reason", "Joins that were refused, by the protocol's code.", func(s snapshot) map[string]uint64 { return s.realtime.Refused }),
	reasons("messages_ignored", "reason", "Messages from clients that did nothing.", func(s snapshot) map[string]uint64 { return s.realtime.Ignored }),
	reasons("policy_denials", "action", "What the policy did not allow.", func(s snapshot) map[string]uint64 { return s.realtime.Denied }),
	counter("changes_told", "Changes of tables, once for each listener.", func(s snapshot) uint64 { return s.realtime.Changes }),
	level("rooms", "Open rooms.", func(s snapshot) int { return s.rooms }),
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
	s := snapshot{transport: c.sockets.server.Stats(), realtime: c.hub.Stats(), rooms: len(c.hall.list())}
	s.refused = c.sockets.refused.All()
	maps.Copy(s.refused, s.transport.Refused)
	for _, g := range gauges {
		g.collect(s, to)
	}
}

// metrics answers /metrics: to whoever asks from this machine, and to holders
// of a service key. How many are here, and when, is nobody else's business.
func (a *Appliance) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collector{a}, a.hall.latency, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	page := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !net.ParseIP(hostOf(r.RemoteAddr)).IsLoopback() {
			if claims, err := a.signer.Verify(auth.Token(r)); err != nil || claims.Role != auth.Service {
				answer(w, http.StatusUnauthorized, map[string]any{"message": "Metrics are for this machine, or for a service key."})
				return
			}
		}
		page.ServeHTTP(w, r)
	})
}
