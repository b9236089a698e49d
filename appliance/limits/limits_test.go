package limits

import (
	"os"
	"strings"
	"testing"
)

func TestLimitsThatCannotBe(t *testing.T) {
	for what, set := range map[string]map[string]int{
		`there is no limit "client"`: {"client": 5},
		"the limit clients is 0":     {"clients": 0},
		"from 1 to 64":               {"member-clients": 65},
	} {
		if _, err := New(set); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v: got %v, want %q", set, err, what)
		}
	}
	for _, l := range known {
		if l.normal < l.least || l.normal > l.most {
			t.Errorf("%s: %d is not from %d to %d", l.name, l.normal, l.least, l.most)
		}
	}
}

// The design's limits are the defaults.
func TestDefaults(t *testing.T) {
	usual, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{
		"rooms": 64, "clients": 512, "members": 64, "channels": 100, "frame": 64 << 10, "service-frame": 3 << 20, "presence-bytes": 8 << 10,
		"failed-codes": 10, "idle": 60,
	} {
		if usual[name] != want {
			t.Errorf("%s: %d, want %d", name, usual[name], want)
		}
	}
	for name, want := range map[string]Rate{
		"notes": {40, 80}, "events": {20, 60}, "broadcasts": {100, 500}, "joins": {20, 120}, "presence": {10, 30}, "posts": {100, 300},
	} {
		if got := usual.Rate(name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// README.md of this folder lists the limits in the words of --help.
func TestTheReadmeListsTheLimits(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(string(readme)), " ")
	for _, l := range known {
		if !strings.Contains(words, l.String()) {
			t.Errorf("README.md does not have %q", l)
		}
	}
}
