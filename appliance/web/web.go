// Package web is the box's HTTP: the web app's files, the box's own JSON API
// under /box/v1, and the one place that turns errors into status codes and
// sentences that a ten-year-old can read.
//
// Two kinds of path are guarded in two ways. The pages and /box/v1 are for
// browsers with cookies: they answer only to the names this box goes by, and
// refuse requests that another site's page makes. The Supabase paths are
// guarded by tokens and answer any origin, as Supabase does; the package only
// hands them on to [Config.Sockets].
//
// It keeps no rooms and no accounts: those come in through [Config].
package web

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
)

// Config says what the pages show and whom they ask.
type Config struct {
	Name    string // what the box is called; empty means DefaultName
	Version string // told by /healthz and /box/v1/status
	// Addr is the address that the listener really has, "0.0.0.0:8080": from
	// it follow the addresses that are shown and drawn as QR.
	Addr string
	// Hosts are names the box answers to beside its own addresses, localhost
	// and *.local: a school's DNS name for it. "*" switches the check off and
	// lets a hostile page reach the teacher's session by DNS rebinding.
	Hosts []string

	Rooms    Rooms
	Accounts *auth.Accounts
	Signer   *auth.Signer
	Files    fs.FS // the built web app; without index.html pages say so
	// Sockets answers the Supabase paths: /realtime/, /socket/, /api/, /rest/,
	// /auth/ and /rtc/. nil means there are none.
	Sockets http.Handler
	// Metrics answers /metrics; nil means that there is no such page.
	Metrics http.Handler
	// DemoKey makes /box/v1/signin?key=… sign in as the teacher and marks the
	// box as a demo. Empty switches both off.
	DemoKey string
	// FailedCodes is how many codes that no room has one address may try in a
	// minute before it has to wait; 0 means as many as ratelimit.JoinThrottle says.
	FailedCodes int
	// Seats is what each address may take of new seats; nil means a budget for
	// these pages alone.
	Seats *SeatBudget
	Log   *slog.Logger // nil means slog.Default()
}

// DefaultName is what a box is called until somebody names it.
const DefaultName = "Downbeat"

// Site answers every HTTP request to the box.
type Site struct {
	cfg     Config
	log     *slog.Logger
	started time.Time
	handler http.Handler
	files   *files
	network *network
	joins   *ratelimit.Throttle // by address, of codes that no room has
	names   *ratelimit.Budget   // by member, of new names
}

// What one member may take of new names, which every page of the room shows: a
// few until one fits, then no more than can be read.
const (
	newNamesPerSecond = 0.5
	newNamesBurst     = 5
)

// New prepares the files and the routes. It starts nothing. The error says
// what is missing from cfg, or which file of the web app cannot be read.
func New(cfg Config) (*Site, error) {
	if cfg.Rooms == nil || cfg.Accounts == nil || cfg.Signer == nil || cfg.Files == nil {
		return nil, errors.New("web: Rooms, Accounts, Signer and Files are needed")
	}
	if cfg.Name == "" {
		cfg.Name = DefaultName
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Seats == nil {
		cfg.Seats = NewSeatBudget()
	}
	files, err := newFiles(cfg.Files)
	if err != nil {
		return nil, err
	}
	joins := ratelimit.JoinThrottle()
	if cfg.FailedCodes > 0 {
		joins.Free = cfg.FailedCodes
	}
	s := &Site{
		cfg: cfg, log: cfg.Log, started: time.Now(), files: files,
		network: newNetwork(cfg.Addr, cfg.Hosts),
		joins:   ratelimit.NewThrottle(joins),
		names:   ratelimit.NewBudget(newNamesPerSecond, newNamesBurst),
	}
	s.handler = s.routes()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// socketPaths are the prefixes that carry a token in every request.
var socketPaths = []string{"/realtime/", "/socket/", "/api/", "/rest/", "/auth/", "/rtc/"}

func (s *Site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", s.answer(s.health))
	if s.cfg.Metrics != nil {
		mux.Handle("GET /metrics", s.cfg.Metrics)
	}
	for _, path := range socketPaths {
		mux.Handle(path, s.anyOrigin(s.cfg.Sockets))
	}
	mux.Handle("/", s.guard(s.pages()))
	return mux
}

// pages are the routes that only the box's own pages may use.
func (s *Site) pages() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /box/v1/status", s.answer(s.status))
	mux.Handle("POST /box/v1/claim", s.answer(s.claim))
	mux.Handle("POST /box/v1/login", s.answer(s.login))
	mux.Handle("POST /box/v1/logout", s.answer(s.logout))
	mux.Handle("GET /box/v1/signin", s.answer(s.signIn))
	mux.Handle("GET /box/v1/rooms", s.answer(s.teacher(s.listRooms)))
	mux.Handle("POST /box/v1/rooms", s.answer(s.teacher(s.createRoom)))
	mux.Handle("DELETE /box/v1/rooms/{code}", s.answer(s.teacher(s.closeRoom)))
	mux.Handle("POST /box/v1/rooms/{code}/enter", s.answer(s.teacher(s.enterRoom)))
	mux.Handle("GET /box/v1/rooms/{code}/qr.svg", s.answer(s.qr))
	mux.Handle("POST /box/v1/join", s.answer(s.join))
	mux.Handle("POST /box/v1/me", s.answer(s.me))
	mux.Handle("DELETE /box/v1/me", s.answer(s.leave))
	mux.Handle("/box/", s.answer(func(http.ResponseWriter, *http.Request) error { return errNoPage }))
	mux.Handle("/", s.answer(s.file))
	return mux
}
