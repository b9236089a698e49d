package outbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// MaxShown is how many refused rows a Status lists.
const MaxShown = 100

// Status is what waits.
type Status struct {
	Pending int       // rows that wait to be sent
	Oldest  time.Time // when the first of them was written, by the clock of then; zero if none waits
	Aside   int       // rows that were set aside
	Refused []Refused // the first of those
}

// Status counts what waits. It leaves out the tables for which skip is true; a nil
// skip leaves out none.
func (o *Outbox) Status(skip func(table string) bool) (s Status, err error) {
	err = o.db.View(func(tx *bbolt.Tx) error {
		if s.Pending, err = depth(tx, skip); err != nil {
			return err
		}
		first, err := Next(tx, 0, 1, skip)
		if err != nil {
			return err
		}
		if len(first) > 0 {
			s.Oldest = first[0].At.Wall()
		}
		return tx.Bucket(asideBucket).ForEach(func(name, raw []byte) error {
			if table, _, _ := cutName(name); skip != nil && skip(table) {
				return nil
			}
			if s.Aside++; s.Aside > MaxShown {
				return nil
			}
			var r Refused
			if err := json.Unmarshal(raw, &r); err != nil {
				return fmt.Errorf("%w: %w", errDamaged, err)
			}
			s.Refused = append(s.Refused, r)
			return nil
		})
	})
	return s, err
}

// depth counts the places that are taken. It reads the queue only if a table that is
// left out is carried.
func depth(tx *bbolt.Tx, skip func(table string) bool) (n int, err error) {
	tables, err := carried(tx)
	if err != nil || skip == nil || !slices.ContainsFunc(tables, skip) {
		return int(number(tx, depthName)), err
	}
	err = tx.Bucket(queueBucket).ForEach(func(_, name []byte) error {
		if table, _, _ := cutName(name); !skip(table) {
			n++
		}
		return nil
	})
	return n, err
}

// Reached reports whether the other side has a row as it is now.
func (o *Outbox) Reached(table, key string) (reached bool, err error) {
	err = o.db.View(func(tx *bbolt.Tx) error {
		v, known, err := VersionOf(tx, table, key)
		reached = known && v.place == 0 && !v.Deleted && tx.Bucket(asideBucket).Get(rowName(table, key)) == nil
		return err
	})
	return reached, err
}
