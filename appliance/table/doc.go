// Package table defines the box's tables: their columns, the values of a row,
// filters and orders of rows, the rights of callers, and changes of rows.
//
// A [Table] is a definition in the words of Postgres, because programs written
// for Supabase read type names, error codes and messages, and because the rows
// go to a Postgres later. A [Row] holds the values of its columns as
// encoding/json decodes them with UseNumber. Each type has one canonical form:
// uuids in lower case, times in UTC to the microsecond. [Table.Make] and
// [Table.Alter] bring rows into that form, and everything else relies on it.
//
// Filters are written in two ways. [Table.ParseFilter] reads those of a
// Realtime subscription; [Table.ParseCondition] and [Table.ParseGroup] read the
// query parameters of PostgREST. Both are bounded in length, in the number of
// conditions and in the work of a pattern, and both give a [Filter]. As in SQL,
// a comparison with null is neither true nor false, and a filter keeps the rows
// for which it is true. An operand such as "now" is read anew for each row.
//
// Values are read and compared as in Postgres; testdata holds what a real one
// answers. The differences: texts are ordered by their bytes, regular
// expressions are RE2's, a pattern sees the first MaxMatched bytes of a text,
// and times are from the years 1 to 9999, or infinity.
//
// The package knows no storage and no HTTP. It is safe for concurrent use:
// nothing changes a definition or a row once it is made.
package table
