// Package table says what the box's tables are: their columns, what a row of
// them may hold, which rows a filter or an order means, who may do what, and
// the shape in which a change of a row is told.
//
// A [Table] is a definition, in the words of Postgres: programs written for
// Supabase read type names, error codes and messages, and the same rows go to
// a Postgres later. A [Row] holds the values of its columns as encoding/json
// gives them with UseNumber, in one canonical form for each type: uuids in
// lower case, times in UTC to the microsecond. [Table.Make] and [Table.Alter]
// bring rows into it; everything else here relies on it.
//
// Filters are written in two ways. [Table.ParseFilter] reads those of a
// Realtime subscription, [Table.ParseCondition] and [Table.ParseGroup] the
// query parameters of PostgREST. Both are bounded in length, in the number of
// conditions and in the work that a pattern may cause, and both mean the same
// [Filter]. As in SQL a comparison with null is neither true nor false, and a
// row is kept only where a filter is true.
//
// Where this differs from Postgres: texts are ordered by their bytes, jsonb
// values compare by their text, regular expressions are RE2's, and a pattern
// looks at the first MaxMatched bytes of a text.
//
// The package knows no storage and no HTTP, and all of it is safe for
// concurrent use: definitions are not changed once made, and rows are shared
// and never changed by anybody.
package table
