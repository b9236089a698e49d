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
	pageNumber   = 18
	pageChecksum = 22
	pageSegments = 26
	lastPage     = 4 // the flag
)

var errOgg = errors.New("not an Ogg stream")

// shorten copies a stream up to the first page that reaches a number of samples.
func shorten(stream []byte, samples int64) ([]byte, error) {
	sounding := 0
	for at := 0; at < len(stream); {
		size, err := pageSize(stream[at:])
		if err != nil {
			return nil, err
		}
		page := stream[at : at+size]
		at += size
		position := int64(binary.LittleEndian.Uint64(page[pagePosition:]))
		if position > 0 {
			sounding++
		}
		if position < samples && at < len(stream) {
			continue
		}
		short := append([]byte(nil), stream[:at]...)
		page = short[at-size:]
		if sounding > 1 {
			page[pageType] |= lastPage
			seal(page)
			return short, nil
		}
		return append(short, end(page)...), nil
	}
	return nil, fmt.Errorf("%w: it is empty", errOgg)
}

// end adds an empty last page, and clears the flag of the page before it. If the
// first page with sound is also the last, Chromium's decoder loses up to 256
// samples, and loops with them.
func end(before []byte) []byte {
	before[pageType] &^= lastPage
	seal(before)
	last := append([]byte(nil), before[:pageHeader]...)
	last[pageType] = lastPage
	last[pageSegments] = 0
	binary.LittleEndian.PutUint32(last[pageNumber:], binary.LittleEndian.Uint32(before[pageNumber:])+1)
	seal(last)
	return last
}

// pageSize is the length of the page at the beginning of b.
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

// seal writes the checksum of a changed page.
func seal(page []byte) {
	binary.LittleEndian.PutUint32(page[pageChecksum:], 0)
	binary.LittleEndian.PutUint32(page[pageChecksum:], checksum(page))
}

// checksum is a CRC with the polynomial 0x04c11db7, most significant bit first,
// from zero and without inversion. hash/crc32 has another one.
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
