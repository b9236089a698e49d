package appliance

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"downbeat.local/sync/clock"
)

// masked is a client's text frame with a mask of zeros, of a text of less than
// 126 bytes.
func masked(text string) string {
	return "\x81" + string([]byte{0x80 | byte(len(text))}) + "\x00\x00\x00\x00" + text
}

// floods are the cheapest messages that have answers.
var floods = []string{
	`[null,"1","phoenix","heartbeat",{}]`,
	`["1","1","realtime:lobby","broadcast",{"event":"x","payload":{}}]`,
	`["1","1","realtime:lobby","presence",{"event":"track","payload":{}}]`,
	`["1","1","realtime:none","phx_leave",{}]`,
}

// TestTheBeatGoesOnBesideFloods: clients that never read send all they can.
// Members hear the beat, and the box does not fill. How late a beat may be on a
// busy machine is for benchmarks.
func TestTheBeatGoesOnBesideFloods(t *testing.T) {
	t.Parallel()
	const each, megabytes = 2, 16
	b := openBox(t, Config{Limits: map[string]int{"waiting": megabytes}})
	b.open("MUSIC-2024")
	teacher, listener := b.teacher("MUSIC-2024"), b.student("MUSIC-2024")
	var sockets []net.Conn
	for range each * len(floods) {
		sockets = append(sockets, b.dialDeaf(b.token(anonClaims)).NetConn())
	}
	var flooding sync.WaitGroup
	for i, socket := range sockets {
		flooding.Go(func() {
			_, err := io.WriteString(socket, masked(`["1","1","realtime:lobby","phx_join",{"config":{"broadcast":{"ack":true,"self":true}}}]`))
			for say := strings.Repeat(masked(floods[i%len(floods)]), 1000); err == nil; { // until the socket is closed
				_, err = io.WriteString(socket, say)
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

// beats listens to so many beats. It gives by how much the latest came too
// late, and the most of what look says meanwhile.
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
