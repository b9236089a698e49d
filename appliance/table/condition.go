package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The bounds on lists in a filter.
const (
	MaxValues      = 100  // in a filter of changes, as in Supabase Realtime
	MaxQueryValues = 1000 // in a query of rows
	MaxQuantified  = 10   // elements after (any) and (all); each may be a pattern
)

// truth is the three-valued truth of SQL: a comparison with null is unknown. AND
// is the least of two, OR the greatest, NOT the negative.
type truth int8

const (
	no      truth = -1
	unknown truth = 0
	yes     truth = 1
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// Condition is one condition on a row.
type Condition struct {
	eval func(Row) truth
	// key is the operand of a condition "column = operand" on a column.
	column string
	key    any
}

// test says whether a value meets a condition.
type test func(value any) truth

// terms are how a filter is written, and how it is paid for.
type terms struct {
	dialect
	*Payment
}

// dialect is how filters are written.
type dialect int

const (
	ofChanges dialect = iota // as supabase/realtime reads them
	ofQueries                // as PostgREST does: * may stand for %, and there are (any) and (all)
)

// operator makes a test from its operand.
type operator func(k kind, text string, m terms) (test, error)

// operators are those of Postgres Changes. The operator in is not among them:
// its operand is a list.
var operators = map[string]operator{
	"eq":         comparison(func(c int) bool { return c == 0 }),
	"neq":        comparison(func(c int) bool { return c != 0 }),
	"lt":         comparison(func(c int) bool { return c < 0 }),
	"lte":        comparison(func(c int) bool { return c <= 0 }),
	"gt":         comparison(func(c int) bool { return c > 0 }),
	"gte":        comparison(func(c int) bool { return c >= 0 }),
	"like":       like("~~", false),
	"ilike":      like("~~*", true),
	"match":      matching("~", false),
	"imatch":     matching("~*", true),
	"is":         is,
	"isdistinct": isDistinct,
}

// operatorNames lists all operators for errors.
const operatorNames = "eq, neq, lt, lte, gt, gte, in, like, ilike, is, match, imatch, isdistinct"

func comparison(holds func(int) bool) operator {
	return func(k kind, text string, _ terms) (test, error) {
		operand, err := k.operand(text)
		if err != nil {
			return nil, err
		}
		return notNull(func(value any) bool { return holds(compareWith(k, value, operand())) }), nil
	}
}

// compareWith compares a value with an operand. An operand of jsonb may be JSON
// null, which comes first.
func compareWith(k kind, value, operand any) int {
	if operand == nil {
		return 1
	}
	return k.compare(value, operand)
}

// notNull wraps a test so that null gives unknown.
func notNull(holds func(value any) bool) test {
	return func(value any) truth {
		if value == nil {
			return unknown
		}
		return truthOf(holds(value))
	}
}

func like(symbol string, ignoreCase bool) operator {
	return func(k kind, text string, m terms) (test, error) {
		if m.dialect == ofQueries {
			text = strings.ReplaceAll(text, "*", "%")
		}
		if err := needText(k, symbol); err != nil {
			return nil, err
		}
		re, err := compileLike(text, ignoreCase, m)
		if err != nil {
			return nil, err
		}
		return notNull(func(value any) bool { return matches(re, value) }), nil
	}
}

func matching(symbol string, ignoreCase bool) operator {
	return func(k kind, text string, m terms) (test, error) {
		if err := needText(k, symbol); err != nil {
			return nil, err
		}
		re, err := compileRegexp(text, ignoreCase, m)
		if err != nil {
			return nil, err
		}
		return notNull(func(value any) bool { return matches(re, value) }), nil
	}
}

func needText(k kind, symbol string) error {
	if k.sql == kinds[Text].sql {
		return nil
	}
	return &Error{
		Code:    CodeNoOperator,
		Message: fmt.Sprintf("operator does not exist: %s %s unknown", k.sql, symbol),
		Hint:    "No operator matches the given name and argument types. You might need to add explicit type casts.",
	}
}

func is(k kind, text string, _ terms) (test, error) {
	word := strings.ToLower(text)
	switch word {
	case "null":
		return func(value any) truth { return truthOf(value == nil) }, nil
	case "not_null":
		return func(value any) truth { return truthOf(value != nil) }, nil
	case "true", "false", "unknown":
	default:
		return nil, errors.New("expecting null, not_null, true, false or unknown")
	}
	if k.sql != kinds[Bool].sql {
		return nil, &Error{Code: CodeWrongType, Message: fmt.Sprintf("argument of IS %s must be type boolean, not type %s", strings.ToUpper(word), k.sql)}
	}
	want := map[string]any{"true": true, "false": false}[word] // unknown is null
	return func(value any) truth { return truthOf(value == want) }, nil
}

func isDistinct(k kind, text string, _ terms) (test, error) {
	operand, err := k.operand(text)
	if err != nil {
		return nil, err
	}
	return func(value any) truth { return truthOf(!k.equal(value, operand())) }, nil
}

// among makes the condition that a field equals one of some elements: texts, or
// nil for null. A null makes the answer unknown if no other element is equal.
func (f Field) among(elements []any) (Condition, error) {
	var operands []operand
	missed := no
	for _, element := range elements {
		text, ok := element.(string)
		if !ok {
			missed = unknown
			continue
		}
		o, err := f.kind.operand(text)
		if err != nil {
			return Condition{}, err
		}
		operands = append(operands, o)
	}
	return f.fulfils(func(value any) truth {
		switch {
		case value == nil && len(elements) > 0:
			return unknown
		case value != nil && slices.ContainsFunc(operands, func(o operand) bool { return compareWith(f.kind, value, o()) == 0 }):
			return yes
		}
		return missed
	}), nil
}

// queryCondition reads [not.]operator.operand of a query; value reads the operand.
func queryCondition(f Field, s *scanner, m terms, value func() (string, error)) (Condition, error) {
	begin := s.at
	negated := s.skip("not.")
	c, err := queryOperation(f, s, m, value)
	if err != nil {
		return Condition{}, orSyntax(err, s.text[begin:])
	}
	if negated {
		return c.not(), nil
	}
	return c, nil
}

// queryOperation reads operator.operand.
func queryOperation(f Field, s *scanner, m terms, value func() (string, error)) (Condition, error) {
	name := s.until(".(,)")
	combine := quantifier(s)
	build, known := operators[name]
	switch {
	case name == "in" && combine == nil && s.skip("."):
		elements, err := s.list(MaxQueryValues)
		if err != nil {
			return Condition{}, err
		}
		return f.among(elements)
	case !known || combine != nil && (name == "is" || name == "isdistinct") || !s.skip("."):
		return Condition{}, fmt.Errorf("expecting not or an operator (%s)", operatorNames)
	}
	operand, err := value()
	if err != nil {
		return Condition{}, err
	}
	if combine != nil {
		return quantified(f, build, operand, m, combine)
	}
	return f.compared(name, operand, m)
}

// compared makes the condition of an operator that is known.
func (f Field) compared(name, operand string, m terms) (Condition, error) {
	holds, err := operators[name](f.kind, operand, m)
	c := f.fulfils(holds)
	if err == nil && name == "eq" && len(f.path) == 0 {
		c.column = f.column
		c.key, _, err = f.kind.parse(operand, time.Now())
	}
	return c, err
}

// fulfils makes the condition that a field passes a test.
func (f Field) fulfils(holds test) Condition {
	return Condition{eval: func(row Row) truth { return holds(f.Of(row)) }}
}

// quantifier reads (any) or (all); nil means neither is there.
func quantifier(s *scanner) func([]Condition) func(Row) truth {
	switch {
	case s.skip("(any)"):
		return some
	case s.skip("(all)"):
		return all
	}
	return nil
}

// quantified applies an operator to every element of an array.
func quantified(f Field, build operator, operand string, m terms, combine func([]Condition) func(Row) truth) (Condition, error) {
	elements, _, err := splitArray(operand)
	if err != nil {
		return Condition{}, err
	}
	if len(elements) > MaxQuantified {
		return Condition{}, TooMuch("(any) and (all) take at most %d elements", MaxQuantified)
	}
	var members []Condition
	for _, element := range elements {
		text, _ := element.(string)
		holds, err := build(f.kind, text, m)
		if err != nil {
			return Condition{}, err
		}
		members = append(members, f.fulfils(holds))
	}
	return Condition{eval: combine(members)}, nil
}

func (c Condition) not() Condition {
	return Condition{eval: func(row Row) truth { return -c.eval(row) }}
}

// orSyntax keeps an error that has a code or is about the payment, and makes any
// other a syntax error.
func orSyntax(err error, text string) error {
	_, unpaid := errors.AsType[*UnpaidError](err)
	if _, ok := asError(err); ok || unpaid {
		return err
	}
	return BadSyntax(text, err.Error())
}
