package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"time"
)

// Row is the values of a row by the names of its columns: nil, bool, string,
// json.Number, []any or map[string]any. A row from a table has a value or nil
// for every column.
type Row map[string]any

// ParseRow reads a row from a JSON object.
func ParseRow(raw []byte) (Row, error) {
	var row Row
	if err := decode(raw, &row); err != nil {
		return nil, err
	}
	if row == nil {
		return nil, errors.New("not an object")
	}
	return row, nil
}

// decode reads one JSON value and keeps its numbers as text.
func decode(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one value")
	}
	return nil
}

// Make returns a new row with those values, each cast to its column's type.
// Other columns get their defaults, at the time now. The errors are *Error.
func (t *Table) Make(values Row, at time.Time) (Row, error) {
	for name := range values {
		if t.find(name) == nil {
			return nil, t.NoColumn(name)
		}
	}
	return t.make(values, at, func(_ *Column, sent any) any { return sent })
}

// make makes a row. stamp may replace each value that was sent.
func (t *Table) make(values Row, at time.Time, stamp func(c *Column, sent any) any) (Row, error) {
	row := make(Row, len(t.Columns))
	for _, c := range t.Columns {
		sent, named := values[c.Name]
		value := stamp(&c, sent)
		if value == nil && (!named || c.Stamp != nil) && c.Default != nil {
			value = c.Default(at)
		}
		if err := t.set(row, &c, value, at); err != nil {
			return nil, err
		}
	}
	return row, t.check(row)
}

// check refuses a row that breaks a constraint.
func (t *Table) check(row Row) error {
	for _, c := range t.Checks {
		if !c.Holds(row) {
			return t.violated(c.Name)
		}
	}
	return nil
}

// Received reads a row that another database sent as a JSON object. Columns that
// this table lacks are left out, because a newer box may have added them.
func (t *Table) Received(raw []byte, at time.Time) (Row, error) {
	values, err := ParseRow(raw)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(values, func(name string, _ any) bool { return t.find(name) == nil })
	return t.Make(values, at)
}

// Alter returns a copy of a row with some values changed, at the time now. If
// there is a change, the columns with Renew get their defaults anew. The errors
// are *Error.
func (t *Table) Alter(old, values Row, at time.Time) (Row, error) {
	row, err := t.alter(old, values, at)
	if err != nil {
		return nil, err
	}
	return row, t.check(row)
}

// Alterable returns the error that [Table.Alter] has for those values with every
// row.
func (t *Table) Alterable(values Row) error {
	_, err := t.alter(Row{}, values, time.Time{})
	return err
}

func (t *Table) alter(old, values Row, at time.Time) (Row, error) {
	if err := t.known(values); err != nil {
		return nil, err
	}
	row := maps.Clone(old)
	for _, c := range t.Columns {
		value, named := values[c.Name]
		switch {
		case named:
		case c.Renew && c.Default != nil && len(values) > 0:
			value = c.Default(at)
		default:
			continue
		}
		if err := t.set(row, &c, value, at); err != nil {
			return nil, err
		}
	}
	return row, nil
}

// known refuses values for columns that the table lacks.
func (t *Table) known(values Row) error {
	for name := range values {
		if t.Column(name) == nil {
			return t.NoColumn(name)
		}
	}
	return nil
}

// set casts a value to the column's type and puts it into a row.
func (t *Table) set(row Row, c *Column, value any, at time.Time) error {
	k, ok := kindOf(c.Type)
	if !ok {
		return fmt.Errorf("table %s: column %s: no type %q", t.Name, c.Name, c.Type)
	}
	value, err := k.cast(value, at)
	if err != nil {
		return err
	}
	if value == nil && c.Required {
		return t.nullColumn(c.Name)
	}
	row[c.Name] = value
	return nil
}

// Complete adds the columns that a row from an older box lacks.
func (t *Table) Complete(row Row) Row {
	for _, c := range t.Columns {
		if _, ok := row[c.Name]; !ok {
			row[c.Name] = nil
		}
	}
	return row
}

// KeyOf returns the key of a row as a string. The strings sort as the keys do.
func (t *Table) KeyOf(row Row) string { return KeyText(row[t.Key]) }

// OwnerOf returns the id of the student to whom a row belongs; empty if there is
// none.
func (t *Table) OwnerOf(row Row) string {
	owner, _ := row[t.Owner].(string)
	return owner
}

// KeyText returns a key as a string; "" if it cannot be a key.
func KeyText(key any) string {
	switch key := key.(type) {
	case string:
		return key
	case json.Number:
		n, err := key.Int64()
		if err != nil {
			return ""
		}
		return fmt.Sprintf("%016x", uint64(n)^(1<<63))
	}
	return ""
}

// Project returns a row with only those columns and the key, by which programs
// know the row. Without columns it returns every column that callers may read.
func (t *Table) Project(row Row, columns []string) Row {
	if row == nil {
		return nil
	}
	if len(columns) == 0 {
		return t.shown(row)
	}
	some := Row{t.Key: row[t.Key]}
	for _, name := range columns {
		if value, ok := row[name]; ok {
			some[name] = value
		}
	}
	return some
}

// shown returns a row without its hidden columns: the row itself if the table
// has none.
func (t *Table) shown(row Row) Row {
	some := row
	for _, c := range t.Columns {
		if !c.Hidden {
			continue
		}
		if len(some) == len(row) {
			some = maps.Clone(row)
		}
		delete(some, c.Name)
	}
	return some
}

// CheckSelection returns an error for a name that is no column of the table, in
// the words of supabase/realtime.
func (t *Table) CheckSelection(names []string) error {
	for _, name := range names {
		if t.Column(name) == nil {
			return raised("invalid column for select %s", Shorten(name))
		}
	}
	return nil
}

// textOf returns a JSON value as a text, as ->> does.
func textOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // the values came from JSON
	return strings.TrimSuffix(text.String(), "\n")
}
