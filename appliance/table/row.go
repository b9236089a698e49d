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
// json.Number, []any or map[string]any. A row that a table made has a value,
// or nil, for every column.
type Row map[string]any

// ParseRow reads a row that was written as a JSON object.
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

// decode reads one JSON value and keeps its numbers as they are written.
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

// Make returns a new row with those values, each brought to its column's type,
// and the defaults, at that time, of the columns that are not named. The
// errors are *Error.
func (t *Table) Make(values Row, at time.Time) (Row, error) {
	if err := t.known(values); err != nil {
		return nil, err
	}
	row := make(Row, len(t.Columns))
	for _, c := range t.Columns {
		value, named := values[c.Name]
		if !named && c.Default != nil {
			value = c.Default(at)
		}
		if err := t.set(row, &c, value); err != nil {
			return nil, err
		}
	}
	return row, nil
}

// Alter returns a copy of a row with some values changed, at that time. Columns
// that renew themselves do so when there is anything to change. The errors are
// *Error.
func (t *Table) Alter(old, values Row, at time.Time) (Row, error) {
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
		if err := t.set(row, &c, value); err != nil {
			return nil, err
		}
	}
	return row, nil
}

// known refuses values of columns that are not there.
func (t *Table) known(values Row) error {
	for name := range values {
		if t.Column(name) == nil {
			return t.NoColumn(name)
		}
	}
	return nil
}

// set puts a value of the column's type into a row.
func (t *Table) set(row Row, c *Column, value any) error {
	k, ok := kindOf(c.Type)
	if !ok {
		return fmt.Errorf("table %s: column %s: no type %q", t.Name, c.Name, c.Type)
	}
	value, err := k.cast(value)
	if err != nil {
		return err
	}
	if value == nil && c.Required {
		return t.nullColumn(c.Name)
	}
	row[c.Name] = value
	return nil
}

// Complete gives a row that was kept by an older box the columns it lacks.
func (t *Table) Complete(row Row) Row {
	for _, c := range t.Columns {
		if _, ok := row[c.Name]; !ok {
			row[c.Name] = nil
		}
	}
	return row
}

// KeyOf is the key of a row as a string, whose order is that of the keys.
func (t *Table) KeyOf(row Row) string { return KeyText(row[t.Key]) }

// KeyText is a key of a row as a string; "" if it can be none.
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

// Project returns a row with only those columns, and the key, which programs
// need to know which row it is. Without columns it is the row itself.
func (t *Table) Project(row Row, columns []string) Row {
	if row == nil || len(columns) == 0 {
		return row
	}
	some := Row{t.Key: row[t.Key]}
	for _, name := range columns {
		if value, ok := row[name]; ok {
			some[name] = value
		}
	}
	return some
}

// CheckColumns says which of the names is no column of the table.
func (t *Table) CheckColumns(names []string) error {
	for _, name := range names {
		if t.Column(name) == nil {
			return t.undefinedColumn(name)
		}
	}
	return nil
}

// textOf is how a JSON value reads as a text: what ->> gives.
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
	_ = e.Encode(value) // values came from JSON
	return strings.TrimSuffix(text.String(), "\n")
}
