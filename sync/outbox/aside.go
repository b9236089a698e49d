package outbox

import (
	"encoding/json"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// Refused says why a row was set aside.
type Refused struct {
	Table  string    `json:"table"`
	Key    string    `json:"key"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// SetAside removes an entry that the other side will never take, and keeps the
// reason.
func (o *Outbox) SetAside(e Entry, reason string) error {
	raw, err := json.Marshal(Refused{Table: e.Table, Key: e.Key, Reason: reason, At: o.clock.Moment()})
	if err != nil {
		return err
	}
	return o.update(func(tx *bbolt.Tx) error {
		settled, err := o.settle(tx, e)
		if err != nil || !settled {
			return err
		}
		return tx.Bucket(asideBucket).Put(rowName(e.Table, e.Key), raw)
	})
}

// Retry gives all rows that were set aside their places again, because the other
// side may take them now.
func (o *Outbox) Retry() error {
	waiting, err := o.Status(nil)
	if err != nil || waiting.Aside == 0 {
		return err
	}
	return o.update(o.retry)
}

func (o *Outbox) retry(tx *bbolt.Tx) error {
	var names [][]byte
	if err := tx.Bucket(asideBucket).ForEach(func(name, _ []byte) error {
		names = append(names, slices.Clone(name))
		return nil
	}); err != nil {
		return err
	}
	for _, name := range names {
		e, err := entryOf(tx, name)
		if err != nil {
			return err
		}
		if err := o.queue(tx, e.Table, e.Key, e.Version); err != nil {
			return err
		}
	}
	return nil
}
