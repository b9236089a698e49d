package boxtest

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/sync/clock"
)

// masked makes a client's text frame with a mask of zeros. The text is shorter
// than 126 bytes.
func masked(text string) string {
	return "\x81" + string([]byte{0x80 | byte(len(text))}) + "\x00\x00\x00\x00" + text
}

// floods are the cheapest messages with answers.
var floods = []string{
	`[null,"1","phoenix","heartbeat",{}]`,
	`["1","1","realtime:lobby","broadcast",{"event":"x","payload":{}}]`,
	`["1","1","realtime:lobby","presence",{"event":"track","payload":{}}]`,
	`["1","1","realtime:none","phx_leave",{}]`,
}

// Clients that never read send as much as they can. The others still get the
// beat, and the memory of the box is bounded. Benchmarks measure how late a beat
// is.
func TestTheBeatContinuesDuringFloods(t *testing.T) {
	t.Parallel()
	const each, megabytes = 2, 16
	b := openBox(t, appliance.Config{Limits: map[string]int{"waiting": megabytes}})
	b.open("MUSIC-2024")
	teacher, listener := b.teacher("MUSIC-2024"), b.student("MUSIC-2024")
	var sockets []net.Conn
	for range each * len(floods) {
		sockets = append(sockets, b.dialUnread(b.token(anonClaims)).NetConn())
	}
	var flooding sync.WaitGroup
	for i, socket := range sockets {
		flooding.Go(func() {
			_, err := io.WriteString(socket, masked(`["1","1","realtime:lobby","phx_join",{"config":{"broadcast":{"ack":true,"self":true}}}]`))
			for burst := strings.Repeat(masked(floods[i%len(floods)]), 1000); err == nil; { // until the socket is closed
				_, err = io.WriteString(socket, burst)
			}
		})
	}
	teacher.must("set_tempo", object{"bpm": 240})
	teacher.must("start", object{})
	late, most := listener.beats(8, func() float64 { return value(b.scrape(), "queued_bytes") })
	for _, socket := range sockets {
		_ = socket.Close()
	}
	flooding.Wait()
	t.Logf("the latest beat was %v late, and at most %.0f bytes waited", late, most)
	if most > (megabytes+megabytes/4)<<20 {
		t.Errorf("%v bytes waited, want at most %d MB", most, megabytes)
	}
}

// beats waits for n beats. It returns the greatest delay of one, and the greatest
// result of look.
func (c *client) beats(n int, look func() float64) (late time.Duration, most float64) {
	c.t.Helper()
	for range n {
		var beat struct{ At float64 }
		c.expect("beat").into(&beat)
		late = max(late, time.Duration((float64(clock.Now())-beat.At)*float64(time.Millisecond)))
		most = max(most, look())
	}
	return late, most
}
