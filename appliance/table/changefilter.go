package table

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ParseFilter reads a filter of changes, as supabase/realtime does: conditions
// column=operator.value with commas between them, which mean AND. An empty text
// keeps every row.
//
// A value is the text after the operator, up to a comma outside parentheses and
// without blanks after it; in double quotes it may hold anything. The list of the
// operator in is an array of Postgres in parentheses in place of braces. The
// errors are *Error, with supabase/realtime's messages, and
// *UnpaidError.
func (t *Table) ParseFilter(text string, pay *Payment) (Filter, error) {
	m := terms{ofChanges, pay}
	if len(text) > MaxFilter {
		return nil, TooMuch("a filter is longer than %d bytes", MaxFilter)
	}
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil
	}
	if err := m.charge(heldPerByte * len(text)); err != nil {
		return nil, err
	}
	var parts []changeCondition
	for _, segment := range splitSegments(text) {
		part, err := parseSegment(strings.TrimSpace(segment))
		if err != nil {
			return nil, err
		}
		if parts = append(parts, part); len(parts) > MaxConditions {
			return nil, TooMuch("a filter has more than %d conditions", MaxConditions)
		}
	}
	filter := make(Filter, len(parts))
	for i, part := range parts {
		var err error
		if filter[i], err = t.changeCondition(part, m); err != nil {
			return nil, err
		}
	}
	return filter, nil
}

// splitSegments splits a filter at its commas. Commas in parentheses or double
// quotes do not count. A quote begins where a value can: after a point, and
// after a parenthesis or a comma inside one.
func splitSegments(text string) (segments []string) {
	begin, depth, quoted := 0, 0, false
	before := byte(0) // the last byte; in a list, the last that is not blank
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			i++
		case quoted:
			quoted = c != '"'
		case c == '"':
			quoted = strings.IndexByte(".(,", before) >= 0
		case c == '(':
			depth++
		case c == ')':
			depth = max(0, depth-1)
		case c == ',' && depth == 0:
			segments = append(segments, text[begin:i])
			begin, c = i+1, 0
		}
		if depth == 0 || quoted || !isBlank(c) {
			before = c
		}
	}
	return append(segments, text[begin:])
}

// changeCondition is a condition of a filter of changes, before it is known to
// fit the table.
type changeCondition struct {
	column   string
	negated  bool
	operator string
	operand  string // of in, an array of Postgres
}

func parseSegment(text string) (c changeCondition, err error) {
	if text == "" {
		return c, badFilter("filter must not contain empty segments (check for extra commas)")
	}
	column, rest, ok := strings.Cut(text, "=")
	if !ok {
		return c, badFilter(fmt.Sprintf("[%q]", Shorten(text)))
	}
	rest, c.negated = strings.CutPrefix(rest, "not.")
	operator, operand, ok := strings.Cut(rest, ".")
	if !ok {
		return c, badFilter(fmt.Sprintf("[%q]", Shorten(rest)))
	}
	c.column, c.operator, c.operand = column, operator, unquoted(operand)
	switch _, known := operators[operator]; {
	case operator == "in":
		list, opened := strings.CutPrefix(operand, "(")
		list, closed := strings.CutSuffix(list, ")")
		if !opened || !closed {
			return c, badFilter("`in` filter value must be wrapped by parentheses")
		}
		c.operand = "{" + list + "}"
	case !known:
		return c, badFilter(fmt.Sprintf("[%q, %q]", Shorten(operator), Shorten(operand)))
	}
	return c, nil
}

// unquoted undoes the double quotes around a whole value. Any other value stays
// as it is.
func unquoted(text string) string {
	s := scanner{text: text}
	if value, err := s.quoted(); err == nil && s.done() {
		return value
	}
	return text
}

// changeCondition checks a condition against the table's columns.
func (t *Table) changeCondition(c changeCondition, m terms) (Condition, error) {
	column := t.Column(c.column)
	if column == nil {
		return Condition{}, raised("invalid column for filter %s", Shorten(c.column))
	}
	k, _ := kindOf(column.Type)
	f := Field{Name: column.Name, column: column.Name, kind: k}
	if err := c.fits(k); err != nil {
		return Condition{}, err
	}
	made, err := c.condition(f, m)
	if c.negated {
		return made.not(), err
	}
	return made, err
}

func (c changeCondition) condition(f Field, m terms) (Condition, error) {
	if c.operator == "in" {
		return c.among(f)
	}
	made, err := f.compared(c.operator, c.operand, m)
	if problem, ok := asError(err); ok && problem.Code == CodePattern {
		err = raised("invalid regular expression for %s filter: %s", c.operator, problem.Message)
	}
	return made, err
}

// among reads the list of the operator in.
func (c changeCondition) among(f Field) (Condition, error) {
	if f.kind.element != nil {
		return Condition{}, &Error{Code: CodeNoOperator, Message: "operator does not exist: " + f.kind.sql + " = " + f.kind.element.sql}
	}
	elements, _, err := splitArray(c.operand)
	if err != nil {
		return Condition{}, err
	}
	if len(elements) > MaxValues {
		return Condition{}, raised("too many values for `in` filter. Maximum %d", MaxValues)
	}
	return f.among(elements)
}

// isWords are the operands of is. Upstream takes no others, in no other case.
var isWords = []string{"null", "true", "false", "unknown"}

// fits refuses an operator that does not go with the type, in the words of
// supabase/realtime.
func (c changeCondition) fits(k kind) error {
	switch c.operator {
	case "is":
		if !slices.Contains(isWords, c.operand) {
			return raised("invalid value for is filter: must be null, true, false, or unknown")
		}
		if c.operand != "null" && k.sql != kinds[Bool].sql {
			return raised("is %s filter requires a boolean column, got %s", c.operand, k.sql)
		}
	case "like", "ilike", "match", "imatch":
		if k.sql != kinds[Text].sql {
			return raised("operator %s requires a text-compatible column type, got %s", c.operator, k.sql)
		}
	}
	return nil
}

// badFilter is the error for a filter of changes that cannot be parsed.
func badFilter(why string) error {
	return &Error{Code: CodeSyntax, Message: "Error parsing `filter` params: " + why}
}

// raised is an error that supabase/realtime raises when it stores a
// subscription.
func raised(format string, args ...any) error {
	return &Error{Code: CodeRaised, Message: fmt.Sprintf(format, args...)}
}

// operand gives the value to compare with. It is the same every time, but for a
// time such as "now".
type operand func() any

// operand reads an operand once, to find out whether it can be read.
func (k kind) operand(text string) (operand, error) {
	value, relative, err := k.parse(text, time.Now())
	if err != nil || !relative {
		return func() any { return value }, err
	}
	return func() any {
		value, _, _ := k.parse(text, time.Now()) // it was read before
		return value
	}, nil
}
