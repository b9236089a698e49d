package table

import "strings"

// The bounds on filters.
const (
	MaxFilter     = 8 << 10  // bytes of a filter of changes, which is kept
	MaxQuery      = 32 << 10 // bytes of a query parameter: as much as a URL may have
	MaxConditions = 100      // of one filter of changes, or one group
	maxDepth      = 8        // of groups in groups
)

// Filter is a set of conditions, all of which a row has to fulfil. Without
// any it keeps every row.
type Filter []Condition

// Match reports whether a row fulfils every condition.
func (f Filter) Match(row Row) bool {
	for _, c := range f {
		if c.eval(row) != yes {
			return false
		}
	}
	return true
}

// Key is the text of the key of the only row that the filter may keep, if it
// says which one that is.
func (f Filter) Key(t *Table) (string, bool) {
	for _, c := range f {
		if c.column == t.Key && c.column != "" {
			return KeyText(c.key), true
		}
	}
	return "", false
}

// ParseFilter reads a filter of changes: conditions column=operator.value with
// commas between them, which mean AND. A value that holds a comma stands in
// double quotes. An empty text keeps every row. The errors are *Error.
func (t *Table) ParseFilter(text string) (Filter, error) {
	if len(text) > MaxFilter {
		return nil, TooMuch("a filter is longer than %d bytes", MaxFilter)
	}
	var filter Filter
	s := &scanner{text: text}
	for more := !s.done(); more; more = s.skip(",") {
		c, err := t.changeCondition(s)
		if err != nil {
			return nil, err
		}
		if filter = append(filter, c); len(filter) > MaxConditions {
			return nil, TooMuch("a filter has more than %d conditions", MaxConditions)
		}
	}
	if !s.done() {
		return nil, BadSyntax(s.rest(), `expecting "," or the end`)
	}
	return filter, nil
}

// changeCondition reads one condition of a filter of changes.
func (t *Table) changeCondition(s *scanner) (Condition, error) {
	name := strings.TrimSpace(s.until("=,"))
	if !s.skip("=") {
		return Condition{}, BadSyntax(name, "expecting column=operator.value")
	}
	c := t.Column(name)
	if c == nil {
		return Condition{}, t.undefinedColumn(name)
	}
	k, _ := kindOf(c.Type)
	return ofChanges.parse(Field{Name: c.Name, column: c.Name, kind: k}, s, func() (string, error) {
		value, _, err := s.value(",")
		return value, err
	})
}

// ParseCondition reads a query parameter of PostgREST: column is its name, a
// column or a path into one, and text its value, operator.value. The errors
// are *Error.
func (t *Table) ParseCondition(column, text string) (Condition, error) {
	if len(text) > MaxQuery {
		return Condition{}, TooMuch("a filter is longer than %d bytes", MaxQuery)
	}
	f, err := t.ParseField(column)
	if err != nil {
		return Condition{}, err
	}
	s := &scanner{text: text}
	c, err := ofQueries.parse(f, s, func() (string, error) {
		value := s.rest() // to the end, quotes and commas and all
		s.at = len(s.text)
		return value, nil
	})
	if err == nil && !s.done() {
		err = BadSyntax(s.rest(), "unexpected text after the list")
	}
	return c, err
}

// ParseGroup reads the query parameters or, and, not.or and not.and of
// PostgREST: word is the parameter's name, text its value, a list in
// parentheses of column.operator.value and of further groups. The errors are
// *Error.
func (t *Table) ParseGroup(word, text string) (Condition, error) {
	if len(text) > MaxQuery {
		return Condition{}, TooMuch("a filter is longer than %d bytes", MaxQuery)
	}
	g := groups{t: t, s: scanner{text: text}}
	c, err := g.group(word, 1)
	if err == nil && !g.s.done() {
		err = BadSyntax(g.s.rest(), "unexpected text after the group")
	}
	return c, err
}

// groups reads conditions that are joined by and and or.
type groups struct {
	t     *Table
	s     scanner
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

// member reads a condition of a group, or a group in it.
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
	return ofQueries.parse(f, &g.s, func() (string, error) {
		value, _, err := g.s.value(",)")
		return value, err
	})
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
