package appliance

import (
	"log/slog"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is the part of the machine's memory, or of what its memory cgroup
// allows, that the box asks the Go runtime to stay within. The rest is for the
// system, which keeps the store's pages in it.
const memoryShare = 0.5

// LimitMemory makes the runtime collect garbage sooner when the process nears its
// share of the memory. The environment variable GOMEMLIMIT comes first.
func LimitMemory(log *slog.Logger) {
	limit, err := memlimit.Set(
		memlimit.WithRatio(memoryShare),
		memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)),
	)
	if err != nil {
		log.Warn("cannot tell how much memory there is; set GOMEMLIMIT", "err", err)
		return
	}
	log.Debug("memory limit", "mb", limit>>20)
}
