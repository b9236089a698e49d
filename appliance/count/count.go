// Package count counts events by reason, for the metrics of a box. All reasons are
// known from the start, so nothing that clients send adds one. Counting takes no
// lock and no memory.
package count

import (
	"slices"
	"sync/atomic"
)

// Reasons counts events by reason.
type Reasons struct {
	names  []string
	counts []atomic.Uint64
}

// ByReason returns counters at zero for some reasons. Events with any other reason
// count under the last of them.
func ByReason(names ...string) *Reasons {
	return &Reasons{names: names, counts: make([]atomic.Uint64, len(names))}
}

// Add counts one event.
func (r *Reasons) Add(reason string) {
	i := slices.Index(r.names, reason)
	if i < 0 {
		i = len(r.names) - 1
	}
	r.counts[i].Add(1)
}

// All returns the count of every reason, also of those that never happened.
func (r *Reasons) All() map[string]uint64 {
	all := make(map[string]uint64, len(r.names))
	for i, name := range r.names {
		all[name] = r.counts[i].Load()
	}
	return all
}
