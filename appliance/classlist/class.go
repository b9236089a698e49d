package classlist

import (
	"context"
	"slices"
	"time"
)

// Class is a class of children that the teacher teaches.
type Class struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Room is the code of the room in which the class plays; empty is none. A room
	// is of one class.
	Room string `json:"room"`
	// Version grows with each change of the list, so that nobody takes a
	// difference that they have not seen.
	Version int `json:"version"`
	// CheckIn says that the class may be asked how it feels; off unless the teacher
	// turns it on.
	CheckIn bool `json:"check_in,omitempty"`
	// Undo takes back the last import; nil if there is none.
	Undo *Undo `json:"undo,omitempty"`
}

// Child is one child of a class. Its ID is the student_id of what they write.
type Child struct {
	ID    string `json:"id"`
	Class string `json:"class"`
	Name  string `json:"name"`
	Music Music  `json:"music"`
	// Listed is false for a child who is not in the latest list any more.
	Listed bool      `json:"listed"`
	Added  time.Time `json:"added"`
	// Consent says that this child may be asked how they feel. It is off until the
	// teacher notes that the parents agree.
	Consent bool `json:"consent,omitempty"`
}

// Create makes an empty class. Errors: ErrName, ErrTooMany.
func (l *Lists) Create(ctx context.Context, name, room string) (Class, error) {
	l.changing.Lock()
	defer l.changing.Unlock()
	name, ok := Tidy(name)
	if !ok {
		return Class{}, ErrName
	}
	if len(l.Classes()) >= MaxClasses {
		return Class{}, ErrTooMany
	}
	c := Class{ID: newID(), Name: name}
	return l.move(ctx, c, room)
}

// Wish says what to change of a class. What is nil stays.
type Wish struct {
	Name *string
	Room *string // the code of the room; empty is none
	// CheckIn says whether the class may be asked how it feels.
	CheckIn *bool
}

// Change changes a class. A room that another class had is the class's then.
// Errors: ErrNoClass, ErrName.
func (l *Lists) Change(ctx context.Context, id string, w Wish) (Class, error) {
	l.changing.Lock()
	defer l.changing.Unlock()
	c, _, err := l.Class(id)
	if err != nil {
		return Class{}, err
	}
	if w.Name != nil {
		name, ok := Tidy(*w.Name)
		if !ok {
			return Class{}, ErrName
		}
		c.Name = name
	}
	if w.CheckIn != nil {
		c.CheckIn = *w.CheckIn
	}
	room := c.Room
	if w.Room != nil {
		room = *w.Room
	}
	return l.move(ctx, c, room)
}

// move gives a class a room and writes it.
func (l *Lists) move(ctx context.Context, c Class, room string) (Class, error) {
	var all change
	if before, taken := l.Of(room); taken && before.ID != c.ID {
		before.Room = ""
		all.classes = append(all.classes, before)
	}
	c.Room = room
	all.classes = append(all.classes, c)
	return c, l.commit(ctx, all)
}

// Vacate takes the room with that code from its class, because it was closed.
func (l *Lists) Vacate(ctx context.Context, room string) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	c, ok := l.Of(room)
	if !ok {
		return nil
	}
	_, err := l.move(ctx, c, "")
	return err
}

// Delete deletes a class without children. Errors: ErrNoClass, ErrNotEmpty.
func (l *Lists) Delete(ctx context.Context, id string) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	c, children, err := l.Class(id)
	switch {
	case err != nil:
		return err
	case len(children) > 0:
		return ErrNotEmpty
	}
	return l.commit(ctx, change{closed: c.ID})
}

// ChildWish says what to change of a child. What is nil stays.
type ChildWish struct {
	Name   *string
	Listed *bool
	Renew  bool // gives other pictures, for a card that is lost
	// Consent says whether the child may be asked how they feel. Taking it back
	// deletes nothing.
	Consent *bool
}

// ChangeChild changes a child of a class. Errors: ErrNoClass, ErrNoChild, ErrName.
func (l *Lists) ChangeChild(ctx context.Context, class, id string, w ChildWish) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	c, children, err := l.Class(class)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(children, func(c Child) bool { return c.ID == id })
	if at < 0 {
		return ErrNoChild
	}
	child := children[at]
	if w.Name != nil {
		name, ok := Tidy(*w.Name)
		if !ok {
			return ErrName
		}
		child.Name = name
	}
	if w.Listed != nil {
		child.Listed = *w.Listed
	}
	if w.Consent != nil {
		child.Consent = *w.Consent
	}
	if w.Renew {
		child.Music = l.draw(1, class)[0]
	}
	c.Version++
	return l.commit(ctx, change{classes: []Class{c}, children: []Child{child}})
}

// Child finds a child by id.
func (l *Lists) Child(id string) (Child, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	c, ok := l.children[id]
	return c, ok
}

// MayCheckIn reports whether a child may be asked how they feel: they are listed,
// their parents agree, and their class does it.
func (l *Lists) MayCheckIn(child string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	c := l.children[child]
	return c.Listed && c.Consent && l.classes[c.Class].CheckIn
}
