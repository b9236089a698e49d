package rtc

import (
	"slices"

	"github.com/pion/stun/v4"
)

// source is an address that a peer sends from. A sender can write another's address
// on a packet, and a check of 100 bytes was answered with 960. So an address is sent
// little until it has proved that it hears the box: by the answer to a check of the
// box's, whose number nobody else can know.
type source struct {
	budget *peerBudget // of the peer that the latest check from there was for
	proven bool
	// Until it is proven: the bytes that came from there and went there, and the
	// numbers of the last checks that the box sent there.
	came, went int
	asked      [][stun.TransactionIDSize]byte
}

const (
	// maxAnswer is how many times as much an unproven address is sent as came from
	// there (RFC 9000 §8.1). An answer to a check and the box's own check fit in twice.
	maxAnswer = 3
	// maxAsked is how many checks of the box may be answered: more than fit into what
	// an unproven address is sent for the checks of a second.
	maxAsked = 32
)

// heard notes a packet that has passed.
func (s *source) heard(packet []byte) {
	switch number, kind := checkOf(packet); {
	case s.proven:
	case kind == stun.ClassSuccessResponse && slices.Contains(s.asked, number):
		s.proven, s.asked = true, nil
	default:
		s.came += len(packet)
	}
}

// mayAnswer reports whether a packet may go there, and counts it.
func (s *source) mayAnswer(packet []byte) bool {
	if s.proven {
		return true
	}
	if s.went+len(packet) > maxAnswer*s.came {
		return false
	}
	s.went += len(packet)
	if number, kind := checkOf(packet); kind == stun.ClassRequest && number != ([stun.TransactionIDSize]byte{}) {
		s.asked = append(s.asked[max(0, len(s.asked)-maxAsked+1):], number)
	}
	return true
}

// checkOf returns the number and the class of an ICE check or an answer to one. What
// is neither has no number.
func checkOf(packet []byte) (number [stun.TransactionIDSize]byte, class stun.MessageClass) {
	if !stun.IsMessage(packet) {
		return number, 0
	}
	var kind stun.MessageType
	kind.ReadValue(uint16(packet[0])<<8 | uint16(packet[1]))
	copy(number[:], packet[8:])
	return number, kind.Class
}
