package rtc

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// quietLog logs what the WebRTC libraries log, all of it at debug level: any
// stranger's packet can cause a warning of theirs.
type quietLog struct{ log *slog.Logger }

// NewLogger returns the same logger for every part of the libraries.
func (q quietLog) NewLogger(string) logging.LeveledLogger { return q }

// The levels of the libraries. The lower ones would format every packet.

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

// logf formats nothing unless debug logs are on. Strangers can send many packets.
func (q quietLog) logf(kind, format string, args []any) {
	if q.log.Enabled(context.Background(), slog.LevelDebug) {
		q.log.Debug("webrtc", kind, fmt.Sprintf(format, args...))
	}
}
