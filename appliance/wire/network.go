package wire

// NetworkReport is the state of the network between a member's device and the
// box, and of the device's sound, as on the wire. Times are in ms.
type NetworkReport struct {
	ID        string  `json:"student_id,omitempty"`    // filled in by the box
	Transport string  `json:"transport"`               // "webrtc" or "websocket"
	RTT       float64 `json:"rtt_ms"`                  // there and back
	Bound     float64 `json:"bound_ms"`                // on the error of the device's clock
	Loss      float64 `json:"loss"`                    // share of the box's packets that are lost, 0 to 1
	Queue     float64 `json:"queue_ms"`                // how long packets wait in queues
	Standing  float64 `json:"standing_ms"`             // how long even the fastest packet waits
	Audio     float64 `json:"audio_ms"`                // from rendering to the ear
	Guessed   bool    `json:"audio_guessed,omitempty"` // the browser does not report Audio
	Bluetooth bool    `json:"bluetooth"`               // the sound is as late as over Bluetooth
	Silent    bool    `json:"silent,omitempty"`        // the browser keeps the page silent until a press
	Played    bool    `json:"played,omitempty"`        // a note was played since the page was opened
}
