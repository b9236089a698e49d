package table

import (
	"errors"
	"fmt"
	"strings"
)

// Error says what is wrong with a row, a filter or a request, in the form of
// Postgres and PostgREST. Programs match on the code and sometimes on the texts.
type Error struct {
	Code    string // an SQLSTATE, or one of PostgREST's PGRST codes
	Message string
	Details string // empty is sent as null
	Hint    string // empty is sent as null
}

// Error returns the message, with the details if there are any.
func (e *Error) Error() string {
	if e.Details != "" {
		return e.Message + ": " + e.Details
	}
	return e.Message
}

func asError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// The codes of this package. SQLSTATEs are from the PostgreSQL manual,
// appendix A; PGRST codes from PostgREST's error reference, v14.
const (
	CodeSyntax      = "PGRST100" // a query parameter cannot be parsed
	CodeNoColumn    = "PGRST204" // a row names a column that is not there
	CodeNotNull     = "23502"    // a required column is null
	CodeDuplicate   = "23505"    // another row has that key
	CodeCheck       = "23514"    // a row breaks a constraint
	CodeText        = "22P02"    // a text is not of the column's type
	CodeRange       = "22003"    // a number does not fit the column's type
	CodeTime        = "22007"    // a text is not a time
	CodeZone        = "22023"    // an unknown time zone
	CodeZoneRange   = "22009"    // a distance from UTC that no zone has
	CodeTimeRange   = "22008"    // a time that is in no calendar, or beyond the year 9999
	CodeUnstorable  = "22P05"    // a text with a zero byte, which Postgres cannot hold
	CodePattern     = "2201B"    // not a regular expression
	CodeEscape      = "22025"    // a LIKE pattern that ends with its escape
	CodeUndefined   = "42703"    // a filter names a column that is not there
	CodeNoOperator  = "42883"    // the operator does not go with the type
	CodeWrongType   = "42804"    // IS TRUE of something that is not a bool
	CodeForbidden   = "42501"    // the policy says no
	CodeCardinality = "21000"    // a row would be changed twice
	CodeRaised      = "P0001"    // supabase/realtime refuses a filter or a selection of changes
	CodeTooMuch     = "54000"    // beyond a limit of the box
)

// conditions are the names of codes in the PostgreSQL manual, appendix A.
var conditions = map[string]string{
	CodeText: "invalid_text_representation", CodeRange: "numeric_value_out_of_range",
	CodeTime: "invalid_datetime_format", CodeTimeRange: "datetime_field_overflow",
	CodeZone: "invalid_parameter_value", CodeZoneRange: "invalid_time_zone_displacement_value",
	CodeUnstorable: "untranslatable_character", CodeEscape: "invalid_escape_sequence",
	CodeNoOperator: "undefined_function", CodeRaised: "raise_exception", CodeTooMuch: "program_limit_exceeded",
}

// Condition is the name of the error's code, or empty if it has none.
func (e *Error) Condition() string { return conditions[e.Code] }

// BadSyntax is the error for a text that cannot be parsed.
func BadSyntax(text, why string) error {
	return &Error{Code: CodeSyntax, Message: fmt.Sprintf("%q (line 1, column 1)", "failed to parse ("+Shorten(text)+")"), Details: why}
}

// TooMuch is the error for a request beyond a limit.
func TooMuch(format string, args ...any) error {
	return &Error{Code: CodeTooMuch, Message: fmt.Sprintf(format, args...)}
}

// badText is the error for a text that is not of a type.
func badText(sql, text string) error {
	return &Error{Code: CodeText, Message: fmt.Sprintf("invalid input syntax for type %s: %q", sql, Shorten(text))}
}

// outOfRange is the error for a number that a type cannot hold.
func outOfRange(sql, text string) error {
	return &Error{Code: CodeRange, Message: fmt.Sprintf("value %q is out of range for type %s", Shorten(text), sql)}
}

// NoColumn is the error for a row with a column that the table lacks.
func (t *Table) NoColumn(name string) error {
	return &Error{Code: CodeNoColumn, Message: fmt.Sprintf("Could not find the '%s' column of '%s' in the schema cache", Shorten(name), t.Name)}
}

func (t *Table) undefinedColumn(name string) error {
	return &Error{Code: CodeUndefined, Message: fmt.Sprintf("column %s.%s does not exist", t.Name, Shorten(name))}
}

func (t *Table) nullColumn(name string) error {
	return &Error{Code: CodeNotNull, Message: fmt.Sprintf("null value in column %q of relation %q violates not-null constraint", name, t.Name)}
}

func (t *Table) violated(constraint string) error {
	return &Error{Code: CodeCheck, Message: fmt.Sprintf("new row for relation %q violates check constraint %q", t.Name, constraint)}
}

// Duplicate is the error for a second row with the same key.
func (t *Table) Duplicate(row Row) error {
	return &Error{
		Code:    CodeDuplicate,
		Message: fmt.Sprintf("duplicate key value violates unique constraint %q", t.Name+"_pkey"),
		Details: fmt.Sprintf("Key (%s)=(%s) already exists.", t.Key, Shorten(textOf(row[t.Key]))),
	}
}

// Forbidden is the error for a row that the policy does not allow to write.
func (t *Table) Forbidden() error {
	return &Error{Code: CodeForbidden, Message: fmt.Sprintf("new row violates row-level security policy for table %q", t.Name)}
}

// maxQuoted is the longest text that Shorten leaves, in bytes.
const maxQuoted = 100

// Shorten cuts a text of a client for use in an error.
func Shorten(text string) string {
	if len(text) <= maxQuoted {
		return text
	}
	return strings.ToValidUTF8(text[:maxQuoted], "") + "…"
}
