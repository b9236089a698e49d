package transport

import (
	"fmt"
	"testing"

	"downbeat.local/appliance/count"
)

// counts are the places that were taken, by caller.
func (p *places) counts() string {
	all := map[string]int{}
	for one := range p.taken {
		all[one.who.Key]++
	}
	return fmt.Sprint(all)
}

func student(key, network string) Caller { return Caller{Key: key, Network: network, Seated: true} }

// times is a caller who asks so many times.
func times(n int, who Caller) (all []Caller) {
	for range n {
		all = append(all, who)
	}
	return all
}

// one is n callers who ask once each.
func one(n int, name, network string) (all []Caller) {
	for i := range n {
		all = append(all, student(fmt.Sprint(name, i), network))
	}
	return all
}

// on is callers of one device.
func on(device string, all ...Caller) []Caller {
	for i := range all {
		all[i].Device = device
	}
	return all
}

func TestPlaces(t *testing.T) {
	// 7 for students, 3 more for staff.
	limits := Limits{Clients: 10, Each: 3, Shared: 4, Reserve: 3, Network: 6}
	teacher := Caller{Key: "teacher", Network: "school", Staff: true}
	program := Caller{Key: "program", Network: "school", Many: true}
	guest := Caller{Key: "guest", Network: "school"}
	for name, tt := range map[string]struct {
		before []Caller
		who    Caller
		found  bool
		want   string // who has how many afterwards
	}{
		"a caller has no more than theirs":                       {times(3, student("ana", "a")), student("ana", "a"), false, "map[ana:3]"},
		"a device with a key has no more":                        {times(4, program), program, false, "map[program:4]"},
		"students leave the reserve":                             {append(one(4, "a", "a"), one(3, "b", "b")...), student("cleo", "c"), true, ""},
		"staff have the reserve":                                 {append(one(4, "a", "a"), one(3, "b", "b")...), teacher, true, "map[a0:1 a1:1 a2:1 a3:1 b0:1 b1:1 b2:1 teacher:1]"},
		"a caller with many yields to one with fewer":            {append(times(3, student("eve", "school")), one(3, "a", "school")...), student("ana", "school"), true, "map[a0:1 a1:1 a2:1 ana:1 eve:2]"},
		"equals do not yield":                                    {one(6, "a", "school"), student("ana", "school"), false, "map[a0:1 a1:1 a2:1 a3:1 a4:1 a5:1]"},
		"a guest yields to a student":                            {append(one(5, "a", "school"), guest), student("ana", "school"), true, "map[a0:1 a1:1 a2:1 a3:1 a4:1 ana:1]"},
		"a student does not yield to a guest":                    {one(6, "a", "school"), guest, false, "map[a0:1 a1:1 a2:1 a3:1 a4:1 a5:1]"},
		"a crowded address yields to another":                    {append(one(5, "a", "crowd"), one(2, "b", "b")...), student("ana", "home"), true, "map[a0:1 a1:1 a2:1 a3:1 ana:1 b0:1 b1:1]"},
		"addresses that are alike do not yield":                  {append(append(one(2, "a", "a"), one(2, "b", "b")...), append(one(2, "c", "c"), one(1, "d", "d")...)...), student("d1", "d"), false, "map[a0:1 a1:1 b0:1 b1:1 c0:1 c1:1 d0:1]"},
		"a device with many yields to another behind its router": {append(on("eve's", one(3, "eve", "school")...), on("", one(3, "a", "school")...)...), on("ana's", student("ana", "school"))[0], true, "map[a0:1 a1:1 ana:1 eve0:1 eve1:1 eve2:1]"},
		"this machine has no limit by address":                   {one(6, "a", ""), student("ana", ""), true, "map[a0:1 a1:1 a2:1 a3:1 a4:1 a5:1 ana:1]"},
	} {
		t.Run(name, func(t *testing.T) {
			var told int
			limits := limits
			limits.Refused = func(Caller) { told++ }
			p := newPlaces(limits, count.ByReason("box_full", "address_full", "caller_full"))
			for _, who := range tt.before {
				if p.take(who) == nil {
					t.Fatalf("no place for %s", who.Key)
				}
			}
			before := len(p.taken)
			found := p.take(tt.who) != nil
			if got := p.counts(); found != tt.found || tt.want != "" && got != tt.want {
				t.Errorf("found %v, %s; want %v, %s", found, got, tt.found, tt.want)
			}
			if full := len(p.taken) == before; full != (told == 1) {
				t.Errorf("told %d times", told)
			}
		})
	}
}

