package rest

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// read answers GET and HEAD.
func (r *request) read(ctx context.Context) (answer, error) {
	q := &r.query
	if err := q.readRange(r.Header.Get("Range")); err != nil {
		return answer{}, err
	}
	if q.limit < 0 {
		q.limit = store.MaxRows
	}
	rows, total, err := r.rows.Select(ctx, store.Query{
		Filter: q.filter, Order: q.order, Offset: q.offset, Limit: q.limit, Count: r.prefer.count,
	})
	if err != nil {
		return answer{}, err
	}
	if r.prefer.count && q.offset > total {
		return answer{}, &table.Error{
			Code: codeRange, Message: unsatisfiable,
			Details: fmt.Sprintf("An offset of %d was requested, but there are only %d rows.", q.offset, total),
		}
	}
	status := http.StatusOK
	if len(rows) < total {
		status = http.StatusPartialContent
	}
	if err := r.singular(rows); err != nil {
		return answer{}, err
	}
	body, err := q.selection.encode(rows, r.form)
	if err == nil && r.Method == http.MethodGet {
		r.tell(rows)
	}
	return answer{status, contentRange(q.offset, len(rows), total), r.form.contentType(), body}, err
}

// insert answers POST: with a resolution it is an upsert.
func (r *request) insert(ctx context.Context, body []byte) (answer, error) {
	values, err := r.parseRows(body)
	if err != nil {
		return answer{}, err
	}
	add := r.rows.Insert
	switch r.prefer.resolution {
	case "merge-duplicates":
		add = r.rows.Merge
	case "ignore-duplicates":
		add = r.rows.Fill
	}
	if on := strings.Trim(r.query.onConflict, `"`); on != "" && on != r.table.Key && r.prefer.resolution != "" {
		return answer{}, &table.Error{Code: codeConflict, Message: "there is no unique or exclusion constraint matching the ON CONFLICT specification"}
	}
	done, err := add(ctx, values, r.check)
	if err != nil {
		return answer{}, err
	}
	status := http.StatusCreated
	if r.prefer.resolution != "" && done.Inserted == 0 {
		status = http.StatusOK
	}
	return r.done(status, status, len(done.Rows))
}

// update answers PATCH.
func (r *request) update(ctx context.Context, body []byte) (answer, error) {
	if !r.rights.Any(table.Select | table.Update) {
		return r.updateNone()
	}
	values, err := r.parseRows(body)
	if err != nil {
		return answer{}, err
	}
	if len(values) != 1 {
		return answer{}, errBody
	}
	if len(r.query.filter) == 0 {
		return answer{}, errNoWhere
	}
	done, err := r.rows.Update(ctx, r.query.filter, values[0], r.check)
	if err != nil {
		return answer{}, err
	}
	return r.done(http.StatusOK, http.StatusNoContent, len(done.Rows))
}

// updateNone answers a caller who may change no row, and whose body was not read.
func (r *request) updateNone() (answer, error) {
	if len(r.query.filter) == 0 {
		return answer{}, errNoWhere
	}
	if err := r.check(nil); err != nil {
		return answer{}, err
	}
	return r.done(http.StatusOK, http.StatusNoContent, 0)
}

// errNoWhere refuses a change of every row.
var errNoWhere = &table.Error{Code: codeNoWhere, Message: "UPDATE requires a WHERE clause"}

// remove answers DELETE.
func (r *request) remove(ctx context.Context) (answer, error) {
	if len(r.query.filter) == 0 {
		return answer{}, &table.Error{Code: codeNoWhere, Message: "DELETE requires a WHERE clause"}
	}
	done, err := r.rows.Delete(ctx, r.query.filter, r.check)
	if err != nil {
		return answer{}, err
	}
	return r.done(http.StatusOK, http.StatusNoContent, len(done.Rows))
}

// check refuses a write that touches too many rows for the client, or whose
// answer cannot have the requested form. It writes the answer's body.
func (r *request) check(rows []table.Row) error {
	most := r.prefer.maxAffected
	if r.query.limit >= 0 && (most < 0 || r.query.limit < most) {
		most = r.query.limit // PostgREST does not say which rows either
	}
	if most >= 0 && len(rows) > most {
		return &table.Error{
			Code: codeAffected, Message: "Query result exceeds max-affected preference constraint",
			Details: fmt.Sprintf("The query affects %d rows", len(rows)),
		}
	}
	if !r.prefer.represent {
		return nil
	}
	for _, row := range rows {
		if !r.rights.May(table.Select, row) {
			return r.table.Forbidden()
		}
	}
	if err := r.singular(rows); err != nil {
		return err
	}
	r.query.order.Sort(rows)
	body, err := r.query.selection.encode(rows, r.form)
	r.written = body
	return err
}

// singular refuses one object for no rows or several.
func (r *request) singular(rows []table.Row) error {
	if !r.form.single || len(rows) == 1 {
		return nil
	}
	return &table.Error{
		Code: codeSingular, Message: "Cannot coerce the result to a single JSON object",
		Details: fmt.Sprintf("The result contains %d rows", len(rows)),
	}
}

// answer is the answer to a request.
type answer struct {
	status      int
	span        string // Content-Range
	contentType string
	body        []byte
}

// done answers a write of some rows, with the body from check if the client wants
// one.
func (r *request) done(represented, minimal, rows int) (answer, error) {
	total := -1
	if r.prefer.count {
		total = rows
	}
	span := contentRange(0, 0, total)
	if !r.prefer.represent {
		return answer{status: minimal, span: span}, nil
	}
	return answer{represented, span, r.form.contentType(), r.written}, nil
}

// send answers a request; applied are the preferences that counted.
func (a answer) send(w http.ResponseWriter, applied []string) {
	w.Header().Set("Content-Range", a.span)
	if len(applied) > 0 {
		w.Header().Set("Preference-Applied", strings.Join(applied, ", "))
	}
	send(w, a.status, a.contentType, a.body)
}

// contentRange says which rows an answer has, and of how many: 0-9/42, 0-9/* if
// the total is unknown, */0.
func contentRange(offset, rows, total int) string {
	which, of := "*", "*"
	if rows > 0 {
		which = fmt.Sprintf("%d-%d", offset, offset+rows-1)
	}
	if total >= 0 {
		of = strconv.Itoa(total)
	}
	return which + "/" + of
}
