package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// An Ogg page (RFC 3533, section 6): a header of 27 bytes, a table of segment
// sizes, the segments.
const (
	pageHeader   = 27
	pageType     = 5 // the byte of the flags
	pagePosition = 6 // samples until the end of the page, or -1
	pageChecksum = 22
	pageSegments = 26
	lastPage     = 4 // the flag
)

var errOgg = errors.New("not an Ogg stream")

// shorten ends a stream with the first page that reaches a number of samples.
// It returns a new slice, or the very stream if nothing is left out.
func shorten(stream []byte, samples int64) ([]byte, error) {
	for at := 0; at < len(stream); {
		size, err := pageSize(stream[at:])
		if err != nil {
			return nil, err
		}
		page := stream[at : at+size]
		at += size
		position := int64(binary.LittleEndian.Uint64(page[pagePosition:]))
		if position < samples || at == len(stream) {
			continue
		}
		short := append([]byte(nil), stream[:at]...)
		seal(short[at-size:])
		return short, nil
	}
	return stream, nil
}

// pageSize is how long the page is that b begins with.
func pageSize(b []byte) (int, error) {
	if len(b) < pageHeader || string(b[:4]) != "OggS" || len(b) < pageHeader+int(b[pageSegments]) {
		return 0, fmt.Errorf("%w: a page does not begin where it should", errOgg)
	}
	size := pageHeader + int(b[pageSegments])
	for _, segment := range b[pageHeader:size] {
		size += int(segment)
	}
	if size > len(b) {
		return 0, fmt.Errorf("%w: a page ends early", errOgg)
	}
	return size, nil
}

// seal makes a page the last of its stream.
func seal(page []byte) {
	page[pageType] |= lastPage
	binary.LittleEndian.PutUint32(page[pageChecksum:], 0)
	binary.LittleEndian.PutUint32(page[pageChecksum:], checksum(page))
}

// checksum is a CRC with the polynomial 0x04c11db7, most significant bit
// first, from zero and without inversion: not the one of hash/crc32.
func checksum(b []byte) uint32 {
	var crc uint32
	for _, v := range b {
		crc ^= uint32(v) << 24
		for range 8 {
			carry := crc >> 31
			crc = crc<<1 ^ carry*0x04c11db7
		}
	}
	return crc
}
