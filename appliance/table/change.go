package table

import "time"

// What may happen to a row. The words are those of postgres_changes.
const (
	OpInsert = "INSERT"
	OpUpdate = "UPDATE"
	OpDelete = "DELETE"
)

// Change is one change of one row, told after it was kept.
type Change struct {
	Table *Table
	Op    string    // OpInsert, OpUpdate or OpDelete
	At    time.Time // of the commit, in UTC
	New   Row       // the row as it is now; nil after a delete
	Old   Row       // the whole row as it was; nil after an insert
	// Missed is the number of changes before this one that a watcher was not
	// told because it fell behind; almost always 0.
	Missed int
}

// Row is the row that a filter of changes looks at: the new one, or after a
// delete the old one.
func (c Change) Row() Row {
	if c.New != nil {
		return c.New
	}
	return c.Old
}
