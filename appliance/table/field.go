package table

import (
	"encoding/json"
	"strconv"
	"strings"
)

// MaxPath is how many keys deep a field may reach into a jsonb column.
const MaxPath = 16

// Field is a column, or a place inside a jsonb column.
type Field struct {
	Name   string // its name in an answer
	column string
	path   []string // keys and indexes below the column
	kind   kind
}

// ParseField reads a column's name, or a path into a jsonb column in PostgREST's
// form: body->steps->0->>title. A last arrow ->> makes it a text. The field's
// name is its last key that is no index, or else its column (PostgREST,
// pgFmtAs).
func (t *Table) ParseField(text string) (Field, error) {
	name, path, nested := strings.Cut(text, "->")
	c := t.Column(strings.Trim(name, `"`))
	if c == nil {
		return Field{}, t.undefinedColumn(name)
	}
	k, _ := kindOf(c.Type)
	f := Field{Name: c.Name, column: c.Name, kind: k}
	if !nested {
		return f, nil
	}
	if !k.json {
		return Field{}, &Error{Code: CodeNoOperator, Message: "operator does not exist: " + k.sql + " -> unknown"}
	}
	return f.below(path)
}

// below follows a path, without its first arrow.
func (f Field) below(path string) (Field, error) {
	for more := true; more; {
		path, f.kind = f.arrow(path)
		var key string
		if key, path, more = strings.Cut(path, "->"); key == "" {
			return Field{}, BadSyntax(path, "expecting a key after an arrow")
		}
		if more && !f.kind.json {
			return Field{}, BadSyntax(path, "nothing can follow ->>")
		}
		key = strings.Trim(key, `"`)
		if f.path = append(f.path, key); len(f.path) > MaxPath {
			return Field{}, TooMuch("a path is deeper than %d keys", MaxPath)
		}
		if _, err := strconv.Atoi(key); err != nil {
			f.Name = key
		}
	}
	return f, nil
}

// arrow reads the rest of an arrow, after ->.
func (f Field) arrow(path string) (string, kind) {
	if rest, isText := strings.CutPrefix(path, ">"); isText {
		return rest, kinds[Text]
	}
	return path, kinds[JSONB]
}

// Of returns the field's value in a row; nil if there is none.
func (f Field) Of(row Row) any {
	value := row[f.column]
	for _, key := range f.path {
		value = child(value, key)
	}
	if value != nil && len(f.path) > 0 && !f.kind.json {
		return textOf(value)
	}
	return value
}

// child finds a value inside a JSON value. Indexes below 0 count from the end.
func child(value any, key string) any {
	switch v := value.(type) {
	case map[string]any:
		return v[key]
	case []any:
		i, err := strconv.Atoi(key)
		if err == nil && i < 0 {
			i += len(v)
		}
		if err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// JSON is the field's value in a row as JSON.
func (f Field) JSON(row Row) ([]byte, error) { return json.Marshal(f.Of(row)) }
