package classlist

import (
	"context"
	"fmt"
	"time"

	"downbeat.local/appliance/store"
)

// dropVisits deletes the visits from before a time, and as many of the oldest that
// the others are fewer than maxVisits. The caller holds changing.
func (l *Lists) dropVisits(ctx context.Context, before time.Time) error {
	var ops []store.Op
	all := l.visited(func(Visit) bool { return true })
	for i, v := range all {
		if v.At.Before(before) || i <= len(all)-maxVisits {
			ops = append(ops, store.Op{Bucket: store.Visits, Key: v.key()})
		}
	}
	if len(ops) == 0 {
		return nil
	}
	if err := l.cfg.Store.Write(ctx, ops...); err != nil {
		return fmt.Errorf("delete old visits: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, op := range ops {
		delete(l.visits, op.Key)
	}
	return nil
}
