package web

import (
	"log/slog"
	"net/http"
	"time"
)

// The server's deadlines. A half-open connection costs a goroutine until
// headerTimeout. A whole class that loads the app over slow Wi-Fi needs most
// of writeTimeout. None of them applies to an upgraded socket.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 20 * time.Second
	writeTimeout  = 2 * time.Minute
	idleTimeout   = time.Minute
	maxHeader     = 32 << 10 // bytes; a token may be in the query
)

// Server returns an http.Server with the box's limits around a handler. It
// logs its own complaints at debug: most are about clients that went away.
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
