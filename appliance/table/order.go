package table

import (
	"errors"
	"slices"
	"strings"
)

// MaxOrder is the most fields to order rows by.
const MaxOrder = 16

// Order is the fields to order rows by, the most important first.
type Order []orderTerm

type orderTerm struct {
	field      Field
	descending bool
	nullsFirst bool
}

// ParseOrder reads PostgREST's order: fields with commas between them, each
// followed by .asc or .desc and .nullsfirst or .nullslast as needed. As in SQL,
// null is the greatest value. The errors are *Error.
func (t *Table) ParseOrder(text string) (Order, error) {
	var order Order
	for _, part := range strings.Split(text, ",") {
		words := strings.Split(part, ".")
		f, err := t.ParseField(words[0])
		if err != nil {
			return nil, err
		}
		term := orderTerm{field: f}
		if err := term.read(words[1:]); err != nil {
			return nil, BadSyntax(part, err.Error())
		}
		if order = append(order, term); len(order) > MaxOrder {
			return nil, TooMuch("rows are ordered by more than %d fields", MaxOrder)
		}
	}
	return order, nil
}

func (o *orderTerm) read(words []string) error {
	if len(words) > 0 && (words[0] == "asc" || words[0] == "desc") {
		o.descending = words[0] == "desc"
		words = words[1:]
	}
	o.nullsFirst = o.descending
	if len(words) > 0 && (words[0] == "nullsfirst" || words[0] == "nullslast") {
		o.nullsFirst = words[0] == "nullsfirst"
		words = words[1:]
	}
	if len(words) > 0 {
		return errors.New("expecting asc, desc, nullsfirst or nullslast")
	}
	return nil
}

// Sort orders rows. Equal rows keep their order.
func (o Order) Sort(rows []Row) {
	if len(o) > 0 {
		slices.SortStableFunc(rows, o.Compare)
	}
}

// Compare is below 0 if a comes before b, above 0 if it comes after b, and 0 if the
// order does not tell them apart.
func (o Order) Compare(a, b Row) int {
	for _, term := range o {
		if c := term.compare(term.field.Of(a), term.field.Of(b)); c != 0 {
			return c
		}
	}
	return 0
}

func (o orderTerm) compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case (a == nil) == o.nullsFirst && (a == nil || b == nil):
		return -1
	case a == nil || b == nil:
		return 1
	case o.descending:
		return o.field.kind.compare(b, a)
	}
	return o.field.kind.compare(a, b)
}
