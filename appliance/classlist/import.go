package classlist

import (
	"context"
	"slices"
	"time"
)

// UndoFor is how long an import can be undone.
const UndoFor = 24 * time.Hour

// Undo is what it takes to undo an import: the ids of the children whom it added,
// no longer listed, and listed again.
type Undo struct {
	At    time.Time `json:"at"`
	Added []string  `json:"added,omitempty"`
	Gone  []string  `json:"gone,omitempty"`
	Back  []string  `json:"back,omitempty"`
}

// Difference is what an import would change, by name.
type Difference struct {
	Version int      `json:"version"` // of the class that it was made of
	New     []string `json:"new"`
	Same    []string `json:"same"`
	Gone    []string `json:"gone"` // listed now, and not in the new list
	Back    []string `json:"back"` // not listed now, and in the new list
	// Repeated are names that the new list has more than once. Each is taken once.
	Repeated []string `json:"repeated"`
}

// sorting is a difference with the children in it.
type sorting struct {
	fresh, repeated  []string // names
	same, gone, back []Child
}

// sortOut compares the children of a class with names.
func sortOut(children []Child, names []string) (s sorting) {
	byKey := make(map[string]Child, len(children))
	for _, c := range children {
		if other, twice := byKey[Key(c.Name)]; !twice || c.Listed && !other.Listed {
			byKey[Key(c.Name)] = c
		}
	}
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		key := Key(name)
		child, known := byKey[key]
		switch {
		case seen[key]:
			s.repeated = append(s.repeated, name)
		case !known:
			s.fresh = append(s.fresh, name)
		case child.Listed:
			s.same = append(s.same, child)
		default:
			s.back = append(s.back, child)
		}
		seen[key] = true
	}
	for _, c := range children {
		if c.Listed && !seen[Key(c.Name)] {
			s.gone = append(s.gone, c)
		}
	}
	return s
}

// Compare says what an import would change. Errors: ErrNoClass, ErrName, ErrTooMany.
func (l *Lists) Compare(id string, typed []string) (Difference, error) {
	c, children, err := l.Class(id)
	if err != nil {
		return Difference{}, err
	}
	s, err := l.sorted(children, typed)
	if err != nil {
		return Difference{}, err
	}
	return Difference{
		Version: c.Version, New: listOf(s.fresh), Same: namesOf(s.same), Gone: namesOf(s.gone), Back: namesOf(s.back),
		Repeated: listOf(s.repeated),
	}, nil
}

// sorted checks names and sorts them out. A name of the list that is none is an
// error: [Read] leaves such names out before.
func (l *Lists) sorted(children []Child, typed []string) (sorting, error) {
	names := make([]string, 0, len(typed))
	for _, t := range typed {
		name, ok := Tidy(t)
		if !ok {
			return sorting{}, ErrName
		}
		names = append(names, name)
	}
	s := sortOut(children, names)
	l.mu.RLock()
	all := len(l.children)
	l.mu.RUnlock()
	if len(names) == 0 || len(children)+len(s.fresh) > MaxClass || all+len(s.fresh) > MaxChildren {
		return sorting{}, ErrTooMany
	}
	return s, nil
}

// Import takes a list of names for a class. version is that of the difference that
// the teacher has seen. Errors: ErrNoClass, ErrName, ErrTooMany, ErrChanged.
func (l *Lists) Import(ctx context.Context, id string, version int, typed []string) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	c, children, err := l.Class(id)
	if err != nil {
		return err
	}
	if c.Version != version {
		return ErrChanged
	}
	s, err := l.sorted(children, typed)
	if err != nil {
		return err
	}
	now := l.cfg.Now().UTC()
	undo, all := &Undo{At: now}, change{}
	for i, music := range l.draw(len(s.fresh), id) {
		child := Child{ID: newID(), Class: id, Name: s.fresh[i], Music: music, Listed: true, Added: now}
		undo.Added, all.children = append(undo.Added, child.ID), append(all.children, child)
	}
	for _, child := range s.gone {
		child.Listed = false
		undo.Gone, all.children = append(undo.Gone, child.ID), append(all.children, child)
	}
	for _, child := range s.back {
		child.Listed = true
		undo.Back, all.children = append(undo.Back, child.ID), append(all.children, child)
	}
	c.Undo = undo
	c.Version++
	all.classes = []Class{c}
	return l.commit(ctx, all)
}

// UndoImport takes the last import of a class back. A child whom it added is
// deleted, unless they were here since: then they stay, unlisted. Errors:
// ErrNoClass, ErrNothing.
func (l *Lists) UndoImport(ctx context.Context, id string) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	c, children, err := l.Class(id)
	if err != nil {
		return err
	}
	if !c.CanUndo(l.cfg.Now()) {
		return ErrNothing
	}
	all := change{}
	for _, child := range children {
		switch {
		case slices.Contains(c.Undo.Added, child.ID) && !l.wasHere(child.ID):
			all.dropped = append(all.dropped, child.ID)
			continue
		case slices.Contains(c.Undo.Added, child.ID), slices.Contains(c.Undo.Back, child.ID):
			child.Listed = false
		case slices.Contains(c.Undo.Gone, child.ID):
			child.Listed = true
		default:
			continue
		}
		all.children = append(all.children, child)
	}
	c.Undo = nil
	c.Version++
	all.classes = []Class{c}
	return l.commit(ctx, all)
}

// CanUndo reports whether the last import can still be undone.
func (c Class) CanUndo(now time.Time) bool {
	return c.Undo != nil && now.Before(c.Undo.At.Add(UndoFor))
}

// CanUndo reports whether the last import of a class can still be undone.
func (l *Lists) CanUndo(c Class) bool { return c.CanUndo(l.cfg.Now()) }

func namesOf(children []Child) []string {
	names := make([]string, len(children))
	for i, c := range children {
		names[i] = c.Name
	}
	return names
}

// listOf is a list that JSON writes as [] if it is empty.
func listOf(names []string) []string { return append([]string{}, names...) }
