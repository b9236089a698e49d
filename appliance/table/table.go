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
	// Required refuses null, also where a client says null itself.
	Required bool
	// Default makes the value of a new row that does not name the column, at
	// the time of the write; nil means null.
	Default func(at time.Time) any
	// Renew takes the default anew whenever a change of a row does not name
	// the column.
	Renew bool
}

// Table is the definition of a table.
type Table struct {
	Schema, Name string
	Columns      []Column
	Key          string // the primary key: one column, uuid, text, int4 or int8
	Policy       Policy
}

// Validate says what is wrong with a definition.
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
	switch key := t.Column(t.Key); {
	case key == nil || !key.Required:
		return fmt.Errorf("table %s: no required column %q for the key", t.Name, t.Key)
	case key.Type == UUID || key.Type == Text || key.Type == Int4 || key.Type == Int8:
		return nil
	default:
		return fmt.Errorf("table %s: a key of type %s has no place in the store", t.Name, key.Type)
	}
}

// Column finds a column; nil means there is none of that name.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// FullName is the table's name with its schema: "public.lesson_plans".
func (t *Table) FullName() string { return t.Schema + "." + t.Name }
