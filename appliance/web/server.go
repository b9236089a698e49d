package web

import (
	"log/slog"
	"net/http"
	"time"
)

// The patience of the server. A half-open connection costs a goroutine until
// headerTimeout; a whole class loading the app over slow Wi-Fi needs most of
// writeTimeout. A socket that has been upgraded is bound by none of them.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 20 * time.Second
	writeTimeout  = 2 * time.Minute
	idleTimeout   = time.Minute
	maxHeader     = 32 << 10 // bytes; a token may ride in the query
)

// Server returns an http.Server with the box's limits around a handler. Its
// own complaints, mostly of clients that went away, are logged at debug.
func Server(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