func TestPlacesAreFreedOnce(t *testing.T) {
	p := newPlaces(Limits{Clients: 2, Each: 1, Network: 1}.withDefaults(), count.ByReason("caller_full"))
	ana := student("ana", "a")
	first := p.take(ana)
	if p.take(ana) != nil {
		t.Fatal("a second place")
	}
	p.free(first)
	p.free(first)
	if p.take(ana) == nil || p.take(ana) != nil || len(p.taken) != 1 || p.byNetwork["a"] != 1 {
		t.Errorf("after one place was given back twice: %s, %v", p.counts(), p.byNetwork)
	}
}

// TestAPlaceLostBeforeItsConnection is a socket that is upgraded while another
// caller gets its place.
func TestAPlaceLostBeforeItsConnection(t *testing.T) {
	p := newPlaces(Limits{Clients: 2, Each: 4, Network: 3, Reserve: 1}.withDefaults(), count.ByReason("box_full"))
	first, second := p.take(student("eve", "e")), p.take(student("eve", "e"))
	if second != nil {
		t.Fatal("the reserve was taken")
	}
	if p.take(student("ana", "a")) != nil {
		t.Fatal("one connection yielded to one")
	}
	p.freeLocked(first)
	if p.bind(first, &Conn{}) {
		t.Error("a connection without a place goes on")
	}
}

// TestPlacesAreNotTradedForEver has two callers who take each other's places.
func TestPlacesAreNotTradedForEver(t *testing.T) {
	lost := 0
	p := newPlaces(Limits{Clients: 1000, Each: 8, Network: 8, Refused: func(Caller) { lost++ }}.withDefaults(), count.ByReason("address_full"))
	for range 8 {
		p.take(student("eve", "school"))
	}
	taken := 0
	for i := range 10 * yieldsBurst {
		if p.take(student(fmt.Sprint("user", i), "school")) != nil {
			taken++
		}
		for one := range p.taken { // Eve is back with as many as she had
			if one.who.Key != "eve" {
				p.freeLocked(one)
			}
		}
		p.take(student("eve", "school"))
	}
	if taken > 2*yieldsBurst || taken < yieldsBurst {
		t.Errorf("%d places were given up, want about %d", taken, yieldsBurst)
	}
}

// TestStudentsDoNotWaitForGuests has guests who come back for ever.
func TestStudentsDoNotWaitForGuests(t *testing.T) {
	p := newPlaces(Limits{Clients: 1000, Each: 8, Network: 8}.withDefaults(), count.ByReason("address_full"))
	for i := range 3 * yieldsBurst {
		for j := range 8 {
			p.take(Caller{Key: fmt.Sprint("guest", j), Network: "school"})
		}
		ana := p.take(student(fmt.Sprint("ana", i), "school"))
		if ana == nil {
			t.Fatalf("student %d finds no place", i)
		}
		p.free(ana)
	}
}

// TestADeviceBehindARouterShutsNoOtherOut has a device with every place that its
// address may have. It asks again and again, and a class comes.
func TestADeviceBehindARouterShutsNoOtherOut(t *testing.T) {
	p := newPlaces(Limits{Clients: 512, Each: 8, Shared: 128, Reserve: 32, Network: 160}, count.ByReason("box_full", "address_full", "caller_full"))
	greedy := func() {
		for i := range 48 {
			for range 8 {
				p.take(student(fmt.Sprint("eve", i), "school"))
			}
		}
	}
	greedy()
	for i := range 40 {
		if p.take(on(fmt.Sprint("device", i), student(fmt.Sprint("ana", i), "school"))[0]) == nil {
			t.Fatalf("student %d of the class found no place", i)
		}
		greedy()
	}
	class := 0
	for one := range p.taken {
		if one.who.Device != "" {
			class++
		}
	}
	if class != 40 {
		t.Errorf("%d of the class have kept their places, want 40", class)
	}
}
