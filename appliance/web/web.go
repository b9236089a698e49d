// Package web is the box's HTTP: the web app's files, the JSON API under
// /box/v1, and the one place that turns errors into status codes and sentences
// that a ten-year-old can read.
//
// Paths are guarded in two ways. The pages and /box/v1 are for browsers with
// cookies: they answer only to the names of this box, and refuse requests from
// another site's page. The Supabase paths are guarded by tokens and answer any
// origin, as Supabase does. The package only passes them on to
// [Config.Sockets].
//
// It keeps no rooms and no people: both come in through [Config].
package web

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/classlist"
	"downbeat.local/appliance/lobby"
	"downbeat.local/appliance/people"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/table"
)

// Config is what the pages show, and the parts of the box that they use.
type Config struct {
	Name    string // what the box is called; empty means DefaultName
	Version string // reported by /healthz and /box/v1/status
	// Addr is the listener's real address, such as "0.0.0.0:8080". The
	// addresses that are shown and drawn as QR follow from it.
	Addr string
	// On80 means that the pages are also on port 80 of the same host, so that
	// people need not type a port.
	On80 bool
	// Hosts are names of the box beside its own addresses, localhost and
	// *.local: a school's DNS name for it. "*" switches the check off, and
	// lets a hostile page reach the teacher's session by DNS rebinding.
	Hosts []string

	// Found says how the box is found by name. nil means that it is not.
	Found func() Found
	// RenewCards takes the present address for the cards. nil does nothing.
	RenewCards func(context.Context) error

	// Storage returns why the store takes no writes, or nil. nil means that it
	// takes them.
	Storage func() error

	// Kept lists what the box keeps. Required with Records.
	Kept func() ([]Kept, error)
	// HeldBack lists the devices that are held back. nil lists none.
	HeldBack func() []room.HeldBack
	Rooms    Rooms
	// Classes are the class lists; nil means that the box keeps none.
	Classes *classlist.Lists
	// Records are those of what students wrote.
	Records Records
	People  *people.Register
	Signer  *auth.Signer
	Files   fs.FS // the built web app; without index.html pages say so
	// Keyboards are the MIDI keyboards of the box; nil means that it has none.
	Keyboards Keyboards
	// Outputs are the MIDI outputs of the box; nil if Keyboards is.
	Outputs Outputs
	// Sockets answers the Supabase paths: see socketPaths. nil means there are
	// none.
	Sockets http.Handler
	// Visitors are the devices that show the page and have no seat yet. Nil means
	// that nobody asks for them.
	Visitors *lobby.Visitors
	// Metrics answers /metrics; nil means that there is no such page.
	Metrics http.Handler
	// Sync says how the sync with the school's database stands; nil means that
	// there is none.
	Sync func() *Sync
	// AtSchool reports whether a row of a table has reached it; nil means that none
	// ever does.
	AtSchool func(t *table.Table, id string) (bool, error)
	// DeviceKey signs the cookies of browsers. Empty means a key for this run alone.
	DeviceKey []byte
	// DemoKey makes /box/v1/signin?key=… sign in as the teacher and marks the
	// box as a demo. Empty switches both off.
	DemoKey string
	// Codes slows addresses that try codes without a room. nil means a throttle for
	// these pages alone, as ratelimit.JoinThrottle says.
	Codes *ratelimit.Throttle
	// Seats limits the new seats of each address. nil means a limit for these
	// pages alone.
	Seats *ratelimit.SeatBudget
	// Names limits the new names of each member. nil means a limit for these
	// pages alone.
	Names *ratelimit.Budget
	Log   *slog.Logger // nil means slog.Default()
}

// DefaultName is the name of a box that has been given none.
const DefaultName = "Downbeat"

// Site answers every HTTP request to the box.
type Site struct {
	cfg     Config
	log     *slog.Logger
	started time.Time
	handler http.Handler
	files   *files
	network *network
	devices *devices
	tunings *ratelimit.Budget // by member, of changes of their keyboards
	visits  *ratelimit.Budget // by address, of reports of pages without a seat
	music   musicGuesses
}

