package rtc

import (
	"sync"
	"testing"
	"time"

	"downbeat.local/appliance/rtc/rtctest"
)

// newRawPhone connects a client that makes its packets itself. The box reads its
// notes until they end, and then ends the peer.
func (l *Listener) newRawPhone(t *testing.T) (*rtctest.RawPhone, connecting) {
	t.Helper()
	p := rtctest.NewRawPhone(t)
	box, answer := l.connect(t, p.Offer)
	p.Connect(t, answer)
	if !<-box.connected {
		t.Fatal("the peer did not connect")
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer box.End()
		for buffer := make([]byte, maxNote); ; {
			if _, _, err := box.Notes.Read(buffer); err != nil {
				return
			}
		}
	})
	t.Cleanup(func() {
		box.End()
		reading.Wait()
	})
	return p, box
}

// TestPiecesOfMessages covers a client that sends messages which are never
// complete. It loses its peer before they take time and memory from others.
func TestPiecesOfMessages(t *testing.T) {
	l := listen(t)
	p, box := l.newRawPhone(t)
	other, otherBox := l.newRawPhone(t)
	sent := 0
	for !box.hasEnded() {
		const each = 50
		if p.SendPieces(each) == nil {
			sent += each
		}
	}
	if sent < maxWaiting {
		t.Errorf("the peer ended after %d pieces, want more than %d", sent, maxWaiting)
	}
	if err := other.SendPieces(1); err != nil || otherBox.hasEnded() {
		t.Errorf("another peer ended too: %v", err)
	}
}

// hasEnded waits a millisecond for the peer to end.
func (p connecting) hasEnded() bool {
	select {
	case <-p.Done():
		return true
	case <-time.After(time.Millisecond):
		return false
	}
}
