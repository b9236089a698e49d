package rest

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// query is the query string of a request.
type query struct {
	filter     table.Filter
	order      table.Order
	selection  selection
	limit      int // no limit if below 0
	offset     int
	columns    []string // of a body; nil if the query has none
	onConflict string
}

// maxOffset is more rows than a box can have.
const maxOffset = 1 << 30

// parseQuery reads a query string. The errors are *table.Error and *table.UnpaidError.
func parseQuery(t *table.Table, raw string, pay *table.Payment) (query, error) {
	q := query{limit: -1, selection: everything(t)}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, table.BadSyntax(raw, err.Error())
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names) // so that a query with two errors always gives the same one
	for _, name := range names {
		for _, value := range values[name] {
			if err := q.set(t, name, value, pay); err != nil {
				return q, err
			}
		}
	}
	return q, nil
}

// set reads one parameter.
func (q *query) set(t *table.Table, name, value string, pay *table.Payment) (err error) {
	switch name {
	case "apikey": // read with the headers
	case "select":
		q.selection, err = parseSelect(t, value)
	case "order":
		q.order, err = t.ParseOrder(value)
	case "limit":
		q.limit, err = parseCount(value, store.MaxRows)
	case "offset":
		q.offset, err = parseCount(value, maxOffset)
	case "columns":
		q.columns, err = parseColumns(t, value)
	case "on_conflict":
		q.onConflict = value
	case "and", "or", "not.and", "not.or":
		return q.add(t.ParseGroup(name, value, pay))
	default:
		return q.add(t.ParseCondition(name, value, pay))
	}
	return err
}

func (q *query) add(c table.Condition, err error) error {
	if err != nil {
		return err
	}
	if q.filter = append(q.filter, c); len(q.filter) > table.MaxConditions {
		return table.TooMuch("a request has more than %d filters", table.MaxConditions)
	}
	return nil
}

// parseCount reads a limit or an offset, and cuts it to most.
func parseCount(text string, most int) (int, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return 0, table.BadSyntax(text, "expecting a number")
	case n < 0:
		return 0, &table.Error{Code: codeRange, Message: unsatisfiable, Details: "Limit should be greater than or equal to zero."}
	}
	return int(min(n, int64(most))), nil
}

const unsatisfiable = "Requested range not satisfiable"

// readRange reads a Range header, such as 0-9 or 10-. The query string overrides
// it. Other units, such as bytes=0-9, are ignored.
func (q *query) readRange(header string) error {
	from, to, ok := strings.Cut(header, "-")
	first, err := strconv.ParseUint(from, 10, 31)
	if !ok || err != nil || q.limit >= 0 || q.offset > 0 {
		return nil
	}
	q.offset = int(min(first, maxOffset))
	if to == "" {
		return nil
	}
	last, err := strconv.ParseUint(to, 10, 31)
	if err != nil {
		return nil
	}
	if last < first {
		return &table.Error{
			Code: codeRange, Message: unsatisfiable,
			Details: "The lower boundary must be lower than or equal to the upper boundary in the Range header.",
		}
	}
	q.limit = int(min(last-first+1, store.MaxRows))
	return nil
}

// parseColumns reads the names of a body's columns, which may be quoted.
func parseColumns(t *table.Table, text string) ([]string, error) {
	names := []string{}
	for _, name := range strings.Split(text, ",") {
		name = strings.Trim(name, `"`)
		if t.Column(name) == nil {
			return nil, t.NoColumn(name)
		}
		names = append(names, name)
	}
	return names, nil
}
