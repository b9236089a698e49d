package classlist

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/store"
)

// kept is lists over a store of their own.
type kept struct {
	*Lists
	t    *testing.T
	path string
	now  time.Time
}

func open(t *testing.T) *kept {
	t.Helper()
	k := &kept{t: t, path: filepath.Join(t.TempDir(), store.FileName), now: time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)}
	k.open()
	return k
}

func (k *kept) open() {
	k.t.Helper()
	s, err := store.Open(store.Config{Path: k.path})
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = s.Close() })
	if k.Lists, err = Open(Config{Store: s, Now: func() time.Time { return k.now }}); err != nil {
		k.t.Fatal(err)
	}
}

// restart opens the store again.
func (k *kept) restart() {
	k.t.Helper()
	if err := k.cfg.Store.Close(); err != nil {
		k.t.Fatal(err)
	}
	k.open()
}

func (k *kept) class(names ...string) string {
	k.t.Helper()
	c, err := k.Create(k.t.Context(), "5B", "MUSIC-2024")
	if err != nil {
		k.t.Fatal(err)
	}
	if len(names) > 0 {
		k.take(c.ID, names...)
	}
	return c.ID
}

// take imports names, as the teacher does who has seen the difference.
func (k *kept) take(class string, names ...string) Difference {
	k.t.Helper()
	d, err := k.Compare(class, names)
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.Import(k.t.Context(), class, d.Version, names); err != nil {
		k.t.Fatal(err)
	}
	return d
}

// list writes the children of a class; those who are not listed in brackets.
func (k *kept) list(class string) string {
	k.t.Helper()
	_, children, err := k.Class(class)
	if err != nil {
		k.t.Fatal(err)
	}
	var all []string
	for _, c := range children {
		if c.Listed {
			all = append(all, c.Name)
		} else {
			all = append(all, "("+c.Name+")")
		}
	}
	return strings.Join(all, " ")
}

