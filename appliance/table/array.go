package table

import "strings"

// arrayOf is the type of arrays, of one dimension, of a type.
func arrayOf(element kind) kind {
	k := kind{sql: element.sql + "[]", element: &element}
	k.read = func(text string) (any, error) {
		texts, err := splitArray(text)
		if err != nil {
			return nil, err
		}
		return k.castElements(texts)
	}
	k.compare = func(a, b any) int { return compareArrays(element, a, b) }
	return k
}

func (k kind) castElements(values []any) (any, error) {
	elements := make([]any, len(values))
	for i, value := range values {
		element, err := k.element.cast(value)
		if err != nil {
			return nil, err
		}
		elements[i] = element
	}
	return elements, nil
}

// compareArrays compares element by element; null comes last, and the shorter
// of two arrays that begin alike comes first.
func compareArrays(element kind, a, b any) int {
	x, _ := a.([]any)
	y, _ := b.([]any)
	for i := range min(len(x), len(y)) {
		switch {
		case x[i] == nil && y[i] == nil:
		case x[i] == nil:
			return 1
		case y[i] == nil:
			return -1
		default:
			if c := element.compare(x[i], y[i]); c != 0 {
				return c
			}
		}
	}
	return len(x) - len(y)
}

// splitArray reads an array as Postgres writes it, {a,"b c",NULL}, into
// strings and nils.
func splitArray(text string) ([]any, error) {
	inner, opened := strings.CutPrefix(strings.TrimSpace(text), "{")
	inner, closed := strings.CutSuffix(inner, "}")
	malformed := &Error{Code: CodeText, Message: `malformed array literal: "` + Shorten(text) + `"`}
	if !opened || !closed {
		return nil, malformed
	}
	if strings.TrimSpace(inner) == "" {
		return []any{}, nil
	}
	var elements []any
	s := scanner{text: inner}
	for {
		value, quoted, err := s.value(",")
		if err != nil || strings.ContainsAny(value, "{}") && !quoted {
			return nil, malformed
		}
		if !quoted && strings.EqualFold(value, "null") {
			elements = append(elements, nil)
		} else {
			elements = append(elements, value)
		}
		if s.done() {
			return elements, nil
		}
		if !s.skip(",") {
			return nil, malformed
		}
	}
}
