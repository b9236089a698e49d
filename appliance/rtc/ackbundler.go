package rtc

import (
	"encoding/binary"
	"hash/crc32"
	"net"
	"sync"
	"time"
)

// ackBundler is what SCTP sends its packets over. pion sends each acknowledgement
// in a packet of its own (sctp v1.12.1). A radio spends as long on it as on a
// frame of notes. So an acknowledgement waits a moment, and rides in the next
// packet with data (RFC 9260, section 6.2).
type ackBundler struct {
	net.Conn

	mu      sync.Mutex // guards what follows; held during a write
	ack     []byte     // the packet that waits; empty if none does
	merged  int        // how many acknowledgements it stands for
	scratch []byte
	timer   *time.Timer // sends ack by itself
}

const (
	// ackWait is how long an acknowledgement waits for data. SCTP may delay one by
	// 200 ms already; a sender that hears nothing resends after 300 ms or more.
	ackWait = 40 * time.Millisecond
	// maxMerged is how many acknowledgements become one. Each stands for two
	// packets. A sender with much to send waits for them.
	maxMerged = 4
)

// The parts of an SCTP packet that acknowledgements are made of (RFC 9260,
// sections 3.1 and 3.3.4). Numbers are offsets in bytes.
const (
	sctpChecksum  = 8
	sctpHeader    = 12 // length
	sctpChunkSize = sctpHeader + 2
	sackGaps      = sctpHeader + 12
	sackTwice     = sctpHeader + 14
	sackLength    = 16 // without gaps
	chunkData     = 0  // types
	chunkSack     = 3
)

// Write sends a packet, or keeps it for a moment if it is an acknowledgement.
func (b *ackBundler) Write(packet []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case len(packet) <= sctpHeader:
	case isPlainAck(packet):
		return len(packet), b.keepLocked(packet)
	case packet[sctpHeader] == chunkSack: // it says that something is lost
		b.dropLocked()
	case packet[sctpHeader] == chunkData && len(b.ack) > 0 && len(packet)+sackLength <= sctpMTU:
		return len(packet), b.sendBothLocked(packet)
	}
	return b.Conn.Write(packet)
}

// isPlainAck reports whether a packet is an acknowledgement and nothing else. One
// with gaps or with what came twice is none: the sender should know at once.
func isPlainAck(packet []byte) bool {
	return len(packet) == sctpHeader+sackLength && packet[sctpHeader] == chunkSack &&
		binary.BigEndian.Uint16(packet[sctpChunkSize:]) == sackLength &&
		binary.BigEndian.Uint16(packet[sackGaps:]) == 0 && binary.BigEndian.Uint16(packet[sackTwice:]) == 0
}

// keepLocked keeps an acknowledgement in place of the one before, which says
// less. It sends one that stands for many.
func (b *ackBundler) keepLocked(ack []byte) error {
	b.ack = append(b.ack[:0], ack...)
	switch b.merged++; {
	case b.merged == maxMerged:
		return b.sendLocked()
	case b.timer == nil:
		b.timer = time.AfterFunc(ackWait, b.waited)
	case b.merged == 1:
		b.timer.Reset(ackWait)
	}
	return nil
}

// waited sends an acknowledgement that no data took along.
func (b *ackBundler) waited() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ack) > 0 {
		_ = b.sendLocked() // SCTP notices by its next packet
	}
}

func (b *ackBundler) sendLocked() error {
	_, err := b.Conn.Write(b.ack)
	b.dropLocked()
	return err
}

// sendBothLocked sends a packet with data behind the acknowledgement that waits.
func (b *ackBundler) sendBothLocked(data []byte) error {
	both := append(b.scratch[:0], data[:sctpHeader]...)
	both = append(both, b.ack[sctpHeader:]...)
	both = append(both, data[sctpHeader:]...)
	if binary.BigEndian.Uint32(data[sctpChecksum:]) != 0 { // or the peer wants none (RFC 9653)
		clear(both[sctpChecksum:sctpHeader])
		binary.LittleEndian.PutUint32(both[sctpChecksum:], crc32.Checksum(both, castagnoli))
	}
	b.scratch = both
	b.dropLocked()
	_, err := b.Conn.Write(both)
	return err
}

// castagnoli is the checksum of SCTP (RFC 9260, appendix A).
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// dropLocked forgets the acknowledgement that waits.
func (b *ackBundler) dropLocked() {
	b.ack, b.merged = b.ack[:0], 0
	if b.timer != nil {
		b.timer.Stop()
	}
}
