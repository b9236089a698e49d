package appliance

import (
	"net/http"
	"net/http/httptest"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
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

// value is a figure of the box, 0 if it has none of that name.
func value(families map[string]*dto.MetricFamily, name string) float64 {
	for _, m := range families["downbeat_"+name].GetMetric() {
		return m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	return 0
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
