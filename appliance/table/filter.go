package table

import "strings"

// The bounds on filters.
const (
	MaxFilter     = 8 << 10  // bytes of a filter of changes, which stays in memory
	MaxQuery      = 32 << 10 // bytes of a query parameter: the longest that a URL may have
	MaxConditions = 100      // of one filter of changes, or one group
	maxDepth      = 8        // of groups in groups
)

// heldPerByte is what a filter is charged for each byte of its text: a third more
// than the worst that TestFiltersHoldWhatTheyPayFor found (2026-11).
const heldPerByte = 64

// Filter keeps the rows that meet all its conditions. Without conditions it
// keeps every row.
type Filter []Condition

// Match reports whether a row meets every condition.
func (f Filter) Match(row Row) bool { return f.MatchWhile(func() bool { return true }, row) }

// MatchWhile is Match that asks before each condition whether to go on, and
// reports false if not: a condition may take 60 ms.
func (f Filter) MatchWhile(goOn func() bool, row Row) bool {
	for _, c := range f {
		if !goOn() || c.eval(row) != yes {
			return false
		}
	}
	return true
}

// Key returns the key of the only row that the filter may keep, if the filter
// names one.
func (f Filter) Key(t *Table) (string, bool) {
	for _, c := range f {
		if c.column == t.Key && c.column != "" {
			return KeyText(c.key), true
		}
	}
	return "", false
}

// ParseCondition reads a query parameter of PostgREST. Its name is a column or a
// path into one, its value is operator.value. The errors are *Error and
// *UnpaidError.
func (t *Table) ParseCondition(column, text string, pay *Payment) (Condition, error) {
	m := terms{ofQueries, pay}
	if len(text) > MaxQuery {
		return Condition{}, TooMuch("a filter is longer than %d bytes", MaxQuery)
	}
	f, err := t.ParseField(column)
	if err == nil {
		err = m.charge(heldPerByte * len(text))
	}
	if err != nil {
		return Condition{}, err
	}
	s := &scanner{text: text}
	c, err := queryCondition(f, s, m, func() (string, error) {
		value := s.rest() // to the end, with quotes and commas
		s.at = len(s.text)
		return value, nil
	})
	if err == nil && !s.done() {
		err = BadSyntax(s.rest(), "unexpected text after the list")
	}
	return c, err
}

// ParseGroup reads the query parameters or, and, not.or and not.and of
// PostgREST: word is the name, text the value. The value is a list in
// parentheses of column.operator.value and further groups. The errors are *Error
// and *UnpaidError.
func (t *Table) ParseGroup(word, text string, pay *Payment) (Condition, error) {
	if len(text) > MaxQuery {
		return Condition{}, TooMuch("a filter is longer than %d bytes", MaxQuery)
	}
	g := groups{t: t, s: scanner{text: text}, terms: terms{ofQueries, pay}}
	if err := g.terms.charge(heldPerByte * len(text)); err != nil {
		return Condition{}, err
	}
	c, err := g.group(word, 1)
	if err == nil && !g.s.done() {
		err = BadSyntax(g.s.rest(), "unexpected text after the group")
	}
	return c, err
}

// groups reads conditions joined by and and or.
type groups struct {
	t     *Table
	s     scanner
	terms terms
	count int // of conditions so far
}

// group reads the parentheses after a word.
func (g *groups) group(word string, depth int) (Condition, error) {
	word, negated := strings.CutPrefix(word, "not.")
	switch {
	case depth > maxDepth:
		return Condition{}, TooMuch("groups are nested more than %d deep", maxDepth)
	case word != "and" && word != "or" || !g.s.skip("("):
		return Condition{}, BadSyntax(g.s.rest(), `expecting and or or and "("`)
	}
	var members []Condition
	for more := true; more; more = g.s.skip(",") {
		c, err := g.member(depth)
		if err != nil {
			return Condition{}, err
		}
		members = append(members, c)
	}
	if !g.s.skip(")") {
		return Condition{}, BadSyntax(g.s.rest(), `expecting "," or ")"`)
	}
	c := Condition{eval: all(members)}
	if word == "or" {
		c.eval = some(members)
	}
	if negated {
		return c.not(), nil
	}
	return c, nil
}

// member reads a condition or a group inside a group.
func (g *groups) member(depth int) (Condition, error) {
	if g.count++; g.count > MaxConditions {
		return Condition{}, TooMuch("a filter has more than %d conditions", MaxConditions)
	}
	for _, word := range []string{"and", "or", "not.and", "not.or"} {
		if strings.HasPrefix(g.s.rest(), word+"(") {
			g.s.at += len(word)
			return g.group(word, depth+1)
		}
	}
	name := g.s.until(".,()")
	if !g.s.skip(".") {
		return Condition{}, BadSyntax(name, "expecting column.operator.value")
	}
	f, err := g.t.ParseField(name)
	if err != nil {
		return Condition{}, err
	}
	return queryCondition(f, &g.s, g.terms, func() (string, error) { return g.s.value(",)") })
}

func all(members []Condition) func(Row) truth {
	return func(row Row) truth {
		least := yes
		for _, c := range members {
			least = min(least, c.eval(row))
		}
		return least
	}
}

func some(members []Condition) func(Row) truth {
	return func(row Row) truth {
		most := no
		for _, c := range members {
			most = max(most, c.eval(row))
		}
		return most
	}
}
