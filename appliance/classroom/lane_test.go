package classroom_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/classroom"
	"downbeat.local/scripts/impair"
)

func TestRunOverLanesCountsEveryNote(t *testing.T) {
	t.Parallel()
	b := newBox(t, 0)
	r, err := classroom.Run(t.Context(), classroom.Config{
		URL: b.url, Room: "music 2024", Students: 5, Rate: 10, Duration: time.Second,
		Transport: classroom.TransportLane, Arrival: classroom.ArrivalBeat,
	})
	if err != nil {
		t.Fatal(err)
	}
	skipIfBusy(t, r)
	got := []int{r.Students, r.Sent, r.Delivered, r.Lost, r.Duplicated, r.Network.Stuck, r.Network.Down}
	if diff := cmp.Diff([]int{5, 50, 200, 0, 0, 0, 0}, got); diff != "" {
		t.Errorf("students, sent, delivered, lost, duplicated, stuck, lanes down (-want +got):\n%s", diff)
	}
	if r.ClockError.P95 > 5 {
		t.Errorf("clock error %.3f ms at p95 over loopback, want at most 5", r.ClockError.P95)
	}
}

// TestRunOverLanesThatLosePackets drops one datagram in ten in each direction,
// two in a row, and delays others so that they arrive out of order.
func TestRunOverLanesThatLosePackets(t *testing.T) {
	t.Parallel()
	b, relay := behindRelay(t, newBox(t, 0))
	r, err := classroom.Run(t.Context(), classroom.Config{
		URL: b.url, Room: "music 2024", Students: 4, Rate: 8, Duration: 3 * time.Second,
		Transport: classroom.TransportLane, Arrival: classroom.ArrivalUniform,
		Joined: func() {
			bad := impair.Conditions{Delay: time.Millisecond, Loss: 0.1, Burst: 2, Reorder: 0.05, Late: 10 * time.Millisecond}
			if err := relay().Impair(bad, 1); err != nil {
				t.Error(err)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	skipIfBusy(t, r)
	got := []int{r.Sent, r.Delivered, r.Lost, r.Duplicated, r.Network.Stuck, r.Network.Down}
	if diff := cmp.Diff([]int{96, 288, 0, 0, 0, 0}, got); diff != "" {
		t.Errorf("sent, delivered, lost, duplicated, stuck, lanes down (-want +got):\n%s", diff)
	}
	if loss := r.Network.Loss; loss < 0.02 || loss > 0.25 {
		t.Errorf("the class missed %.1f %% of its frames, want about 10", 100*loss)
	}
}

// skipIfBusy skips the test if this machine delays a process for longer than a
// lane repeats a note. The box then drops the late packets, so notes are lost.
func skipIfBusy(t *testing.T, r classroom.Report) {
	t.Helper()
	if most := 80.0; r.Network.RTT.P99 > most {
		t.Skipf("this machine is too busy: a ping took %.0f ms", r.Network.RTT.P99)
	}
}

// behindRelay puts a relay between a box and its lanes: answers to offers name
// the relay's port. The relay starts with the first answer; before it is nil.
func behindRelay(t *testing.T, b box) (box, func() *impair.Relay) {
	t.Helper()
	to, err := url.Parse(b.url)
	if err != nil {
		t.Fatal(err)
	}
	var relay *impair.Relay
	start := sync.OnceFunc(func() {
		var err error
		if relay, err = impair.NewRelay(netip.MustParseAddrPort(to.Host), impair.Conditions{}, 1); err != nil {
			t.Error(err)
			return
		}
		run(t, relay.Run)
	})
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.StatusCode != http.StatusCreated {
			return nil
		}
		answer, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		start()
		moved := strings.ReplaceAll(string(answer), " "+to.Port()+" typ host", fmt.Sprint(" ", relay.Addr().Port(), " typ host"))
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(moved)), int64(len(moved))
		r.Header.Set("Content-Length", strconv.Itoa(len(moved)))
		if moved == string(answer) {
			t.Errorf("no candidate with port %s in\n%s", to.Port(), answer)
		}
		return err
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	b.url = s.URL
	return b, func() *impair.Relay { return relay }
}
