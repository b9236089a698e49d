package wire

// Limits on what one client may send (design, "Limits"). They are the
// defaults of settings; the frame sizes are also what the decoders expect.
const (
	MaxFrame        = 64 << 10 // bytes, for clients without a service key
	MaxServiceFrame = 3 << 20  // bytes, for service keys
	MaxTopic        = 255      // bytes: the longest that a binary frame can name
	MaxEvent        = 255      // bytes, likewise
)
