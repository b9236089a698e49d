package classlist

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
)

// TestOneSlipOpensNothing gives names to a class of forty and makes every slip of one
// picture, and every swap, of every child.
func TestOneSlipOpensNothing(t *testing.T) {
	for range 5 {
		k := open(t)
		var names []string
		for i := range 40 {
			names = append(names, fmt.Sprint("Child ", i))
		}
		_, children, err := k.Class(k.class(names...))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range children {
			for _, b := range children {
				if a.ID != b.ID && a.Music.Near(b.Music) {
					t.Fatalf("%v and %v are in one class", a.Music, b.Music)
				}
			}
		}
		_ = k.cfg.Store.Close()
	}
}

func TestNear(t *testing.T) {
	m := Music{1, 2, 3}
	for other, want := range map[Music]bool{
		{1, 2, 3}: true, {1, 2, 4}: true, {0, 2, 3}: true, {1, 9, 3}: true, {3, 2, 1}: true, {2, 3, 1}: true,
		{1, 3, 4}: false, {2, 1, 4}: false, {4, 5, 6}: false,
	} {
		if m.Near(other) != want || other.Near(m) != want {
			t.Errorf("%v and %v: want %v", m, other, want)
		}
	}
}

func TestMusicNames(t *testing.T) {
	if n := len(everyMusic()); n != 1320 {
		t.Errorf("there are %d", n)
	}
	for text, ok := range map[string]bool{
		"[0,5,11]": true, "[0,5]": false, "[0,5,11,1]": false, "[0,5,12]": false, "[-1,5,1]": false, "[1,1,2]": false,
		`["0",1,2]`: false, "[0.5,1,2]": false, "null": false, "{}": false,
	} {
		var m Music
		if err := json.Unmarshal([]byte(text), &m); (err == nil) != ok {
			t.Errorf("%s: %v, %v", text, m, err)
		}
	}
}

func TestEntering(t *testing.T) {
	k := open(t)
	id := k.class("Ana", "Ben")
	ana, ben := k.child(id, "Ana"), k.child(id, "Ben")
	enter := func(session, seat string, m Music, taken bool) error {
		_, err := k.Enter(t.Context(), Place{Room: "MUSIC-2024", Session: session, Seat: seat, Taken: func(string) bool { return taken }}, m)
		return err
	}
	none := Music{}
	for _, m := range everyMusic() {
		if m != ana.Music && m != ben.Music {
			none = m
		}
	}
	for name, tt := range map[string]struct {
		got, want error
	}{
		"nobody's": {enter("s", "1", none, false), ErrNoMusic},
		"ana's":    {enter("s", "1", ana.Music, false), nil},
		"again":    {enter("s", "1", ana.Music, true), nil},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
	if err := enter("s", "2", ana.Music, true); !errors.Is(err, ErrElsewhere) {
		t.Errorf("beside ana: %v", err)
	}
	if err := enter("s", "2", ana.Music, false); err != nil {
		t.Errorf("on another device: %v", err)
	}
	if _, err := k.Enter(t.Context(), Place{Room: "DRUM-1111", Session: "s", Seat: "1", Taken: nobody}, ana.Music); !errors.Is(err, ErrNoMusic) {
		t.Errorf("in another room: %v", err)
	}
	gone := false
	if err := k.ChangeChild(t.Context(), id, ben.ID, ChildWish{Listed: &gone}); err != nil {
		t.Fatal(err)
	}
	if err := enter("s", "3", ben.Music, false); !errors.Is(err, ErrNoMusic) {
		t.Errorf("not on the list: %v", err)
	}
	k.restart()
	if at, ok := k.At("s", "2"); !ok || at != ana.ID {
		t.Errorf("on seat 2 is %q", at)
	}
	if _, ok := k.At("next", "2"); ok {
		t.Error("a seat keeps its child in the next session")
	}
	if n := len(k.VisitsOf(ana.ID)); n != 2 {
		t.Errorf("ana has %d visits", n)
	}
	if err := k.Sweep(t.Context(), k.now.Add(1)); err != nil || len(k.In("s")) != 0 {
		t.Errorf("after a sweep: %v, %v", k.In("s"), err)
	}
}

func TestErasing(t *testing.T) {
	k := open(t)
	id := k.class("Ana", "Ben")
	ana := k.child(id, "Ana")
	if _, err := k.Enter(t.Context(), Place{Room: "MUSIC-2024", Session: "s", Seat: "1", Taken: nobody}, ana.Music); err != nil {
		t.Fatal(err)
	}
	if err := k.Erase(ana.ID, func() error { return errors.New("the disk is full") }); err == nil {
		t.Error("a failure is no error")
	}
	k.wants(id, "Ana Ben")
	if err := k.Erase(ana.ID, func() error { return k.cfg.Store.Forget(t.Context(), ana.ID) }); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		k.wants(id, "Ben")
		if len(k.In("s")) != 0 {
			t.Errorf("visits are left: %v", k.In("s"))
		}
		k.restart()
	}
}