func (k *kept) wants(class, want string) {
	k.t.Helper()
	if got := k.list(class); got != want {
		k.t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnImportDeletesNobody(t *testing.T) {
	k := open(t)
	id := k.class("Ana", "Ben", "José")
	_, before, _ := k.Class(id)
	d := k.take(id, "ANA", "Cleo", "jose\u0301", "Ana ")
	if got := fmt.Sprint(d.New, d.Same, d.Gone, d.Back, d.Repeated); got != "[Cleo] [Ana José] [Ben] [] [Ana]" {
		t.Errorf("the difference: %v", got)
	}
	k.wants(id, "Ana (Ben) Cleo José")
	if d = k.take(id, "Ana", "Ben"); fmt.Sprint(d.Back, d.Gone) != "[Ben] [Cleo José]" {
		t.Errorf("the difference: %+v", d)
	}
	for range 2 {
		k.wants(id, "Ana Ben (Cleo) (José)")
		_, after, _ := k.Class(id)
		if after[0] != before[0] || after[1] != before[1] {
			t.Errorf("Ana and Ben were %+v, and are %+v", before[:2], after[:2])
		}
		k.restart()
	}
}

func TestAnImportIsUndoneForADay(t *testing.T) {
	k := open(t)
	id := k.class("Ana", "Ben")
	k.take(id, "Ana") // Ben goes
	k.take(id, "Ben", "Cleo", "Dan")
	k.wants(id, "(Ana) Ben Cleo Dan")
	cleo := k.child(id, "Cleo")
	if _, err := k.Enter(t.Context(), Place{Room: "MUSIC-2024", Session: "s", Seat: "1", Taken: nobody}, cleo.Music); err != nil {
		t.Fatal(err)
	}
	k.restart()
	k.now = k.now.Add(UndoFor - time.Second)
	if err := k.UndoImport(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	k.wants(id, "Ana (Ben) (Cleo)") // Cleo was here: their words are theirs
	if err := k.UndoImport(t.Context(), id); !errors.Is(err, ErrNothing) {
		t.Errorf("again: %v", err)
	}
	k.take(id, "Ana", "Eve")
	k.now = k.now.Add(UndoFor)
	if err := k.UndoImport(t.Context(), id); !errors.Is(err, ErrNothing) {
		t.Errorf("a day later: %v", err)
	}
	k.restart()
	k.wants(id, "Ana (Ben) (Cleo) Eve")
}

func TestOnlyTheDifferenceThatWasSeenIsTaken(t *testing.T) {
	k := open(t)
	id := k.class("Ana")
	d, err := k.Compare(id, []string{"Ben"})
	if err != nil {
		t.Fatal(err)
	}
	k.take(id, "Cleo")
	if err := k.Import(t.Context(), id, d.Version, []string{"Ben"}); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want ErrChanged", err)
	}
	k.wants(id, "(Ana) Cleo")
}

func TestListsAreBounded(t *testing.T) {
	k := open(t)
	id := k.class()
	many := make([]string, MaxClass)
	for i := range many {
		many[i] = fmt.Sprint("Child ", i)
	}
	for name, tt := range map[string]struct {
		names []string
		want  error
	}{
		"nobody": {nil, ErrTooMany}, "one too many": {append(many, "Ana"), ErrTooMany}, "no name": {[]string{" "}, ErrName},
		"a long one": {[]string{strings.Repeat("a", MaxName+1)}, ErrName},
	} {
		if _, err := k.Compare(id, tt.names); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	for range MaxChildren / MaxClass {
		c, err := k.Create(t.Context(), "class", "")
		if err != nil {
			t.Fatal(err)
		}
		k.take(c.ID, many...)
	}
	if _, err := k.Compare(id, []string{"Ana"}); !errors.Is(err, ErrTooMany) {
		t.Errorf("a full box: %v", err)
	}
	seen := map[Music]bool{}
	for _, c := range k.children {
		seen[c.Music] = true
	}
	if len(seen) != MaxChildren {
		t.Errorf("%d children have %d music names", MaxChildren, len(seen))
	}
	for range MaxClasses {
		if _, err := k.Create(t.Context(), "class", ""); errors.Is(err, ErrTooMany) {
			return
		}
	}
	t.Error("there is no end to classes")
}

func TestARoomIsOfOneClass(t *testing.T) {
	k := open(t)
	first := k.class()
	second := k.class()
	if c, ok := k.Of("MUSIC-2024"); !ok || c.ID != second {
		t.Errorf("got %+v, want the later class", c)
	}
	if c, _, _ := k.Class(first); c.Room != "" {
		t.Errorf("the earlier class still has %q", c.Room)
	}
	if err := k.Vacate(t.Context(), "MUSIC-2024"); err != nil {
		t.Fatal(err)
	}
	if _, ok := k.Of("MUSIC-2024"); ok {
		t.Error("a closed room has a class")
	}
	if _, ok := k.Of(""); ok {
		t.Error("no room has a class")
	}
	if err := k.Delete(t.Context(), first); err != nil {
		t.Error(err)
	}
	k.take(second, "Ana")
	if err := k.Delete(t.Context(), second); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("got %v, want ErrNotEmpty", err)
	}
}

func nobody(string) bool { return false }

func (k *kept) child(class, name string) Child {
	k.t.Helper()
	_, children, err := k.Class(class)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, c := range children {
		if c.Name == name {
			return c
		}
	}
	k.t.Fatalf("no %s in the class", name)
	return Child{}
}

func TestChangingAChild(t *testing.T) {
	k := open(t)
	id := k.class("Ana", "Ben")
	before := k.child(id, "Ana")
	name, gone := " Ana  López", false
	if err := k.ChangeChild(t.Context(), id, before.ID, ChildWish{Name: &name, Listed: &gone, Renew: true}); err != nil {
		t.Fatal(err)
	}
	k.restart()
	after := k.child(id, "Ana López")
	if after.ID != before.ID || after.Music == before.Music || after.Listed {
		t.Errorf("was %+v, is %+v", before, after)
	}
	bad := ""
	for _, err := range []error{
		k.ChangeChild(t.Context(), id, "x", ChildWish{}), k.ChangeChild(t.Context(), "x", after.ID, ChildWish{}),
		k.ChangeChild(t.Context(), id, after.ID, ChildWish{Name: &bad}),
	} {
		if !errors.Is(err, ErrNoChild) && !errors.Is(err, ErrNoClass) && !errors.Is(err, ErrName) {
			t.Errorf("got %v", err)
		}
	}
}
