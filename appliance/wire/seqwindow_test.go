package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"downbeat.local/appliance/wire"
)

// In any order, and with any repeats, each number that is not too old is fresh
// exactly once.
func TestSeqWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w wire.SeqWindow
		first := rapid.Uint16().Draw(t, "first")
		w.Fresh(first)
		times := map[uint16]int{first: 1}
		newest := 0 // beyond first
		for range rapid.IntRange(1, 200).Draw(t, "events") {
			at := max(0, newest+rapid.IntRange(-63, 10).Draw(t, "step"))
			newest = max(newest, at)
			number := first + uint16(at)
			if w.Fresh(number) {
				times[number]++
			}
			if times[number] != 1 {
				t.Fatalf("event %d was heard %d times", number, times[number])
			}
		}
	})
}

func TestOldNumbersAreNotFresh(t *testing.T) {
	var w wire.SeqWindow
	w.Fresh(65500)
	for _, test := range []struct {
		number uint16
		want   bool
	}{
		{65500, false},
		{65499, true},
		{65499, false},
		{65500 - 63, true},
		{100, true},
		{101, true},
		{100, false},
		{37, false},
		{38, true},
		{65500, false},
	} {
		if got := w.Fresh(test.number); got != test.want {
			t.Errorf("event %d: fresh is %v, want %v", test.number, got, test.want)
		}
	}
}

func TestSeqWindowByExample(t *testing.T) {
	for _, test := range []struct {
		name string
		seqs []uint16
		want []bool
	}{
		{"in order", []uint16{5, 6, 7}, []bool{true, true, true}},
		{"repeated", []uint16{5, 5, 6, 5, 6}, []bool{true, false, true, false, false}},
		{"out of order", []uint16{5, 8, 6, 7, 6}, []bool{true, true, true, true, false}},
		{"over the end of the numbers", []uint16{65534, 65535, 0, 1, 65535, 0}, []bool{true, true, true, true, false, false}},
		{"a wide gap", []uint16{1, 1000, 999, 1}, []bool{true, true, true, false}},
		{"the first number may be low", []uint16{40000, 39990}, []bool{true, true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var w wire.SeqWindow
			var got []bool
			for _, seq := range test.seqs {
				got = append(got, w.Fresh(seq))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("fresh (-want +got):\n%s", diff)
			}
		})
	}
}
