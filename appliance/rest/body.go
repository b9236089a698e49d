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

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// MaxBody bounds a request's body, in bytes: a few lessons with everything
// that belongs to them.
const MaxBody = 1 << 20

// body reads the body of a request that writes rows.
func (h *Handler) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Method != http.MethodPost && r.Method != http.MethodPatch {
		return nil, nil
	}
	// Where there is no connection to set it on, there is no slow one either.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(h.cfg.BodyTimeout))
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err == nil {
		_ = control.SetReadDeadline(time.Time{}) // it would end the work too
	}
	_, tooLong := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLong:
		return nil, table.TooMuch("a body is longer than 1 MiB")
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return nil, &table.Error{Code: codeSlowBody, Message: "the body took too long to come"}
	case err != nil:
		return nil, &table.Error{Code: codeBody, Message: "Empty or invalid json"}
	}
	return raw, nil
}

// errBody is a body that is not rows.
var errBody = &table.Error{Code: codeBody, Message: "Empty or invalid json"}

// parseRows reads a row, or an array of rows that have the same keys. With
// columns only those count, and the keys may differ.
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

// decodeRows decodes one row or an array, and stops at too many.
func decodeRows(d *json.Decoder, array bool) ([]table.Row, error) {
	if array {
		_, _ = d.Token() // the bracket that was seen
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

// onlyColumns is a row with the columns that the query names. Those that it
// lacks are null, as in PostgREST, but for columns that cannot be null and have
// a default: there Postgres would refuse what the box can keep.
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
