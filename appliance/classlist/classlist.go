// Package classlist keeps the names of the children in each class, so that a child
// who comes back next week is the same child.
//
// A [Class] is a list of children. The teacher pastes names or reads a file
// ([Read]), looks at what would change ([Lists.Compare]), and takes it
// ([Lists.Import]). An import never deletes a child: who is not in the new list
// stays, marked as unlisted. For a day one press undoes it.
//
// Each child has a [Music], three pictures in order, which opens the child's own
// words and nothing else. [Lists.Enter] says who has entered one, and notes that
// they were here.
//
// Everything is in the store before a method returns. A child's name is sealed
// with the child's own key, so forgetting the child destroys it with their words.
// The package knows no rooms and no pages. It never logs a name.
package classlist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/store"
)

// The bounds of the lists. A school's music teacher has a dozen classes. There are
// 1,320 music names, and with fewer children the box always finds a free one.
const (
	MaxClasses  = 40
	MaxChildren = 1000 // on the box
	MaxClass    = 200  // children of a class, listed or not
	MaxName     = 60   // characters of a name as people count them
)

// Reasons to refuse a change.
var (
	ErrNoClass  = errors.New("no such class")
	ErrNoChild  = errors.New("no such child")
	ErrName     = errors.New("a name has from 1 to 60 characters")
	ErrTooMany  = errors.New("too many classes or children")
	ErrChanged  = errors.New("the list has changed meanwhile")
	ErrNothing  = errors.New("no import to undo")
	ErrNotEmpty = errors.New("the class has children")
	ErrNotKept  = errors.New("the store did not keep it")
)

// Config is what Lists need.
type Config struct {
	Store *store.Store
	Now   func() time.Time // nil means time.Now
}

// Lists are all class lists of the box. It is safe for concurrent use.
type Lists struct {
	cfg Config

	// changing is held by each change while it reads, decides and writes, so that
	// changes follow each other and reads never wait for the disk.
	changing sync.Mutex

	mu       sync.RWMutex // guards what follows
	classes  map[string]Class
	children map[string]Child
	visits   map[string]Visit // by key
}

// Open reads the lists from the store. A damaged entry is left out.
func Open(cfg Config) (*Lists, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	l := &Lists{cfg: cfg}
	var err error
	if l.classes, err = load[Class](cfg.Store, store.Classes); err != nil {
		return nil, err
	}
	if l.children, err = load[Child](cfg.Store, store.Children); err != nil {
		return nil, err
	}
	if l.visits, err = load[Visit](cfg.Store, store.Visits); err != nil {
		return nil, err
	}
	return l, nil
}

func load[T any](s *store.Store, b store.Bucket) (map[string]T, error) {
	rows, err := s.List(b)
	if err != nil {
		return nil, fmt.Errorf("read the class lists: %w", err)
	}
	all := make(map[string]T, len(rows))
	for _, row := range rows {
		var v T
		if json.Unmarshal(row.Value, &v) == nil {
			all[row.Key] = v
		}
	}
	return all, nil
}

// Classes lists the classes by name.
func (l *Lists) Classes() []Class {
	l.mu.RLock()
	defer l.mu.RUnlock()
	all := make([]Class, 0, len(l.classes))
	for _, c := range l.classes {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Class) int {
		return strings.Compare(Key(a.Name)+a.ID, Key(b.Name)+b.ID)
	})
	return all
}

// Class returns a class with its children, by name. The error is ErrNoClass.
func (l *Lists) Class(id string) (Class, []Child, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	c, ok := l.classes[id]
	if !ok {
		return Class{}, nil, ErrNoClass
	}
	return c, l.childrenLocked(id), nil
}

// Size returns how many children of a class are listed.
func (l *Lists) Size(id string) (n int) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, c := range l.children {
		if c.Class == id && c.Listed {
			n++
		}
	}
	return n
}

// Of returns the class whose room has that code.
func (l *Lists) Of(room string) (Class, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, c := range l.classes {
		if room != "" && c.Room == room {
			return c, true
		}
	}
	return Class{}, false
}

func (l *Lists) childrenLocked(class string) (all []Child) {
	for _, c := range l.children {
		if c.Class == class {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b Child) int { return strings.Compare(Key(a.Name)+a.ID, Key(b.Name)+b.ID) })
	return all
}

// change is what a change writes: classes and children as they are to be, and what
// goes.
type change struct {
	classes  []Class
	children []Child
	visits   []Visit
	dropped  []string // ids of children
	closed   string   // id of a class
}

// commit writes a change in one transaction, and then keeps it in memory. The
// caller holds changing. The error is ErrNotKept.
func (l *Lists) commit(ctx context.Context, c change) error {
	ops, err := c.ops()
	if err != nil {
		return err
	}
	if len(ops) == 0 {
		return nil
	}
	if err := l.cfg.Store.Write(context.WithoutCancel(ctx), ops...); err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, class := range c.classes {
		l.classes[class.ID] = class
	}
	for _, child := range c.children {
		l.children[child.ID] = child
	}
	for _, v := range c.visits {
		l.visits[v.key()] = v
	}
	for _, id := range c.dropped {
		delete(l.children, id)
	}
	delete(l.classes, c.closed)
	return nil
}

func (c change) ops() (ops []store.Op, err error) {
	add := func(b store.Bucket, key, owner string, v any) {
		op, problem := store.JSON(b, key, v)
		op.Owner = owner
		ops, err = append(ops, op), errors.Join(err, problem)
	}
	for _, class := range c.classes {
		add(store.Classes, class.ID, "", class)
	}
	for _, child := range c.children {
		add(store.Children, child.ID, child.ID, child)
	}
	for _, v := range c.visits {
		add(store.Visits, v.key(), v.Child, v)
	}
	for _, id := range c.dropped {
		ops = append(ops, store.Op{Bucket: store.Children, Key: id})
	}
	if c.closed != "" {
		ops = append(ops, store.Op{Bucket: store.Classes, Key: c.closed})
	}
	return ops, err
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
