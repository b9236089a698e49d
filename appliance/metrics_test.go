package appliance

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"downbeat.local/appliance/classroom"
)

// scrape reads /metrics as Prometheus does.
func (b *box) scrape() map[string]*dto.MetricFamily {
	b.t.Helper()
	resp, err := b.http.Get(b.url + "/metrics")
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.t.Fatalf("%d, %v", resp.StatusCode, err)
	}
	return families
}

// value is a figure of the box, 0 if it has none of that name. Of one with
// reasons it is the sum, or that for the reasons given.
func value(families map[string]*dto.MetricFamily, name string, reasons ...string) (sum float64) {
	for _, m := range families["downbeat_"+name].GetMetric() {
		if len(reasons) > 0 && (len(m.GetLabel()) == 0 || !slices.Contains(reasons, m.GetLabel()[0].GetValue())) {
			continue
		}
		sum += m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	return sum
}

func TestMetrics(t *testing.T) {
	b := openBox(t, Config{})
	b.open("MUSIC-2024")
	before := b.scrape()
	player, listener := b.student("MUSIC-2024"), b.frames("MUSIC-2024")
	player.must("play_note", object{"midi": 60})
	player.must("chat", object{})
	listener.event()
	listener.expect("chat")
	anon := b.dial(b.token(anonClaims))
	if r := anon.subscribe("secret", object{"private": true}); r.Status != "error" {
		t.Fatalf("join: %+v", r)
	}
	after := b.scrape()
	for name, least := range map[string]float64{
		"connections": 3, "connections_opened_total": 3, "messages_sent_total": 8, "bytes_sent_total": 500,
		"members": 2, "presence_entries": 2, "messages_received_total": 5, "joins_total": 2, "broadcasts_total": 1,
		"joins_refused_total": 1, "policy_denials_total": 1, "note_delivery_seconds": 1,
	} {
		if got := value(after, name) - value(before, name); got < least {
			t.Errorf("%s went up by %v, want at least %v", name, got, least)
		}
	}
	if value(after, "rooms") != 1 || after["go_goroutines"] == nil || after["process_resident_memory_bytes"] == nil {
		t.Errorf("rooms, goroutines or memory are missing")
	}
}

// TestMetricsSayWhy does one thing after the other that a box does not take.
func TestMetricsSayWhy(t *testing.T) {
	t.Parallel()
	b := openBox(t, Config{Limits: map[string]int{"member-clients": 1, "channels": 2, "events": 1}})
	b.open("MUSIC-2024")
	seat := b.sit("MUSIC-2024", "")
	c := b.dial(seat.Token).join("MUSIC-2024")
	joins := func(topic string, config object) func() {
		return func() { c.reply(c.push(topic, "phx_join", object{"config": config})) }
	}
	says := func(topic, event string, payload object) func() {
		return func() { c.reply(c.push(topic, event, payload)) }
	}
	joins("realtime:lobby", object{})()
	for _, try := range []struct {
		metric, reason string
		do             func()
	}{
		{"connections_refused_total", "key", func() { b.refused(http.StatusUnauthorized, "apikey", "x", "vsn", "2.0.0") }},
		{"connections_refused_total", "version", func() { b.refused(http.StatusForbidden, "apikey", seat.Token, "vsn", "3.0.0") }},
		{"connections_refused_total", "caller_full", func() { b.refused(http.StatusTooManyRequests, "apikey", seat.Token, "vsn", "2.0.0") }},
		{"joins_refused_total", "ChannelRateLimitReached", joins("realtime:other", object{})},
		{"joins_refused_total", "TopicNameRequired", joins("realtime:", object{})},
		{"messages_ignored_total", "unmatched_topic", joins("other", object{})},
		{"messages_ignored_total", "unmatched_topic", says("realtime:other", "broadcast", object{"event": "x"})},
		{"messages_ignored_total", "unknown_event", says(c.topic, "flush", object{})},
		{"messages_ignored_total", "malformed", func() { c.write(websocket.TextMessage, []byte("[")) }},
		{"messages_ignored_total", "too_large_presence", says(c.topic, "presence", object{"event": "track", "payload": object{"x": strings.Repeat("x", 10_000)}})},
		{"messages_ignored_total", "too_many_of_member", func() { c.flood("chat", 10) }},
		{"policy_denials_total", "broadcast", says(c.topic, "broadcast", object{"event": "beat"})},
		{"policy_denials_total", "post", func() { b.postTo(batchPath+"/music_room:MUSIC-2024/events/chat", anonClaims, jsonKind, "{}") }},
	} {
		before := b.scrape()
		try.do()
		c.reply(c.push("phoenix", "heartbeat", object{})) // what was sent has been read
		if after := b.scrape(); value(after, try.metric, try.reason) <= value(before, try.metric, try.reason) {
			t.Errorf("%s does not count %s", try.metric, try.reason)
		}
	}
}

// refused asks for a socket that the box must refuse with that status.
func (b *box) refused(status int, query ...string) {
	b.t.Helper()
	q := url.Values{}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+b.url[len("http"):]+"/realtime/v1/websocket?"+q.Encode(), nil)
	if err == nil {
		_ = ws.Close()
	}
	if resp == nil || resp.StatusCode != status {
		b.t.Errorf("asking for %v: %v, want %d", query, err, status)
	}
}

func TestMetricsAreNotForEverybody(t *testing.T) {
	b := openBox(t, Config{})
	for token, want := range map[string]int{
		"": http.StatusUnauthorized, b.token(anonClaims): http.StatusUnauthorized,
		b.token(teacherClaims): http.StatusUnauthorized, b.token(serviceClaims): http.StatusOK,
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
		r.RemoteAddr = "192.0.2.7:4000"
		r.Header.Set("Authorization", "Bearer "+token)
		b.metrics().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("got %d, want %d", w.Code, want)
		}
	}
}

// TestMetricsOfLanes: what a radio has to carry is counted, and what no client
// sent apart from it.
func TestMetricsOfLanes(t *testing.T) {
	b := openBox(t, Config{})
	token := b.token(anonClaims)
	peer, err := classroom.OpenPeer(t.Context(), b.url+OfferPath+"?apikey="+token, token)
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	stranger, err := net.Dial("udp4", b.sockets.server.LaneAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if _, err := stranger.Write([]byte("who is there?")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "packets are counted", func() (wrong string) {
		now := b.scrape()
		sent, received := value(now, "lane_packets_sent_total"), value(now, "lane_packets_received_total")
		if refused := value(now, "lane_packets_refused_total"); refused != 1 || sent < 5 || received < 5 {
			return fmt.Sprintf("%v sent, %v received, %v refused", sent, received, refused)
		}
		return ""
	})
}
