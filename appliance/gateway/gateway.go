// Package gateway answers the paths that Supabase clients know: sockets, WebRTC
// offers, broadcasts over HTTP, rows and sign-in.
//
// It checks the token of each request and hands it on: a connection to package
// transport with a session of package realtime, a broadcast to the hub, rows to
// package rest, and sign-in to package signin. Tokens guard these paths, not
// origins, as with Supabase. It holds no state but budgets and counters.
package gateway

import (
	"log/slog"
	"net/http"
	"strings"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/rest"
	"downbeat.local/appliance/signin"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/transport"
)

// Config is what the gateway hands requests to. Every field is required.
type Config struct {
	Transport *transport.Server // owns the connections
	Hub       *realtime.Hub     // opens their sessions
	Store     *store.Store      // holds the rows
	Tables    []*table.Table    // in /rest/v1
	SignIn    http.Handler      // answers /auth/v1
	Verify    func(token string) (auth.Claims, error)
	// VerifySeated is Verify for requests that do something by themselves. It also
	// refuses members who have lost their seat.
	VerifySeated func(token string) (auth.Claims, error)
	// VerifyRows is Verify for requests about rows. It marks members who have lost
	// their seat.
	VerifyRows func(token string) (auth.Claims, error)
	Cost       *cost.Ledger // charged for what clients order
	// Read is told which rows of students a caller has read. Nil tells nobody.
	Read   func(by table.Caller, t *table.Table, rows []table.Row)
	Limits limits.Limits
	Log    *slog.Logger
}

// Gateway is the handler of those paths.
type Gateway struct {
	mux     *http.ServeMux
	sockets *sockets
}

// New routes the paths. The error says what is wrong with a table.
func New(cfg Config) (*Gateway, error) {
	rows, err := rest.New(rest.Config{Store: cfg.Store, Tables: cfg.Tables, Verify: cfg.VerifyRows, Cost: cfg.Cost, Read: cfg.Read, Log: cfg.Log})
	if err != nil {
		return nil, err
	}
	g := &Gateway{mux: http.NewServeMux(), sockets: newSockets(cfg)}
	handleBelow(g.mux, signin.Prefix, cfg.SignIn)
	handleBelow(g.mux, rest.Prefix, rows)
	newPosts(cfg).routes(g.mux)
	handle(g.mux, "POST "+OfferPath, newOffers(g.sockets))
	handle(g.mux, "/realtime/v1/websocket", g.sockets) // of Supabase
	handle(g.mux, "/socket/websocket", g.sockets)      // of Phoenix
	handleBelow(g.mux, "/storage/", http.HandlerFunc(noStorage))
	handleBelow(g.mux, "/functions/", http.HandlerFunc(noFunctions))
	handleBelow(g.mux, "/graphql/", http.HandlerFunc(noGraphQL))
	g.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, http.StatusNotFound, map[string]any{"message": "There is no such page on this box."})
	})
	return g, nil
}

// handle routes a path, with a slash at its end and without. Clients that build
// their URLs from parts differ in that.
func handle(mux *http.ServeMux, pattern string, h http.Handler) {
	mux.Handle(pattern, h)
	mux.Handle(pattern+"/{$}", h)
}

// handleBelow routes every path that begins with a prefix, and the prefix without
// its slash: the mux would answer that one with a redirect to a page.
func handleBelow(mux *http.ServeMux, prefix string, h http.Handler) {
	mux.Handle(prefix, h)
	mux.Handle(strings.TrimSuffix(prefix, "/"), h)
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.mux.ServeHTTP(w, r) }

// Refused counts the sockets that the gateway itself refused, by reason.
func (g *Gateway) Refused() map[string]uint64 { return g.sockets.refused.All() }
