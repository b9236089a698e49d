package rest

import (
	"bytes"
	"encoding/json"
	"strings"

	"downbeat.local/appliance/table"
)

// The bounds on an answer: a client may ask for a field under many names.
const (
	maxSelected = 100      // fields of a row
	maxAnswer   = 16 << 20 // bytes
)

// selection is the fields of each row in an answer, in order.
type selection []selected

type selected struct {
	name  []byte // as JSON
	field table.Field
}

// everything selects every column.
func everything(t *table.Table) selection {
	var all selection
	for _, c := range t.Columns {
		if c.Hidden {
			continue
		}
		f, err := t.ParseField(c.Name)
		if err != nil {
			panic(err) // a column of the table is always a field
		}
		all = append(all, selected{quoted(c.Name), f})
	}
	return all
}

// parseSelect reads a select parameter: fields with commas between them. A field
// may have a new name before a colon. * is every column.
func parseSelect(t *table.Table, text string) (selection, error) {
	if text == "" {
		text = "*"
	}
	var all selection
	for _, part := range strings.Split(text, ",") {
		some, err := parseSelected(t, strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(all) > maxSelected {
			return nil, table.TooMuch("an answer has too many fields")
		}
	}
	return all, nil
}

// parseSelected reads one field of it.
func parseSelected(t *table.Table, part string) (selection, error) {
	switch name, _, embedded := strings.Cut(part, "("); {
	case part == "*":
		return everything(t), nil
	case strings.HasSuffix(part, "()"):
		return nil, &table.Error{Code: codeAggregate, Message: "Use of aggregate functions is not allowed"}
	case embedded:
		return nil, &table.Error{
			Code:    codeRelation,
			Message: "Could not find a relationship between '" + t.Name + "' and '" + table.Shorten(name) + "' in the schema cache",
		}
	case strings.Contains(part, "::"):
		return nil, table.BadSyntax(part, "the box does not cast columns")
	}
	alias, text, renamed := strings.Cut(part, ":")
	if !renamed {
		text = part
	}
	f, err := t.ParseField(text)
	if err != nil {
		return nil, err
	}
	if !renamed {
		alias = f.Name
	}
	return selection{{quoted(strings.Trim(alias, `"`)), f}}, nil
}

func quoted(name string) []byte {
	raw, err := json.Marshal(name)
	if err != nil {
		panic(err) // strings are always JSON
	}
	return raw
}

// appendRow appends a row as a JSON object, with its nulls or without.
func (s selection) appendRow(b *bytes.Buffer, row table.Row, strip bool) error {
	b.WriteByte('{')
	first := true
	for _, one := range s {
		if strip && one.field.Of(row) == nil {
			continue
		}
		value, err := one.field.JSON(row)
		if err != nil {
			return err
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		b.Write(one.name)
		b.WriteByte(':')
		if b.Write(value); b.Len() > maxAnswer {
			return table.TooMuch("the answer is longer than 16 MiB: ask for less")
		}
	}
	b.WriteByte('}')
	return nil
}

// encode writes rows as an array, or the only one as an object.
func (s selection) encode(rows []table.Row, f form) ([]byte, error) {
	var b bytes.Buffer
	if f.single {
		err := s.appendRow(&b, rows[0], f.strip)
		return b.Bytes(), err
	}
	b.WriteByte('[')
	for i, row := range rows {
		if i > 0 {
			b.WriteString(",\n")
		}
		if err := s.appendRow(&b, row, f.strip); err != nil {
			return nil, err
		}
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}
