package outbox

import (
	"errors"

	"github.com/google/uuid"
	"go.etcd.io/bbolt"
)

// Sender is the random name of this file, a UUID.
func (o *Outbox) Sender() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sender
}

// name keeps the name of this file, or makes one.
func (o *Outbox) name(tx *bbolt.Tx, sender string) error {
	if sender == "" {
		id, err := uuid.NewRandom()
		if err != nil {
			return err
		}
		sender = id.String()
		if err := tx.Bucket(metaBucket).Put(senderName, []byte(sender)); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sender = sender
	return nil
}

// Rename gives this file a new name, because a copy of it has the old one too.
// The new name has sent no batch.
func (o *Outbox) Rename() (sender string, err error) {
	err = o.update(func(tx *bbolt.Tx) error { return errors.Join(o.name(tx, ""), putNumber(tx, batchName, 0)) })
	return o.Sender(), err
}

// Run names a run of the program that sends. If the other side has a batch by
// neither this run nor the one before, then a copy of this file has sent it.
type Run struct{ ID, Before string }

// StartRun makes the name of a run. Only the sender calls it, once.
func (o *Outbox) StartRun() (run Run, err error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return Run{}, err
	}
	run.ID = id.String()
	err = o.update(func(tx *bbolt.Tx) error {
		run.Before = string(tx.Bucket(metaBucket).Get(runName))
		return tx.Bucket(metaBucket).Put(runName, []byte(run.ID))
	})
	return run, err
}
