// Package rest serves the box's tables as PostgREST does: /rest/v1/{table}, with
// everything that supabase-js uses.
//
// GET and HEAD read, POST inserts or with a resolution upserts, PATCH updates,
// DELETE deletes. Filters, select, order, limit, offset and Range, the Prefer
// header, single objects and errors work as in PostgREST v14. What the box lacks
// is refused with PostgREST's own codes: functions, embedded tables, aggregates,
// casts and CSV.
//
// The token of a request names the caller, and the policy of the table says
// what they may do. The policy decides about every row of every request, inside
// the transaction that reads or writes it. A write changes nothing if its answer
// cannot have the requested form: one object when there are two rows.
//
// Everything from outside is bounded: the body in length and time, the rows of a
// request, the text and the work of a filter, and the time of the whole. What a
// request holds and how long it works is charged to the caller (package cost), and
// a body is read only if the caller may write.
package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// Prefix begins the paths of this package; a table's name follows.
const Prefix = "/rest/v1/"

// The time limits of a request.
const (
	// DefaultBodyTimeout is how long a body may take to arrive: 1 MiB over the
	// slowest Wi-Fi that a lesson survives.
	DefaultBodyTimeout = 10 * time.Second
	// workTimeout bounds the work after the body has arrived. A thousand rows in
	// order take 20 ms; the limit is for filters that are slow on purpose.
	workTimeout = 5 * time.Second
)

// maxScans is how many requests scan tables at the same time; others wait. A
// scan takes milliseconds, but one that is slow on purpose takes a whole core,
// and the music needs the other cores. Inserts scan nothing and do not wait:
// those that arrive together share a sync.
func maxScans() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Config configures a Handler.
type Config struct {
	Store  *store.Store
	Tables []*table.Table // of the schema public, opened with Store
	// Verify checks a token, or a key in place of one.
	Verify func(token string) (auth.Claims, error)
	// Cost is charged for bodies, filters and the time of scans. Nil charges
	// nothing.
	Cost *cost.Ledger
	// Read is told which rows of students a caller has read. Nil tells nobody.
	Read func(by table.Caller, t *table.Table, rows []table.Row)
	// BodyTimeout is how long a body may take; 0 means DefaultBodyTimeout.
	BodyTimeout time.Duration
	Log         *slog.Logger // nil means slog.Default()
}

// Handler answers the paths under Prefix.
type Handler struct {
	cfg    Config
	tables map[string]*table.Table // by name
	slots  chan struct{}           // holds one value for each request that scans a table
}

// New returns a handler. The error says what cfg lacks.
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
	if cfg.Read == nil {
		cfg.Read = func(table.Caller, *table.Table, []table.Row) {}
	}
	h := &Handler{cfg: cfg, tables: make(map[string]*table.Table), slots: make(chan struct{}, maxScans())}
	for _, t := range cfg.Tables {
		h.tables[t.Name] = t
	}
	return h, nil
}

// ServeHTTP answers one request. The changes that it makes reach its own program
// after the answer has left.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	claims, err := h.claims(r)
	request := table.NewRequest(auth.ProgramNames(r.RemoteAddr, auth.APIKey(r), claims)...)
	defer request.Answered()
	who := claims.Caller()
	if err == nil {
		err = h.serve(w, r, claims, request)
	}
	if err != nil {
		h.fail(w, r, who, err)
	}
	_ = http.NewResponseController(w).Flush() // an error means that the client is gone
}

// request is one request to a table.
type request struct {
	*http.Request
	table   *table.Table
	rights  table.Rights
	rows    *store.Rows
	query   query
	prefer  preferences
	form    form
	written []byte // the body of the answer to a write
	payer   cost.Payer
	held    int64                  // bytes of filters that the payer holds
	tell    func(rows []table.Row) // of the rows that were read
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, claims auth.Claims, made *table.Request) error {
	t, err := h.find(r)
	if err != nil {
		return err
	}
	rights := t.Policy.For(claims.Caller())
	if claims.Left && (r.Method != http.MethodPost || !rights.Any(table.Insert)) {
		return tokenProblem(auth.ErrNoSeat)
	}
	q := request{Request: r, table: t, rights: rights, payer: claims.Payer(r.RemoteAddr)}
	defer func() { h.cfg.Cost.Free(cost.Filters, q.payer, q.held) }()
	q.rows = h.cfg.Store.Rows(t, q.rights).For(made)
	q.tell = func(rows []table.Row) { h.cfg.Read(claims.Caller(), t, rows) }
	if q.form, err = parseAccept(r.Header.Values("Accept")); err != nil {
		return err
	}
	if err := h.parse(&q); err != nil {
		return err
	}
	if q.prefer, err = parsePrefer(r.Header.Values("Prefer")); err != nil {
		return err
	}
	body, release, err := h.body(w, &q)
	if err != nil {
		return err
	}
	defer release()
	a, err := h.work(&q, body)
	if err != nil {
		return err
	}
	a.send(w, q.prefer.applied)
	return nil
}

// parse reads the query. Filters cost more than their text, so the caller pays.
func (h *Handler) parse(q *request) (err error) {
	if err := h.cfg.Cost.MayWork(q.payer); err != nil {
		return err
	}
	watch := cost.StartWatch()
	q.query, err = parseQuery(q.table, q.URL.RawQuery, &table.Payment{Charge: func(bytes int) error {
		err := h.cfg.Cost.Hold(cost.Filters, q.payer, int64(bytes))
		if err == nil {
			q.held += int64(bytes)
		}
		return err
	}})
	h.cfg.Cost.Worked(q.payer, watch.Stop())
	return err
}

// work does what a request asks for. It does not touch the connection, which may
// be slow.
func (h *Handler) work(r *request, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(r.Context(), workTimeout)
	defer cancel()
	if r.Method == http.MethodPost {
		return r.insert(ctx, body)
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return answer{}, context.Cause(ctx)
	}
	watch := cost.StartWatch()
	defer func() { h.cfg.Cost.Worked(r.payer, watch.Stop()) }()
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

// claims finds the caller from the token in the Authorization header, or else
// from the key that supabase-js sends with every request.
func (h *Handler) claims(r *http.Request) (auth.Claims, error) {
	claims, err := h.cfg.Verify(auth.Token(r))
	if err != nil {
		return auth.Claims{}, tokenProblem(err)
	}
	switch claims.Role {
	case auth.Anon, auth.Authenticated, auth.Service:
		return claims, nil
	}
	return auth.Claims{}, &table.Error{Code: codeRole, Message: `role "` + table.Shorten(claims.Role) + `" does not exist`}
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
	name, below := strings.CutPrefix(r.URL.Path, Prefix)
	if t := h.tables[name]; t != nil {
		return t, nil
	}
	function, isFunction := strings.CutPrefix(name, "rpc/")
	switch {
	case isFunction:
		return nil, &table.Error{Code: codeNoFunction, Message: "Could not find the function " + schema + "." + table.Shorten(function) + " in the schema cache"}
	case name == "" || !below:
		return nil, &table.Error{Code: codeNoRoot, Message: "Root endpoint metadata is disabled"}
	case strings.Contains(name, "/"):
		return nil, &table.Error{Code: codePath, Message: "Invalid path specified in request URL"}
	}
	return nil, &table.Error{Code: codeNoTable, Message: "Could not find the table '" + schema + "." + table.Shorten(name) + "' in the schema cache"}
}

// schema is the only schema.
const schema = "public"
