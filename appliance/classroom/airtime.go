package classroom

import "time"

// What one small frame takes of a Wi-Fi channel, contention and its answer
// included: 5 GHz, 20 MHz, 65 Mb/s, the standard's own EDCA parameters. About
// 25 µs of it are data.
const (
	AirtimeBestEffort = 220 * time.Microsecond
	airtimeVoice      = 160 * time.Microsecond
)

// acknowledged is how many packets answer one: TCP and SCTP acknowledge every
// second.
const acknowledged = 0.5

// Airtime is the share of a channel that a class takes when each member gets
// and sends so many messages a second, each in a frame of its own: computed,
// not measured. Above 0.6 to 0.7 a channel collapses into queues.
func Airtime(members int, down, up float64, frame time.Duration) float64 {
	return float64(members) * (down + up) * (1 + acknowledged) * frame.Seconds()
}
