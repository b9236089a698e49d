package midi

import (
	"bytes"
	"slices"
	"testing"
)

func TestParser(t *testing.T) {
	longSysEx := slices.Concat([]byte{0xF0}, bytes.Repeat([]byte{0x55}, 100_000), []byte{0xF7})
	for name, c := range map[string]struct {
		bytes []byte
		want  []Message
	}{
		"every channel message": {
			[]byte{0x81, 60, 1, 0x92, 61, 2, 0xA3, 62, 3, 0xB4, 64, 127, 0xC5, 6, 0xD6, 7, 0xE7, 8, 9},
			[]Message{{0x81, 60, 1}, {0x92, 61, 2}, {0xA3, 62, 3}, {0xB4, 64, 127}, {0xC5, 6, 0}, {0xD6, 7, 0}, {0xE7, 8, 9}},
		},
		"every system message": {
			[]byte{0xF1, 0x12, 0xF2, 1, 2, 0xF3, 5, 0xF6, 0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF},
			[]Message{{0xF1, 0x12, 0}, {0xF2, 1, 2}, {0xF3, 5, 0}, {0xF6, 0, 0}, {0xF8, 0, 0}, {0xFA, 0, 0}, {0xFB, 0, 0}, {0xFC, 0, 0}, {0xFE, 0, 0}, {0xFF, 0, 0}},
		},
		"running status": {
			[]byte{0x90, 60, 100, 64, 101, 60, 0, 0xC0, 1, 2},
			[]Message{{0x90, 60, 100}, {0x90, 64, 101}, {0x90, 60, 0}, {0xC0, 1, 0}, {0xC0, 2, 0}},
		},
		"real time inside a message": {
			[]byte{0x90, 0xF8, 60, 0xFE, 100},
			[]Message{{0xF8, 0, 0}, {0xFE, 0, 0}, {0x90, 60, 100}},
		},
		"real time inside a SysEx": {
			[]byte{0xF0, 1, 0xF8, 2, 0xF7, 0x90, 60, 100},
			[]Message{{0xF8, 0, 0}, {0x90, 60, 100}},
		},
		"a long SysEx":                         {append(longSysEx, 0x90, 60, 100), []Message{{0x90, 60, 100}}},
		"a SysEx that another message ends":    {[]byte{0xF0, 1, 2, 0x90, 60, 100}, []Message{{0x90, 60, 100}}},
		"a SysEx ends running status":          {[]byte{0x90, 60, 100, 0xF0, 1, 0xF7, 60, 0}, []Message{{0x90, 60, 100}}},
		"a system message ends running status": {[]byte{0x90, 60, 100, 0xF6, 60, 0}, []Message{{0x90, 60, 100}, {0xF6, 0, 0}}},
		"data before any status":               {[]byte{60, 100, 0x90, 60, 100}, []Message{{0x90, 60, 100}}},
		"a message cut short":                  {[]byte{0x90, 60, 0x80, 60, 64}, []Message{{0x80, 60, 64}}},
		"a song position cut short":            {[]byte{0xF2, 1, 0xF2, 3, 4}, []Message{{0xF2, 3, 4}}},
		"undefined status bytes":               {[]byte{0xF4, 1, 0xF5, 2, 0xF9, 0xFD, 3, 0x90, 60, 100}, []Message{{0x90, 60, 100}}},
		"undefined real time inside a message": {[]byte{0x90, 60, 0xFD, 100}, []Message{{0x90, 60, 100}}},
		"an end without a SysEx":               {[]byte{0xF7, 0x90, 60, 100}, []Message{{0x90, 60, 100}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := messages(c.bytes); !slices.Equal(got, c.want) {
				t.Errorf("% X\n got %v\nwant %v", c.bytes[:min(len(c.bytes), 40)], got, c.want)
			}
		})
	}
}

func TestMessageAppend(t *testing.T) {
	want := []byte{0x92, 61, 2, 0xC5, 6, 0xF2, 1, 2, 0xF6, 0xF8}
	var got []byte
	for _, m := range messages(want) {
		got = m.Append(got)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got % X, want % X", got, want)
	}
}

// FuzzParser checks that every message is one that MIDI defines, and that after
// any bytes the parser is in step again at the next status byte.
func FuzzParser(f *testing.F) {
	f.Add([]byte{0x90, 60, 100, 60, 0})
	f.Add([]byte{0xF0, 1, 2, 0xF8, 0xF7})
	f.Add([]byte{0x90, 0x3C, 0x80, 0x3C, 0x40})
	f.Fuzz(func(t *testing.T, stream []byte) {
		for _, m := range messages(stream) {
			if m.Status < 0x80 || m.Data1 > 127 || m.Data2 > 127 {
				t.Fatalf("% X holds the message %v", stream, m)
			}
			if again := messages(m.Append(nil)); len(again) != 1 || again[0] != m {
				t.Fatalf("the message %v of % X reads as %v", m, stream, again)
			}
		}
		after := messages(stream, []byte{0x91, 1, 2})
		if got, want := after[len(after)-1], (Message{0x91, 1, 2}); got != want {
			t.Fatalf("after % X comes %v, want %v", stream, got, want)
		}
	})
}

// aSecond is what a port sends in a second of busy playing: notes with running
// status, the clock between their bytes, and active sensing.
var aSecond = bytes.Repeat([]byte{0x90, 60, 0xF8, 100, 64, 100, 0xFE, 67, 100, 60, 0, 64, 0, 67, 0, 0xB0, 64, 127, 64, 0}, 100)

func TestParsingAllocatesNothing(t *testing.T) {
	var p Parser
	keys := NewKeys(32, func(Note) {})
	allocs := testing.AllocsPerRun(10, func() {
		for _, b := range aSecond {
			if m, ok := p.Feed(b); ok {
				keys.Message(m)
			}
		}
	})
	if allocs != 0 {
		t.Errorf("a second of playing allocates %v times", allocs)
	}
}

// BenchmarkParser parses and plays, and reports messages a second.
func BenchmarkParser(b *testing.B) {
	var p Parser
	keys := NewKeys(32, func(Note) {})
	n := 0
	for b.Loop() {
		for _, c := range aSecond {
			if m, ok := p.Feed(c); ok {
				keys.Message(m)
				n++
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
	b.ReportAllocs()
}
