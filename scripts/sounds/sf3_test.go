package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// chunk makes a RIFF chunk.
func chunk(id string, body []byte) []byte {
	b := append([]byte(id), binary.LittleEndian.AppendUint32(nil, uint32(len(body)))...)
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// page makes an Ogg page that ends at a sample.
func page(flags byte, position int64, body string) []byte {
	b := append([]byte("OggS"), 0, flags)
	b = binary.LittleEndian.AppendUint64(b, uint64(position))
	b = append(b, make([]byte, 12)...) // serial number, sequence number, checksum
	b = append(b, 1, byte(len(body)))
	b = append(b, body...)
	binary.LittleEndian.PutUint32(b[pageChecksum:], checksum(b))
	return b
}

// bare is a page without its checksum and some flags.
func bare(page []byte, flags byte) []byte {
	page = bytes.Clone(page)
	page[pageType] &^= flags
	clear(page[pageChecksum : pageChecksum+4])
	return page
}

// sound is a stream of a second at 44.1 kHz, in pages of a quarter.
func sound() []byte {
	return slices.Concat(page(2, 0, "head"), page(0, 11025, "one"), page(0, 22050, "two"), page(0, 33075, "three"), page(4, 44100, "four"))
}

// font makes a sound font with one program of one sample.
func font(stream []byte) []byte {
	name := func(s string) []byte { return append([]byte(s), make([]byte, 20-len(s))...) }
	u16 := func(v ...uint16) (b []byte) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint16(b, x)
		}
		return b
	}
	u32 := func(v ...uint32) (b []byte) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
		return b
	}
	join := func(parts ...[]byte) (b []byte) {
		for _, p := range parts {
			b = append(b, p...)
		}
		return b
	}
	pdta := join(
		chunk("phdr", join(name("Test"), u16(0, 0, 0), make([]byte, 12), name("EOP"), u16(0, 0, 1), make([]byte, 12))),
		chunk("pbag", u16(0, 0, 2, 0)),
		chunk("pgen", u16(genCoarseTune, 0xffff, genInstrument, 0, 0, 0)),
		chunk("inst", join(name("Test"), u16(0), name("EOI"), u16(1))),
		chunk("ibag", u16(0, 0, 7, 0)),
		chunk("igen", u16(genKeyRange, 40|80<<8, genSampleModes, 1, genHoldVol, 1200, genDecayVol, 2400, genSustainVol, 1000,
			genExclusiveClass, 3, genSampleID, 0, 0, 0)),
		chunk("shdr", join(name("C4"), u32(0, uint32(len(stream)), 441, 4410, 44100), []byte{60, 0xfb}, u16(0, 1), name("EOS"), make([]byte, 26))),
	)
	body := join([]byte("sfbk"), chunk("LIST", join([]byte("sdta"), chunk("smpl", stream))), chunk("LIST", join([]byte("pdta"), pdta)))
	return chunk("RIFF", body)
}

func TestCut(t *testing.T) {
	f, err := parse(font(sound()))
	if err != nil {
		t.Fatal(err)
	}
	got, streams, err := f.cut(instrument{"test", 0, 0, 36, 96, 4, 100, 9})
	if err != nil {
		t.Fatal(err)
	}
	fall := 4 / (5 * math.Ln10)
	want := []sample{{
		Size: len(streams), Root: 61, Cents: -5, Low: 36, High: 96, Loop: &loop{0.01, 0.1},
		Gain: 1, Decay: &decay{After: 2, Over: round(fall)}, Release: 0.02, Choke: 3,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the loop ends in the first quarter (-want +got):\n%s", diff)
	}
	if got, want := streams, sound()[:3*(pageHeader+1)+len("headone")-1]; len(got) != len(want) {
		t.Errorf("got a stream of %d bytes, want %d: a quarter and the end", len(got), len(want))
	}
}

func TestShorten(t *testing.T) {
	whole := sound()
	for samples, want := range map[int64]int{
		0: 2, 1: 3, 11025: 3, // with an empty one where only one page has sound
		11026: 3, 33076: 5, 1 << 40: 5,
	} {
		got, err := shorten(whole, samples)
		if err != nil {
			t.Fatal(err)
		}
		pages := 0
		for old, rest := whole, got; len(rest) > 0; pages++ {
			size, err := pageSize(rest)
			if err != nil {
				t.Fatal(err)
			}
			page := rest[:size]
			if sum := binary.LittleEndian.Uint32(page[pageChecksum:]); sum != checksum(bare(page, 0)) {
				t.Errorf("shorten(%d): page %d has the checksum %#x", samples, pages, sum)
			}
			if last := page[pageType]&lastPage != 0; last != (size == len(rest)) {
				t.Errorf("shorten(%d): page %d is the last: %v", samples, pages, last)
			}
			if size > pageHeader && !bytes.Equal(bare(page, lastPage), bare(old[:size], lastPage)) {
				t.Errorf("shorten(%d): page %d has changed", samples, pages)
			}
			rest, old = rest[size:], old[min(size, len(old)):]
		}
		if pages != want {
			t.Errorf("shorten(%d) makes %d pages, want %d", samples, pages, want)
		}
	}
	if !bytes.Equal(whole, sound()) {
		t.Error("shorten alters the stream that it is given")
	}
}

// The check value of CRC-32 with the polynomial 0x04c11db7 as in Ogg: from zero,
// not reflected, not inverted. The browser tests decode the shortened streams.
func TestChecksum(t *testing.T) {
	if got, want := checksum([]byte("123456789")), uint32(0x89a1897f); got != want {
		t.Errorf("got %#x, want %#x", got, want)
	}
}

func TestMalformed(t *testing.T) {
	whole := font(sound())
	for n := range whole[:len(whole)-1] {
		f, err := parse(whole[:n])
		if err == nil {
			_, _, err = f.cut(instrument{"test", 0, 0, 36, 96, 4, 100, 9})
		}
		if err == nil {
			t.Errorf("the first %d of %d bytes are cut without complaint", n, len(whole))
		}
	}
	f, err := parse(font([]byte("RIFF, an uncompressed sample")))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.cut(instrument{"test", 0, 0, 36, 96, 4, 100, 9}); !errors.Is(err, errOgg) {
		t.Errorf("an SF2: got %v, want %v", err, errOgg)
	}
}

func FuzzCut(f *testing.F) {
	f.Add(font(sound()))
	f.Fuzz(func(_ *testing.T, file []byte) {
		if font, err := parse(file); err == nil {
			_, _, _ = font.cut(instrument{"test", 0, 0, 0, 127, 4, 100, 1})
			_, _, _ = font.cut(instrument{"drums", drumBank, 0, 0, 127, 4, 100, 1})
		}
	})
}
