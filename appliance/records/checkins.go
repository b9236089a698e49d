package records

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// LeastShown is the smallest number of children that a sum shows. A smaller one
// would point at single children.
const LeastShown = 5

// CheckInSum is how many children chose each card: the rows are the inner tempo
// from slow to fast, the columns the inner key from stormy to sunny. Nil is fewer
// than LeastShown, none included. There is no total, or the hidden numbers would
// follow from it.
type CheckInSum [table.MaxInner][table.MaxInner]*int

// countedPrefix begins the names of the settings that keep a sum, before the id of
// the check-in.
const countedPrefix = "check_in_sum:"

// countedSum is a sum as the box keeps it.
type countedSum struct {
	Sum CheckInSum `json:"sum"`
	At  time.Time  `json:"at"` // when it was counted
}

// SumCheckIn sums the answers to one check-in of a room that is over. A child who
// answered more than once counts once, with the last answer. The box counts once and
// keeps the sum: a second count without a child, or with a late answer, would show
// their card as the difference.
func (r *Records) SumCheckIn(ctx context.Context, room, checkIn string) (CheckInSum, error) {
	r.counting.Lock()
	defer r.counting.Unlock()
	var kept countedSum
	if known, err := r.cfg.Store.Get(store.Settings, countedPrefix+checkIn, &kept); err != nil || known {
		return kept.Sum, err
	}
	sum, err := r.count(ctx, room, checkIn)
	if err != nil {
		return sum, err
	}
	return sum, r.cfg.Store.Put(ctx, store.Settings, countedPrefix+checkIn, countedSum{sum, time.Now().UTC()})
}

// count sums the answers as they are now.
func (r *Records) count(ctx context.Context, room, checkIn string) (sum CheckInSum, err error) {
	rows, err := r.all(ctx, r.cfg.CheckIns, "check_in_id=eq."+checkIn)
	if err != nil {
		return sum, err
	}
	last := map[string]table.Row{}
	for _, row := range rows {
		if row["room"] == room {
			last[r.cfg.CheckIns.OwnerOf(row)] = row
		}
	}
	var counts [table.MaxInner][table.MaxInner]int
	for _, row := range last {
		counts[step(row["inner_tempo"])][step(row["inner_key"])]++
	}
	return shown(counts), nil
}

// sweepCheckIns deletes old answers, and after them the sums that were counted as
// long ago. A sum is younger than its answers, so none is counted again from a part.
func (r *Records) sweepCheckIns(ctx context.Context) error {
	if err := r.sweepBefore(ctx, r.cfg.CheckIns, "created_at", r.cfg.KeepCheckIns); err != nil || r.cfg.KeepCheckIns < 0 {
		return err
	}
	settings, err := r.cfg.Store.List(store.Settings)
	if err != nil {
		return err
	}
	before := time.Now().Add(-r.cfg.KeepCheckIns)
	for _, row := range settings {
		var kept countedSum
		if !strings.HasPrefix(row.Key, countedPrefix) || json.Unmarshal(row.Value, &kept) != nil || !kept.At.Before(before) {
			continue
		}
		err = errors.Join(err, r.cfg.Store.Delete(ctx, store.Settings, row.Key))
	}
	return err
}

// step is a value of an axis, from 0.
func step(value any) int {
	n, _ := value.(json.Number)
	i, _ := n.Int64()
	return int(min(max(i, table.MinInner), table.MaxInner)) - table.MinInner
}

// shown hides what is too small. One hidden number alone would follow from the size
// of the class, so the smallest of the others is hidden with it.
func shown(counts [table.MaxInner][table.MaxInner]int) (sum CheckInSum) {
	hidden, least := 0, (**int)(nil)
	for i := range counts {
		for j := range counts[i] {
			n := counts[i][j]
			if n < LeastShown {
				hidden++
				continue
			}
			sum[i][j] = &n
			if least == nil || n < **least {
				least = &sum[i][j]
			}
		}
	}
	if hidden == 1 {
		*least = nil
	}
	return sum
}

// OwnCheckIns returns all check-ins of a child, oldest first, for the child alone.
func (r *Records) OwnCheckIns(ctx context.Context, child string) ([]table.Row, error) {
	return r.own(ctx, r.cfg.CheckIns, child)
}

// DeleteCheckIns deletes all check-ins of a child.
func (r *Records) DeleteCheckIns(ctx context.Context, child string) error {
	t := r.cfg.CheckIns
	filter, err := t.ParseFilter(t.Owner+"=eq."+child, nil)
	if err != nil {
		return err
	}
	_, err = r.cfg.Store.Rows(t, table.Full()).Delete(ctx, filter, nil)
	return err
}
