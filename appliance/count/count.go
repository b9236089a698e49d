// Package count counts events by their reasons, for whoever watches a box. The
// reasons are known from the start: what clients send makes no new ones.
// Counting takes no lock and no memory.
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

// ByReason returns a count of nothing. What happens for a reason that is not
// among names is counted under the last of them.
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

// All is how many there were, by reason, those too that never happened.
func (r *Reasons) All() map[string]uint64 {
	all := make(map[string]uint64, len(r.names))
	for i, name := range r.names {
		all[name] = r.counts[i].Load()
	}
	return all
}
