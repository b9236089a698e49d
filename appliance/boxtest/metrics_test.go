package boxtest

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"downbeat.local/appliance"
	member "downbeat.local/appliance/client"
	"downbeat.local/appliance/gateway"
)

// scrape reads /metrics as Prometheus does.
func (b *box) scrape() map[string]*dto.MetricFamily {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), "GET", b.url+"/metrics", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if !b.Addr().(*net.TCPAddr).IP.IsLoopback() {
		req.Header.Set("Authorization", "Bearer "+b.token(serviceClaims))
	}
	resp, err := b.http.Do(req)
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

// value is a figure of the box, 0 if there is none of that name. A figure with
// reasons is summed over the given reasons, or over all.
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
	b := openBox(t, appliance.Config{})
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

// TestMetricsSayWhy does one thing after another that the box refuses.
func TestMetricsSayWhy(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{Limits: map[string]int{"member-clients": 1, "channels": 2, "events": 1}})
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
		c.reply(c.push("phoenix", "heartbeat", object{})) // the box has read all before it
		if after := b.scrape(); value(after, try.metric, try.reason) <= value(before, try.metric, try.reason) {
			t.Errorf("%s does not count %s", try.metric, try.reason)
		}
	}
}

// refused asks for a socket, which the box must refuse with that status.
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

// The packets of lanes are counted, and those from strangers apart from them.
func TestMetricsOfLanes(t *testing.T) {
	b := openBox(t, appliance.Config{})
	token := b.token(anonClaims)
	peer, err := member.OpenPeer(t.Context(), b.url+gateway.OfferPath+"?apikey="+token, token)
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	stranger, err := net.Dial("udp4", "127.0.0.1:"+b.lanePort())
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
