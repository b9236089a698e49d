package table

import "time"

// The operations on a row, in the words of postgres_changes.
const (
	OpInsert = "INSERT"
	OpUpdate = "UPDATE"
	OpDelete = "DELETE"
)

// Change is one change of one row, after it was stored.
type Change struct {
	Table *Table
	Op    string    // OpInsert, OpUpdate or OpDelete
	At    time.Time // of the commit, in UTC
	New   Row       // the row as it is now; nil after a delete
	Old   Row       // the whole row as it was; nil after an insert
	// Request made the change; nil if the box itself did.
	Request *Request
	// Missed counts the changes before this one that a watcher did not get
	// because it fell behind. It is almost always 0.
	Missed int
}

// Row is the row that a filter of changes tests: the new one or, after a
// delete, the old one.
func (c Change) Row() Row {
	if c.New != nil {
		return c.New
	}
	return c.Old
}
