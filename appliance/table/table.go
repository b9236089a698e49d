package table

import (
	"errors"
	"fmt"
	"time"
)

// Column is one column of a table.
type Column struct {
	Name string
	Type string // one of the names in types.go, or an array: "_text"
	// Required refuses null, even if a client sends it.
	Required bool
	// Default makes the value for a new row without one, at the time of the
	// write. Nil means null.
	Default func(at time.Time) any
	// Renew takes the default again at each change that does not set the
	// column.
	Renew bool
	// Stamp makes the value for a new row from its author and from the value
	// that they sent, which is nil if they sent none. Nil means the default. The
	// box itself writes rows without stamps.
	Stamp func(by Caller, sent any) any
	// Hidden columns exist for policies. No caller reads, filters or sets one.
	Hidden bool
}

// Constraint is a condition on every row, as CHECK in Postgres.
type Constraint struct {
	Name  string // as errors name it
	Holds func(Row) bool
}

// SQL is the type of the column as SQL writes it.
func (c Column) SQL() string {
	k, _ := kindOf(c.Type)
	return k.sql
}

// Table is the definition of a table.
type Table struct {
	Schema, Name string
	Columns      []Column
	Key          string // the primary key: one column, uuid, text, int4 or int8
	// Owner names the column with the id of the student to whom a row belongs.
	// The store seals the row with their key, and forgets it with them. Empty
	// means that rows belong to nobody.
	Owner string
	// Private reports whether a row leaves the box with its Words sealed, so
	// that they are kept elsewhere and read only here. Nil means that none does.
	Private func(Row) bool
	Words   []string // columns; they are null elsewhere
	Checks  []Constraint
	Policy  Policy
	// Broadcast says that changes also go out on the private topic of the table,
	// which every teacher may read, and are kept for replay.
	Broadcast bool
}

// Validate returns an error if a definition is wrong.
func (t *Table) Validate() error {
	if t.Schema == "" || t.Name == "" {
		return errors.New("a table needs a schema and a name")
	}
	seen := map[string]bool{}
	for _, c := range t.Columns {
		if _, ok := kindOf(c.Type); !ok || c.Name == "" || seen[c.Name] {
			return fmt.Errorf("table %s: bad column %q of type %q", t.Name, c.Name, c.Type)
		}
		seen[c.Name] = true
	}
	if t.Owner != "" && !seen[t.Owner] {
		return fmt.Errorf("table %s: no column %q for the owner", t.Name, t.Owner)
	}
	for _, name := range t.Words {
		if !seen[name] {
			return fmt.Errorf("table %s: no column %q for words", t.Name, name)
		}
	}
	for _, r := range t.Policy {
		if r.Own != "" && !seen[r.Own] || r.Room != "" && !seen[r.Room] {
			return fmt.Errorf("table %s: a rule needs a missing column %q", t.Name, r.Own+r.Room)
		}
	}
	switch key := t.Column(t.Key); {
	case key == nil || !key.Required:
		return fmt.Errorf("table %s: no required column %q for the key", t.Name, t.Key)
	case key.Type == UUID || key.Type == Text || key.Type == Int4 || key.Type == Int8:
		return nil
	default:
		return fmt.Errorf("table %s: a key of type %s has no place in the store", t.Name, key.Type)
	}
}

// Column finds a column by name; nil if there is none that callers may name.
func (t *Table) Column(name string) *Column {
	if c := t.find(name); c != nil && !c.Hidden {
		return c
	}
	return nil
}

// find finds a column by name, also a hidden one.
func (t *Table) find(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// FullName is the table's name with its schema: "public.lesson_plans".
func (t *Table) FullName() string { return t.Schema + "." + t.Name }
