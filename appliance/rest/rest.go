// Package rest is PostgREST's face on the box's tables: /rest/v1/{table}, as
// far as supabase-js speaks to it.
//
// GET and HEAD read, POST inserts or with a resolution upserts, PATCH updates,
// DELETE deletes. Filters, select, order, limit, offset and Range, the Prefer
// header, single objects and errors look and count as PostgREST's do (v14);
// where the box stops short it says so with PostgREST's own codes. There are
// no functions, no embedded tables, no aggregates, no casts and no CSV.
//
// Who asks is in the token of each request, and what he may do in the policy
// of the table: it decides about every row of every verb, inside the
// transaction that reads or writes it. A write that cannot be answered as was
// asked, because one object was wanted and there are two, changes nothing.
//
// Everything that comes from outside is bounded: the body in length and time,
// the rows of a request, the text and the work of a filter, and the time of
// the whole.
package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// Prefix is where the paths of this package begin; a table's name follows.
const Prefix = "/rest/v1/"

// The time that a request may take.
const (
	// DefaultBodyTimeout is how long a body may take to come: 1 MiB over the
	// slowest Wi-Fi that a lesson survives.
	DefaultBodyTimeout = 10 * time.Second
	// workTimeout bounds reading and writing, once the body is there. A
	// thousand rows in order take 20 ms; this is for filters made to be slow.
	workTimeout = 5 * time.Second
)

// maxAtWork is how many requests look through tables at the same time; others
// wait. One takes milliseconds, but if it was made to be slow it takes a whole
// core, and the music needs the others. Inserts look through nothing and do
// not wait: those that come together share a sync.
const maxAtWork = 2

// Config says which tables there are and who is who.
type Config struct {
	Store  *store.Store
	Tables []*table.Table // of the schema public, opened with Store
	// Verify checks a token, or a key that stands for one.
	Verify func(token string) (auth.Claims, error)
	// BodyTimeout is how long a body may take; 0 means DefaultBodyTimeout.
	BodyTimeout time.Duration
	Log         *slog.Logger // nil means slog.Default()
}

// Handler answers the paths under Prefix.
type Handler struct {
	cfg    Config
	tables map[string]*table.Table // by name
	turns  chan struct{}           // holds a token for each request that looks through a table
}

// New returns a handler. The error says what is missing from cfg.
func New(cfg Config) (*Handler, error) {
	if cfg.Store == nil || cfg.Verify == nil {
		return nil, errors.New("rest: Store and Verify are needed")
	}
	if cfg.BodyTimeout == 0 {
		cfg.BodyTimeout = DefaultBodyTimeout
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	h := &Handler{cfg: cfg, tables: make(map[string]*table.Table), turns: make(chan struct{}, maxAtWork)}
	for _, t := range cfg.Tables {
		h.tables[t.Name] = t
	}
	return h, nil
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who, err := h.caller(r)
	if err == nil {
		err = h.serve(w, r, who)
	}
	if err != nil {
		h.fail(w, r, who, err)
	}
}

// request is what a client wants of one table.
type request struct {
	*http.Request
	table   *table.Table
	rights  table.Rights
	rows    *store.Rows
	query   query
	prefer  preferences
	form    form
	written []byte // the body of the answer to a write
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, who table.Caller) error {
	t, err := h.find(r)
	if err != nil {
		return err
	}
	q := request{Request: r, table: t, rights: t.Policy.For(who)}
	q.rows = h.cfg.Store.Rows(t, q.rights)
	if q.form, err = parseAccept(r.Header.Values("Accept")); err != nil {
		return err
	}
	if q.query, err = parseQuery(t, r.URL.RawQuery); err != nil {
		return err
	}
	if q.prefer, err = parsePrefer(r.Header.Values("Prefer")); err != nil {
		return err
	}
	body, err := h.body(w, r)
	if err != nil {
		return err
	}
	a, err := h.work(&q, body)
	if err != nil {
		return err
	}
	a.send(w, q.prefer.applied)
	return nil
}

// work does what a request asks for. It does not touch the connection, whose
// other end may be slow.
func (h *Handler) work(r *request, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(r.Context(), workTimeout)
	defer cancel()
	if r.Method == http.MethodPost {
		return r.insert(ctx, body)
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return answer{}, context.Cause(ctx)
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return r.read(ctx)
	case http.MethodPatch:
		return r.update(ctx, body)
	case http.MethodDelete:
		return r.remove(ctx)
	}
	return answer{}, &table.Error{Code: codeMethod, Message: "Unsupported HTTP method: " + r.Method}
}

// caller is who asks. The token of the Authorization header comes first, then
// the key, which supabase-js sends with every request.
func (h *Handler) caller(r *http.Request) (table.Caller, error) {
	claims, err := h.cfg.Verify(auth.Token(r))
	if err != nil {
		return table.Caller{}, tokenProblem(err)
	}
	switch claims.Role {
	case auth.Anon, auth.Authenticated, auth.Service:
		return claims.Caller(), nil
	}
	return table.Caller{}, &table.Error{Code: codeRole, Message: `role "` + table.Shorten(claims.Role) + `" does not exist`}
}

// find finds the table of a request's path and profile headers.
func (h *Handler) find(r *http.Request) (*table.Table, error) {
	profile := r.Header.Get("Content-Profile")
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		profile = r.Header.Get("Accept-Profile")
	}
	if profile != "" && profile != schema {
		return nil, &table.Error{Code: codeSchema, Message: "Invalid schema: " + table.Shorten(profile), Hint: "Only the following schemas are exposed: " + schema}
	}
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	if t := h.tables[name]; t != nil {
		return t, nil
	}
	function, isFunction := strings.CutPrefix(name, "rpc/")
	switch {
	case isFunction:
		return nil, &table.Error{Code: codeNoFunction, Message: "Could not find the function " + schema + "." + table.Shorten(function) + " in the schema cache"}
	case name == "":
		return nil, &table.Error{Code: codeNoRoot, Message: "Root endpoint metadata is disabled"}
	case strings.Contains(name, "/"):
		return nil, &table.Error{Code: codePath, Message: "Invalid path specified in request URL"}
	}
	return nil, &table.Error{Code: codeNoTable, Message: "Could not find the table '" + schema + "." + table.Shorten(name) + "' in the schema cache"}
}

// schema is the only one there is.
const schema = "public"
