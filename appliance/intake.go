package appliance

import (
	"log/slog"

	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/intake"
	"downbeat.local/appliance/limits"
)

// addressConnections is the part of the connections that one address may have:
// one of so many. A browser opens six at most, so a class of forty behind one
// address fits into the default.
const addressConnections = 4

// spareFiles are the descriptors that the box needs besides connections: the
// store, UDP sockets, keyboards.
const spareFiles = 64

// newIntake bounds the connections by the limits, and by the descriptors that the
// process may have.
func newIntake(l limits.Limits, ledger *cost.Ledger, log *slog.Logger) *intake.Intake {
	box := l["connections"]
	if files := maxFiles(); files > 0 && files < box+l["clients"]+spareFiles {
		box = max(16, files-l["clients"]-spareFiles)
		log.Warn("the process may open few files: raise the limit (ulimit -n)", "files", files, "connections", box)
	}
	return intake.New(intake.Config{
		Address: max(1, box/addressConnections), Box: box, Log: log,
		Refused: func(remote string) { ledger.Refuse(cost.Connections, cost.PayerAt(remote, "", false)) },
	})
}