// New prepares the files and the routes. It starts nothing. The error says
// which part of cfg is missing, or which file of the web app cannot be read.
func New(cfg Config) (*Site, error) {
	if cfg.Rooms == nil || cfg.People == nil || cfg.Signer == nil || cfg.Files == nil {
		return nil, errors.New("web: Rooms, People, Signer and Files are needed")
	}
	if cfg.Name == "" {
		cfg.Name = DefaultName
	}
	if cfg.RenewCards == nil {
		cfg.RenewCards = func(context.Context) error { return nil }
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Seats == nil {
		cfg.Seats = ratelimit.NewSeatBudget()
	}
	if cfg.Names == nil {
		cfg.Names = ratelimit.NewNameBudget()
	}
	if cfg.Visitors == nil {
		cfg.Visitors = lobby.New()
	}
	files, err := newFiles(cfg.Files)
	if err != nil {
		return nil, err
	}
	if cfg.Codes == nil {
		cfg.Codes = ratelimit.NewThrottle(ratelimit.JoinThrottle())
	}
	s := &Site{
		cfg: cfg, log: cfg.Log, started: time.Now(), files: files,
		network: newNetwork(cfg.Addr, cfg.Hosts),
		devices: newDevices(cfg.DeviceKey),
		tunings: ratelimit.NewTuningBudget(),
		visits:  ratelimit.NewVisitBudget(lobby.ReportEvery),
		music:   newMusicGuesses(),
	}
	s.network.on80 = cfg.On80
	s.handler = s.routes()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.handler.ServeHTTP(w, withSingleSlashes(r))
}

// withSingleSlashes is a request with one slash where there were more. Clients
// join the URL of the box and a path, and either may have a slash. The usual
// answer, a redirect, is none that a WebSocket follows.
func withSingleSlashes(r *http.Request) *http.Request {
	if !strings.Contains(r.URL.Path, "//") {
		return r
	}
	tidy, at := *r, *r.URL
	at.Path, at.RawPath = slashes.ReplaceAllString(at.Path, "/"), slashes.ReplaceAllString(at.RawPath, "/")
	tidy.URL = &at
	return &tidy
}

var slashes = regexp.MustCompile("/{2,}")

// socketPaths begin the paths that carry a token in every request.
var socketPaths = []string{
	"/realtime", "/socket", "/api", "/rest", "/auth", "/rtc", "/storage", "/functions", "/graphql",
}

func (s *Site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", s.answer(s.health))
	if s.cfg.Metrics != nil {
		mux.Handle("GET /metrics", s.cfg.Metrics)
	}
	for _, path := range socketPaths {
		mux.Handle(path, s.anyOrigin(s.cfg.Sockets)) // or the mux answers it with a redirect
		mux.Handle(path+"/", s.anyOrigin(s.cfg.Sockets))
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
	mux.Handle("POST /box/v1/password", s.answer(s.teacher(s.changePassword)))
	mux.Handle("GET /box/v1/signin", s.answer(s.signIn))
	mux.Handle("POST /box/v1/cards", s.answer(s.teacher(s.renewCards)))
	mux.Handle("GET /box/v1/rooms", s.answer(s.teacher(s.listRooms)))
	mux.Handle("POST /box/v1/rooms", s.answer(s.teacher(s.createRoom)))
	mux.Handle("DELETE /box/v1/rooms/{code}", s.answer(s.teacher(s.closeRoom)))
	mux.Handle("POST /box/v1/rooms/{code}/enter", s.answer(s.teacher(s.enterRoom)))
	mux.Handle("GET /box/v1/rooms/{code}/missing", s.answer(s.teacher(s.listMissing)))
	mux.Handle("GET /box/v1/rooms/{code}/lesson", s.answer(s.teacher(s.runningLesson)))
	mux.Handle("GET /box/v1/reflections.json", s.answer(s.teacher(s.exportJSON)))
	mux.Handle("GET /box/v1/reflections.csv", s.answer(s.teacher(s.exportCSV)))
	mux.Handle("GET /box/v1/kept", s.answer(s.teacher(s.listKept)))
	mux.Handle("GET /box/v1/reflections/access", s.answer(s.teacher(s.accessLog)))
	mux.Handle("GET /box/v1/talks", s.answer(s.teacher(s.listTalks)))
	mux.Handle("POST /box/v1/talks", s.answer(s.teacher(s.setTalk)))
	mux.Handle("POST /box/v1/students/{id}/forget", s.answer(s.teacher(s.forgetStudent)))
	mux.Handle("GET /box/v1/rooms/{code}/check-in", s.answer(s.teacher(s.sumCheckIn)))
	s.classRoutes(mux)
	mux.Handle("GET /box/v1/keyboards", s.answer(s.teacher(s.listKeyboards)))
	mux.Handle("POST /box/v1/keyboards", s.answer(s.teacher(s.assignKeyboard)))
	mux.Handle("GET /box/v1/rooms/{code}/qr.svg", s.answer(s.qr))
	mux.Handle("POST /box/v1/lobby", s.answer(s.visit))
	mux.Handle("POST /box/v1/join", s.answer(s.join))
	mux.Handle("POST /box/v1/me", s.answer(s.me))
	mux.Handle("DELETE /box/v1/me", s.answer(s.leave))
	mux.Handle("POST /box/v1/me/music", s.answer(s.student(s.enterMusic)))
	mux.Handle("GET /box/v1/me/keyboards", s.answer(s.student(s.listMine)))
	mux.Handle("POST /box/v1/me/keyboards", s.answer(s.student(s.changeMine)))
	mux.Handle("GET /box/v1/me/check-in", s.answer(s.student(s.myCard)))
	mux.Handle("POST /box/v1/me/check-in", s.answer(s.student(s.ready)))
	mux.Handle("GET /box/v1/reflections/{id}", s.answer(s.whereabouts(table.Reflections)))
	mux.Handle("GET /box/v1/check-ins/{id}", s.answer(s.whereabouts(table.CheckIns)))
	mux.Handle("/box/", s.answer(func(http.ResponseWriter, *http.Request) error { return errNoPage }))
	mux.Handle("/", s.answer(s.file))
	return mux
}
