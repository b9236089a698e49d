package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
	"unicode/utf8"

	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// MaxBody bounds a request's body, in bytes. A few large lesson plans fit.
const MaxBody = 1 << 20

// body reads the body of a request that writes rows, if the caller may write
// any. release ends what the body costs.
func (h *Handler) body(w http.ResponseWriter, q *request) (raw []byte, release func(), err error) {
	release = func() {}
	switch {
	case q.Method == http.MethodPost && !q.rights.Any(table.Insert):
		cost.Unread(w)
		return nil, release, q.table.Forbidden()
	case q.Method == http.MethodPatch && !q.rights.Any(table.Select|table.Update):
		cost.Unread(w)
		return nil, release, nil // there is no row that it may change
	case q.Method != http.MethodPost && q.Method != http.MethodPatch:
		return nil, release, nil
	}
	// An error means that there is no connection, so no slow one either.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(h.cfg.BodyTimeout))
	raw, release, err = h.cfg.Cost.ReadBody(w, q.Request, q.payer, MaxBody)
	if err == nil {
		_ = control.SetReadDeadline(time.Time{}) // or it would end the work too
		return raw, release, nil
	}
	return nil, release, bodyProblem(w, err)
}

// bodyProblem says why a body was not read.
func bodyProblem(w http.ResponseWriter, err error) error {
	_, tooLong := errors.AsType[*http.MaxBytesError](err)
	_, refused := errors.AsType[*cost.RefusedError](err)
	switch {
	case refused:
		cost.Unread(w)
		return err
	case tooLong:
		return table.TooMuch("a body is longer than 1 MiB")
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return &table.Error{Code: codeSlowBody, Message: "the body took too long to come"}
	}
	return errBody
}

// errBody is the error for a body that is not rows.
var errBody = &table.Error{Code: codeBody, Message: "Empty or invalid json"}

// parseRows reads a row, or an array of rows with the same keys. With columns
// the keys may differ, and only those columns count.
func (r *request) parseRows(raw []byte) ([]table.Row, error) {
	if !utf8.Valid(raw) {
		return nil, errBody
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	rows, err := decodeRows(d, bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")))
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errBody
	}
	for i, row := range rows {
		if r.query.columns != nil {
			rows[i] = r.onlyColumns(row)
		} else if !sameKeys(rows[0], row) {
			return nil, &table.Error{Code: codeBody, Message: "All object keys must match"}
		}
	}
	return rows, nil
}

// decodeRows decodes one row or an array. It refuses too many rows.
func decodeRows(d *json.Decoder, array bool) ([]table.Row, error) {
	if array {
		_, _ = d.Token() // the opening bracket
	}
	var rows []table.Row
	for more := true; more && (!array || d.More()); more = array {
		var row table.Row
		if err := d.Decode(&row); err != nil || row == nil {
			return nil, errBody
		}
		if rows = append(rows, row); len(rows) > store.MaxRows {
			return nil, table.TooMuch("a body has too many rows")
		}
	}
	if array {
		if _, err := d.Token(); err != nil { // the closing bracket
			return nil, errBody
		}
	}
	return rows, nil
}

// onlyColumns returns a row with the columns that the query names. Missing ones
// are null, as in PostgREST. The exception is a column with a default that
// cannot be null: Postgres would refuse the row, and the box can store it.
func (r *request) onlyColumns(row table.Row) table.Row {
	some := make(table.Row, len(r.query.columns))
	for _, name := range r.query.columns {
		value, ok := row[name]
		if c := r.table.Column(name); !ok && (r.prefer.missing || c.Required && c.Default != nil) {
			continue
		}
		some[name] = value
	}
	return some
}

func sameKeys(a, b table.Row) bool {
	if len(a) != len(b) {
		return false
	}
	for key := range a {
		if _, ok := b[key]; !ok {
			return false
		}
	}
	return true
}
