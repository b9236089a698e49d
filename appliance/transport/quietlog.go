package transport

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// quietLog takes what the WebRTC libraries log: what a packet of a stranger
// can cause is of use only to who looks for it.
type quietLog struct{ log *slog.Logger }

// NewLogger is the same for every part of the libraries.
func (q quietLog) NewLogger(string) logging.LeveledLogger { return q }

// The levels of the libraries. Tracing would format every packet.

func (q quietLog) Trace(string)                      {}
func (q quietLog) Tracef(string, ...any)             {}
func (q quietLog) Debug(string)                      {}
func (q quietLog) Debugf(string, ...any)             {}
func (q quietLog) Info(string)                       {}
func (q quietLog) Infof(string, ...any)              {}
func (q quietLog) Warn(msg string)                   { q.log.Debug("webrtc", "warning", msg) }
func (q quietLog) Warnf(format string, args ...any)  { q.logf("warning", format, args) }
func (q quietLog) Error(msg string)                  { q.log.Debug("webrtc", "error", msg) }
func (q quietLog) Errorf(format string, args ...any) { q.logf("error", format, args) }

// logf formats only what somebody looks at: strangers' packets may be many.
func (q quietLog) logf(kind, format string, args []any) {
	if q.log.Enabled(context.Background(), slog.LevelDebug) {
		q.log.Debug("webrtc", kind, fmt.Sprintf(format, args...))
	}
}
