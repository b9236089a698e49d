package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// soundFont is the needed part of an SF2 or SF3 file (SoundFont Technical
// Specification 2.04): its lists and the bytes of its samples. In SF3 each
// sample is an Ogg Vorbis stream.
type soundFont struct {
	presets []presetHeader
	pbags   []bag
	pgens   []generator
	insts   []instHeader
	ibags   []bag
	igens   []generator
	samples []sampleHeader
	data    []byte
}

type presetHeader struct {
	name          string
	program, bank int
	bag           int
}

type instHeader struct {
	name string
	bag  int
}

type bag struct{ generator int }

type generator struct {
	op     uint16
	amount uint16
}

type sampleHeader struct {
	name               string
	start, end         uint32 // bytes of the stream, in SF3
	loopStart, loopEnd uint32 // samples
	rate               uint32
	pitch              uint8
	correction         int8 // cents
	kind               uint16
}

// Generators (specification section 8.1.2).
const (
	genHoldVol        = 35
	genDecayVol       = 36
	genSustainVol     = 37
	genReleaseVol     = 38
	genInstrument     = 41
	genKeyRange       = 43
	genVelRange       = 44
	genAttenuation    = 48
	genCoarseTune     = 51
	genFineTune       = 52
	genSampleID       = 53
	genSampleModes    = 54
	genExclusiveClass = 57
	genRootKey        = 58
)

var errFont = errors.New("not a sound font")

// parse reads a whole file.
func parse(file []byte) (*soundFont, error) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "sfbk" {
		return nil, errFont
	}
	chunks := make(map[string][]byte)
	if err := walk(file[12:], 1, chunks); err != nil {
		return nil, err
	}
	f := &soundFont{data: chunks["smpl"]}
	var err error
	read := func(name string, size int, take func(b []byte)) {
		list := chunks[name]
		if err == nil && (len(list) == 0 || len(list)%size != 0) {
			err = fmt.Errorf("%w: the list %s has %d bytes", errFont, name, len(list))
		}
		for ; err == nil && len(list) > 0; list = list[size:] {
			take(list)
		}
	}
	u16, u32 := binary.LittleEndian.Uint16, binary.LittleEndian.Uint32
	read("phdr", 38, func(b []byte) {
		f.presets = append(f.presets, presetHeader{text(b[:20]), int(u16(b[20:])), int(u16(b[22:])), int(u16(b[24:]))})
	})
	read("pbag", 4, func(b []byte) { f.pbags = append(f.pbags, bag{int(u16(b))}) })
	read("pgen", 4, func(b []byte) { f.pgens = append(f.pgens, generator{u16(b), u16(b[2:])}) })
	read("inst", 22, func(b []byte) { f.insts = append(f.insts, instHeader{text(b[:20]), int(u16(b[20:]))}) })
	read("ibag", 4, func(b []byte) { f.ibags = append(f.ibags, bag{int(u16(b))}) })
	read("igen", 4, func(b []byte) { f.igens = append(f.igens, generator{u16(b), u16(b[2:])}) })
	read("shdr", 46, func(b []byte) {
		f.samples = append(f.samples, sampleHeader{
			text(b[:20]), u32(b[20:]), u32(b[24:]), u32(b[28:]), u32(b[32:]), u32(b[36:]), b[40], int8(b[41]), u16(b[44:]),
		})
	})
	return f, err
}

// walk finds the chunks of a RIFF file, and those in its lists down to a depth.
func walk(b []byte, levels int, found map[string][]byte) error {
	for len(b) >= 8 {
		id, size := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		if size > len(b) {
			return fmt.Errorf("%w: %s ends early", errFont, id)
		}
		if id == "LIST" && size >= 4 && levels > 0 {
			if err := walk(b[4:size], levels-1, found); err != nil {
				return err
			}
		} else {
			found[id] = b[:size]
		}
		b = b[size:]
		if size%2 == 1 && len(b) > 0 && b[0] == 0 { // RIFF pads; some SF3 files do not
			b = b[1:]
		}
	}
	return nil
}

