package main

import (
	"errors"
	"math"
	"slices"
)

// sample is an entry of kit.json; webui/src/engine/audio/instruments.ts reads it.
type sample struct {
	Offset  int     `json:"offset"`
	Size    int     `json:"size"`
	Root    int     `json:"root"`
	Cents   int     `json:"cents"`
	Low     int     `json:"low"`
	High    int     `json:"high"`
	Loop    *loop   `json:"loop,omitempty"`
	Short   bool    `json:"short,omitempty"` // the stream ends before silence
	Gain    float64 `json:"gain"`
	Decay   *decay  `json:"decay,omitempty"`
	Release float64 `json:"release"` // time constant, seconds
	Choke   int     `json:"choke,omitempty"`
}

// loop is the part that repeats while a key is held, in seconds.
type loop struct {
	Start float64 `json:"start"`
	End   float64 `json:"end"`
}

// decay is how a held note fades: not at all for some seconds, then toward a
// share of its loudness with a time constant.
type decay struct {
	After float64 `json:"after"`
	Over  float64 `json:"over"`
	To    float64 `json:"to,omitempty"`
}

// cut copies an instrument's samples out of the font.
func (f *soundFont) cut(i instrument) ([]sample, []byte, error) {
	regions, err := f.preset(i.bank, i.program)
	if err != nil {
		return nil, nil, err
	}
	kept := choose(regions, i)
	if len(kept) == 0 {
		return nil, nil, errors.New("the sound font has no samples for these keys")
	}
	var samples []sample
	var streams []byte
	known := make(map[string]sample) // by the name in the font: some regions share a sample
	for n, r := range kept {
		s := describe(r)
		if i.bank != drumBank {
			s.Low, s.High = between(kept, n, i)
		}
		at, ok := known[r.sample.name]
		if !ok {
			stream, short, err := f.excerpt(r, s, i)
			if err != nil {
				return nil, nil, err
			}
			at = sample{Offset: len(streams), Size: len(stream), Short: short}
			known[r.sample.name] = at
			streams = append(streams, stream...)
		}
		s.Offset, s.Size, s.Short = at.Offset, at.Size, at.Short
		if s.Short {
			s.Loop = nil
		}
		samples = append(samples, s)
	}
	return samples, streams, nil
}

// loopMargin is kept after the end of a loop, in seconds: an interpolator reads
// past the end.
const loopMargin = 0.05

// excerpt is the needed part of a region's stream. It is short if sound is cut
// off; then it has lost its loop too.
func (f *soundFont) excerpt(r region, s sample, i instrument) (stream []byte, short bool, err error) {
	whole, err := f.stream(r.sample)
	if err != nil {
		return nil, false, err
	}
	seconds := i.seconds
	loops := s.Loop != nil && s.Loop.End <= i.seconds
	if loops {
		seconds = s.Loop.End + loopMargin
	}
	stream, err = shorten(whole, int64(seconds*float64(r.sample.rate)))
	return stream, !loops && len(stream) < len(whole), err
}

// choose keeps one sample for each pitch, of the wanted velocity and the left of
// a stereo pair. Of those it keeps the ones that spread best over the keys.
func choose(regions []region, i instrument) []region {
	seen := make(map[int]bool)
	var kept []region
	for _, r := range regions {
		low, high := r.span(genKeyRange)
		soft, loud := r.span(genVelRange)
		key := describe(r).Root
		if i.bank == drumBank {
			key = low
		}
		const right = 2
		if high < i.low || low > i.high || i.velocity < soft || i.velocity > loud || r.sample.kind&0xf == right || seen[key] {
			continue
		}
		seen[key] = true
		kept = append(kept, r)
	}
	slices.SortFunc(kept, func(a, b region) int { return describe(a).Root - describe(b).Root })
	if i.bank == drumBank || len(kept) <= i.most {
		return kept
	}
	return spread(kept, i)
}

// spread keeps the regions nearest to the middles of equal parts of the keys.
func spread(all []region, i instrument) []region {
	var kept []region
	for n := range i.most {
		middle := i.low + (2*n+1)*(i.high-i.low)/(2*i.most)
		away := func(r region) int { return max(describe(r).Root-middle, middle-describe(r).Root) }
		best := slices.MinFunc(all, func(a, b region) int { return away(a) - away(b) })
		if len(kept) == 0 || describe(kept[len(kept)-1]).Root != describe(best).Root {
			kept = append(kept, best)
		}
	}
	return kept
}

// between returns the keys nearer to the n-th sample than to its neighbours.
func between(kept []region, n int, i instrument) (low, high int) {
	root := describe(kept[n]).Root
	low, high = min(i.low, root), max(i.high, root)
	if n > 0 {
		low = (describe(kept[n-1]).Root+root)/2 + 1
	}
	if n+1 < len(kept) {
		high = (root + describe(kept[n+1]).Root) / 2
	}
	return low, high
}

func describe(r region) sample {
	s := sample{Root: r.signed(genRootKey, -1), Choke: r.signed(genExclusiveClass, 0)}
	if s.Root < 0 {
		s.Root = int(r.sample.pitch)
	}
	s.Root -= r.signed(genCoarseTune, 0)
	s.Cents = int(r.sample.correction) + r.signed(genFineTune, 0)
	s.Low, s.High = r.span(genKeyRange)
	s.Gain = round(level(0.4 * float64(r.signed(genAttenuation, 0)))) // synthesizers honour 0.4 of it
	s.Release = round(min(0.5, max(0.02, fall(r.signed(genReleaseVol, instant)))))
	s.Decay = decayOf(r)
	if r.signed(genSampleModes, 0)&1 == 1 && r.sample.loopEnd > r.sample.loopStart && r.sample.rate > 0 {
		rate := float64(r.sample.rate)
		s.Loop = &loop{round(float64(r.sample.loopStart) / rate), round(float64(r.sample.loopEnd) / rate)}
	}
	return s
}

// inaudible is 60 dB down, in centibels: a lower level counts as silence.
const inaudible = 600

func decayOf(r region) *decay {
	to := float64(r.signed(genSustainVol, 0))
	if to <= 0 {
		return nil
	}
	d := decay{
		After: round(seconds(r.signed(genHoldVol, instant))),
		Over:  round(max(0.05, fall(r.signed(genDecayVol, instant)))),
	}
	if to < inaudible {
		d.To = round(level(to))
	}
	return &d
}

// instant is the default of the specification for times.
const instant = -12000

// seconds converts timecents.
func seconds(timecents int) float64 { return math.Pow(2, float64(timecents)/1200) }

// fall is the time constant of an envelope that takes that time for 100 dB.
func fall(timecents int) float64 { return seconds(timecents) / (100 / 20 * math.Ln10) }

// level converts centibels below full scale.
func level(centibels float64) float64 { return math.Pow(10, -centibels/200) }

// round keeps a tenth of a microsecond. Coarser, and a loop of a few milliseconds
// would be out of tune.
func round(v float64) float64 { return math.Round(v*1e7) / 1e7 }
