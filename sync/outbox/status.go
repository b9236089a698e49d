package outbox

import (
	"encoding/json"
	"fmt"
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

// Status counts what waits.
func (o *Outbox) Status() (s Status, err error) {
	err = o.db.View(func(tx *bbolt.Tx) error {
		s.Pending = int(number(tx, depthName))
		first, err := Next(tx, 0, 1, nil)
		if err != nil {
			return err
		}
		if len(first) > 0 {
			s.Oldest = first[0].At.Wall()
		}
		return tx.Bucket(asideBucket).ForEach(func(_, raw []byte) error {
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

// Pending counts the rows that wait to be sent.
func (o *Outbox) Pending() (n int, err error) {
	err = o.db.View(func(tx *bbolt.Tx) error {
		n = int(number(tx, depthName))
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
