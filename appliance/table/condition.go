package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxValues bounds a list of values in a filter of changes, as Supabase
// Realtime does; a query of rows may name MaxQueryValues.
const (
	MaxValues      = 100
	MaxQueryValues = 1000
	MaxQuantified  = 10 // elements after (any) and (all), each a pattern perhaps
)

// truth is SQL's: a comparison with null is unknown. AND is the least of two,
// OR the greatest, NOT the negative.
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

// Condition is one thing that a row has to fulfil.
type Condition struct {
	eval func(Row) truth
	// key is the operand of a condition "column = operand" on a column.
	column string
	key    any
}

// test says whether a value fulfils a condition.
type test func(value any) truth

// manner is how filters are written at a door of the package.
type manner struct {
	query  bool // of PostgREST: * is another way to write %, and there are (any) and (all)
	values int  // of one list, at most
}

var (
	ofChanges = manner{values: MaxValues}
	ofQueries = manner{values: MaxQueryValues, query: true}
)

// operator makes a test of its operand.
type operator func(k kind, text string, m manner) (test, error)

// operators are those of Postgres Changes: reference §5.2. in is read apart,
// because its operand is a list.
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

// operatorNames are all operators as an error lists them.
const operatorNames = "eq, neq, lt, lte, gt, gte, in, like, ilike, is, match, imatch, isdistinct"

func comparison(holds func(int) bool) operator {
	return func(k kind, text string, _ manner) (test, error) {
		operand, err := k.read(text)
		if err != nil {
			return nil, err
		}
		return notNull(func(value any) bool { return holds(compareWith(k, value, operand)) }), nil
	}
}

// compareWith compares a value with an operand; JSON null, which an operand of
// jsonb may be, comes first.
func compareWith(k kind, value, operand any) int {
	if operand == nil {
		return 1
	}
	return k.compare(value, operand)
}

// notNull is a test that null neither passes nor fails.
func notNull(holds func(value any) bool) test {
	return func(value any) truth {
		if value == nil {
			return unknown
		}
		return truthOf(holds(value))
	}
}

func like(symbol string, ignoreCase bool) operator {
	return func(k kind, text string, m manner) (test, error) {
		if m.query {
			text = strings.ReplaceAll(text, "*", "%")
		}
		if err := needText(k, symbol); err != nil {
			return nil, err
		}
		re, err := compileLike(text, ignoreCase)
		if err != nil {
			return nil, err
		}
		return notNull(func(value any) bool { return matches(re, value) }), nil
	}
}

func matching(symbol string, ignoreCase bool) operator {
	return func(k kind, text string, _ manner) (test, error) {
		if err := needText(k, symbol); err != nil {
			return nil, err
		}
		re, err := compileRegexp(text, ignoreCase)
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

func is(k kind, text string, _ manner) (test, error) {
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

func isDistinct(k kind, text string, _ manner) (test, error) {
	operand, err := k.read(text)
	if err != nil {
		return nil, err
	}
	return func(value any) truth { return truthOf(!k.equal(value, operand)) }, nil
}

// in reads a list of values and tests for being one of them.
func in(k kind, s *scanner, m manner) (test, error) {
	texts, err := s.list(m.values)
	if err != nil {
		return nil, err
	}
	operands := make([]any, len(texts))
	for i, text := range texts {
		if operands[i], err = k.read(text); err != nil {
			return nil, err
		}
	}
	return notNull(func(value any) bool {
		return slices.ContainsFunc(operands, func(o any) bool { return compareWith(k, value, o) == 0 })
	}), nil
}

// parse reads [not.]operator.operand of a field; value reads the operand.
func (m manner) parse(f Field, s *scanner, value func() (string, error)) (Condition, error) {
	begin := s.at
	negated := s.skip("not.")
	c, err := m.operation(f, s, value)
	if err != nil {
		return Condition{}, orSyntax(err, s.text[begin:])
	}
	if negated {
		return c.not(), nil
	}
	return c, nil
}

// operation reads operator.operand.
func (m manner) operation(f Field, s *scanner, value func() (string, error)) (Condition, error) {
	name := s.until(".(,)")
	combine := quantifier(s)
	build, known := operators[name]
	switch {
	case name == "in" && combine == nil && s.skip("."):
		holds, err := in(f.kind, s, m)
		return f.fulfils(holds), err
	case !known || combine != nil && (!m.query || name == "is" || name == "isdistinct") || !s.skip("."):
		return Condition{}, fmt.Errorf("expecting not or an operator (%s)", operatorNames)
	}
	operand, err := value()
	if err != nil {
		return Condition{}, err
	}
	if combine != nil {
		return m.quantified(f, build, operand, combine)
	}
	holds, err := build(f.kind, operand, m)
	c := f.fulfils(holds)
	if name == "eq" && len(f.path) == 0 {
		c.column = f.column
		c.key, _ = f.kind.read(operand)
	}
	return c, err
}

// fulfils is the condition that a field passes a test.
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
func (m manner) quantified(f Field, build operator, operand string, combine func([]Condition) func(Row) truth) (Condition, error) {
	elements, err := splitArray(operand)
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

// orSyntax keeps the errors that have a code and makes the others one of
// syntax.
func orSyntax(err error, text string) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return BadSyntax(text, err.Error())
}
