package rtc

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sentPackets is a connection that keeps what is sent over it.
type sentPackets struct {
	net.Conn
	mu   sync.Mutex // guards what follows
	sent [][]byte
	err  error // of the next writes
}

func (s *sentPackets) Write(packet []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, append([]byte(nil), packet...))
	return len(packet), s.err
}

// take returns what was sent since the last call: the chunks of each packet.
func (s *sentPackets) take(t *testing.T) (all [][]string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, packet := range s.sent {
		all = append(all, chunksOf(t, packet))
	}
	s.sent = nil
	return all
}

// chunksOf names the chunks of a packet, and checks its header.
func chunksOf(t *testing.T, packet []byte) (all []string) {
	t.Helper()
	if sum := checksum(packet); binary.BigEndian.Uint32(packet) != 5000<<16|5000 || sum != 0 && sum != computed(packet) {
		t.Errorf("the header %x is wrong", packet[:sctpHeader])
	}
	for rest := packet[sctpHeader:]; len(rest) > 0; {
		size := binary.BigEndian.Uint16(rest[2:])
		switch rest[0] {
		case chunkData:
			all = append(all, string(rest[16:size]))
		case chunkSack:
			all = append(all, "ack "+string(rest[7]))
		default:
			all = append(all, "other")
		}
		rest = rest[(size+3)/4*4:]
	}
	return all
}

func checksum(packet []byte) uint32 { return binary.LittleEndian.Uint32(packet[sctpChecksum:]) }

// computed is the checksum that a packet should have.
func computed(packet []byte) uint32 {
	bare := append([]byte(nil), packet...)
	clear(bare[sctpChecksum:sctpHeader])
	return crc32.Checksum(bare, crc32.MakeTable(crc32.Castagnoli))
}

func sctpPacket(chunk []byte) []byte {
	packet := append([]byte{19, 136, 19, 136, 1, 2, 3, 4, 0, 0, 0, 0}, chunk...)
	for len(packet)%4 > 0 {
		packet = append(packet, 0)
	}
	return packet
}

func dataPacket(text string) []byte {
	chunk := append([]byte{chunkData, 3, 0, byte(16 + len(text)), 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 53}, text...)
	return sctpPacket(chunk)
}

// ackPacket acknowledges everything up to a number, a letter here.
func ackPacket(upTo byte, gaps, twice int) []byte {
	size := sackLength + 4*gaps + 4*twice
	chunk := make([]byte, size)
	copy(chunk, []byte{chunkSack, 0, 0, byte(size), 0, 0, 0, upTo, 0, 1, 0, 0, 0, byte(gaps), 0, byte(twice)})
	return sctpPacket(chunk)
}

func withChecksum(packet []byte) []byte {
	binary.LittleEndian.PutUint32(packet[sctpChecksum:], computed(packet))
	return packet
}

// TestAcknowledgementsRideWithData covers when an acknowledgement leaves, and in
// which packet.
func TestAcknowledgementsRideWithData(t *testing.T) {
	type step struct {
		packet []byte
		wait   time.Duration
		want   [][]string // sent by then
	}
	soon := ackWait - time.Millisecond
	long := make([]byte, sctpMTU-28-sackLength+1)
	for name, steps := range map[string][]step{
		"with the next frame": {
			{ackPacket('a', 0, 0), soon, nil},
			{dataPacket("note"), 0, [][]string{{"ack a", "note"}}},
			{dataPacket("note 2"), time.Second, [][]string{{"note 2"}}},
		},
		"with a checksum": {
			{withChecksum(ackPacket('a', 0, 0)), 0, nil},
			{withChecksum(dataPacket("note")), 0, [][]string{{"ack a", "note"}}},
		},
		"alone if nothing leaves": {
			{ackPacket('a', 0, 0), soon, nil},
			{nil, time.Millisecond, [][]string{{"ack a"}}},
			{ackPacket('b', 0, 0), soon, nil},
			{nil, time.Millisecond, [][]string{{"ack b"}}},
		},
		"no later because others follow": {
			{ackPacket('a', 0, 0), soon, nil},
			{ackPacket('b', 0, 0), time.Millisecond, [][]string{{"ack b"}}},
		},
		"the fourth at once": {
			{ackPacket('a', 0, 0), 0, nil},
			{ackPacket('b', 0, 0), 0, nil},
			{ackPacket('c', 0, 0), 0, nil},
			{ackPacket('d', 0, 0), 0, [][]string{{"ack d"}}},
			{ackPacket('e', 0, 0), soon, nil},
		},
		"at once if something is missing": {
			{ackPacket('a', 0, 0), 0, nil},
			{ackPacket('b', 1, 0), 0, [][]string{{"ack b"}}},
			{dataPacket("note"), time.Second, [][]string{{"note"}}},
		},
		"at once if something came twice": {
			{ackPacket('a', 0, 1), 0, [][]string{{"ack a"}}},
		},
		"not in a full packet": {
			{ackPacket('a', 0, 0), 0, nil},
			{longPacket(long), 0, [][]string{{string(long)}}},
			{nil, ackWait, [][]string{{"ack a"}}},
		},
		"not with anything else": {
			{ackPacket('a', 0, 0), 0, nil},
			{sctpPacket([]byte{6, 0, 0, 4}), 0, [][]string{{"other"}}}, // ABORT
			{nil, ackWait, [][]string{{"ack a"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				over := new(sentPackets)
				b := &ackBundler{Conn: over}
				for i, s := range steps {
					if s.packet != nil {
						if n, err := b.Write(s.packet); n != len(s.packet) || err != nil {
							t.Errorf("step %d: wrote %d bytes of %d, %v", i, n, len(s.packet), err)
						}
					}
					time.Sleep(s.wait)
					synctest.Wait()
					if diff := cmp.Diff(s.want, over.take(t)); diff != "" {
						t.Errorf("step %d (-want +sent):\n%s", i, diff)
					}
				}
			})
		})
	}
}

// longPacket is a packet with more data than a length of one byte can say.
func longPacket(data []byte) []byte {
	chunk := append(make([]byte, 16), data...)
	chunk[1] = 3
	binary.BigEndian.PutUint16(chunk[2:], uint16(len(chunk)))
	return sctpPacket(chunk)
}

// TestAcknowledgementsReportABrokenConnection checks that SCTP hears of it.
func TestAcknowledgementsReportABrokenConnection(t *testing.T) {
	over := &sentPackets{err: net.ErrClosed}
	b := &ackBundler{Conn: over}
	_, _ = b.Write(ackPacket('a', 0, 0))
	if _, err := b.Write(dataPacket("note")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
}
