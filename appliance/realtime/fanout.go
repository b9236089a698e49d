package realtime

import "time"

// What a message to one member takes: its place in the queue and its part of a
// write, and the copying of its bytes. Both are estimates on the high side: forty
// players who hear each other take a sixth of a core.
const (
	perDelivery     = 20 * time.Microsecond
	perByteDelivery = 10 * time.Nanosecond
)

// SpendFanOut charges the client for a message of some bytes that every member of
// the channel will get. The error is a *Refusal, and then the message must not be
// sent: what one device orders that way grows with the square of its connections.
func (m *Member) SpendFanOut(bytes int) error { return m.session.spendFanOut(m.channel, bytes) }

func (s *Session) spendFanOut(ch *Channel, bytes int) error {
	ledger := s.hub.cfg.Cost
	if err := ledger.MayWork(s.hello.Payer); err != nil {
		return &Refusal{Reason: errTooManyMessages.Reason, Message: err.Error()}
	}
	each := perDelivery + time.Duration(bytes)*perByteDelivery
	ledger.Worked(s.hello.Payer, time.Duration(len(ch.Members()))*each)
	return nil
}
