package classroom

import "time"

// Airtime of one small frame on a Wi-Fi channel, with contention and the
// acknowledgement: 5 GHz, 20 MHz, 65 Mb/s, the EDCA parameters of the standard.
// The data takes about 25 µs of it.
const (
	AirtimeBestEffort = 220 * time.Microsecond
	airtimeVoice      = 160 * time.Microsecond
)

// acksPerPacket is how many acknowledgements a packet causes. TCP and SCTP
// acknowledge every second packet.
const acksPerPacket = 0.5

// Airtime computes the share of a channel that a class takes. Each member
// receives down and sends up messages a second, each in a frame of its own. Above
// 0.6 to 0.7 frames wait in queues that grow.
func Airtime(members int, down, up float64, frame time.Duration) float64 {
	return float64(members) * (down + up) * (1 + acksPerPacket) * frame.Seconds()
}