func text(b []byte) string { return strings.TrimRight(string(b), "\x00 ") }

// zone is the generators of a range of keys and velocities.
type zone map[uint16]uint16

func (z zone) has(op uint16) bool { _, ok := z[op]; return ok }

func (z zone) signed(op uint16, missing int) int {
	if v, ok := z[op]; ok {
		return int(int16(v))
	}
	return missing
}

// span is a range generator: low in the first byte, high in the second.
func (z zone) span(op uint16) (low, high int) {
	if v, ok := z[op]; ok {
		return int(v & 0xff), int(v >> 8)
	}
	return 0, 127
}

// zones returns the zones of bags first to last. A first zone without the
// generator that ends a zone applies to all others.
func zones(bags []bag, gens []generator, first, last int, end uint16) ([]zone, error) {
	var all []zone
	global := zone{}
	for i := first; i < last; i++ {
		if i+1 >= len(bags) || bags[i].generator > bags[i+1].generator || bags[i+1].generator > len(gens) {
			return nil, fmt.Errorf("%w: bag %d points outside", errFont, i)
		}
		z := zone{}
		for op, v := range global {
			z[op] = v
		}
		for _, g := range gens[bags[i].generator:bags[i+1].generator] {
			z[g.op] = g.amount
		}
		if z.has(end) {
			all = append(all, z)
		} else if i == first {
			global = z
		}
	}
	return all, nil
}

// region is a sample and its keys.
type region struct {
	zone
	sample sampleHeader
}

// preset returns the regions of a program.
func (f *soundFont) preset(bank, program int) ([]region, error) {
	for i, p := range f.presets {
		if p.bank != bank || p.program != program || i+1 >= len(f.presets) {
			continue
		}
		players, err := zones(f.pbags, f.pgens, p.bag, f.presets[i+1].bag, genInstrument)
		if err != nil {
			return nil, err
		}
		var all []region
		for _, pz := range players {
			regions, err := f.instrument(int(pz[genInstrument]), pz)
			if err != nil {
				return nil, err
			}
			all = append(all, regions...)
		}
		return all, nil
	}
	return nil, fmt.Errorf("no program %d in bank %d", program, bank)
}

// instrument returns the regions of an instrument within a preset's zone.
func (f *soundFont) instrument(id int, within zone) ([]region, error) {
	if id+1 >= len(f.insts) {
		return nil, fmt.Errorf("%w: no instrument %d", errFont, id)
	}
	all, err := zones(f.ibags, f.igens, f.insts[id].bag, f.insts[id+1].bag, genSampleID)
	if err != nil {
		return nil, err
	}
	low, high := within.span(genKeyRange)
	soft, loud := within.span(genVelRange)
	var regions []region
	for _, z := range all {
		if n := int(z[genSampleID]); n >= len(f.samples) {
			return nil, fmt.Errorf("%w: no sample %d", errFont, n)
		}
		l, h := z.span(genKeyRange)
		s, v := z.span(genVelRange)
		l, h, s, v = max(l, low), min(h, high), max(s, soft), min(v, loud)
		if l > h || s > v {
			continue
		}
		z[genKeyRange] = uint16(l | h<<8)
		z[genVelRange] = uint16(s | v<<8)
		for _, op := range []uint16{genAttenuation, genCoarseTune, genFineTune} { // those of a preset are added
			if within.has(op) {
				z[op] = uint16(z.signed(op, 0) + within.signed(op, 0))
			}
		}
		regions = append(regions, region{z, f.samples[z[genSampleID]]})
	}
	return regions, nil
}

// stream is the Ogg stream of a sample.
func (f *soundFont) stream(s sampleHeader) ([]byte, error) {
	if s.start > s.end || int64(s.end) > int64(len(f.data)) || s.end-s.start < 4 {
		return nil, fmt.Errorf("%w: the sample %s lies outside", errFont, s.name)
	}
	b := f.data[s.start:s.end]
	if string(b[:4]) != "OggS" {
		return nil, fmt.Errorf("the sample %s: %w; is the file an SF3?", s.name, errOgg)
	}
	return b, nil
}
