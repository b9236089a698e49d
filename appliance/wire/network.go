package wire

// NetworkReport is how it goes between a member's device and the box, and
// between the device and his ear, as it is on the wire. Times are in ms.
type NetworkReport struct {
	ID        string  `json:"student_id,omitempty"` // the box's: who reports does not say
	Transport string  `json:"transport"`            // "webrtc" or "websocket"
	RTT       float64 `json:"rtt_ms"`               // there and back
	Bound     float64 `json:"bound_ms"`             // the most that his clock may be wrong
	Loss      float64 `json:"loss"`                 // share of the box's packets that do not come, 0 to 1
	Queue     float64 `json:"queue_ms"`             // how long packets wait because the way is crowded
	Standing  float64 `json:"standing_ms"`          // how long even the luckiest of them waits
	Audio     float64 `json:"audio_ms"`             // from rendering to the ear
	Bluetooth bool    `json:"bluetooth"`            // whether his sound takes as long as that
}
