package records

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// The states of a to-do.
const (
	Seen     = "seen"
	Talked   = "talked"
	PassedOn = "passed_on"
)

// States lists them, in the order of the work.
var States = []string{Seen, Talked, PassedOn}

// Talk is the to-do for a student who would like to talk.
type Talk struct {
	Reflection string    `json:"reflection_id"`
	State      string    `json:"state"`
	At         time.Time `json:"at"` // when it came into the state
}

// Why a to-do cannot change.
var (
	ErrNoTalk   = errors.New("no reflection whose author would like to talk")
	ErrBadState = errors.New("no such state")
)

// SetTalk notes what became of a wish to talk. The errors are ErrNoTalk, ErrBadState
// and those of the store.
func (r *Records) SetTalk(ctx context.Context, reflection, state string) (Talk, error) {
	if !slices.Contains(States, state) {
		return Talk{}, ErrBadState
	}
	if uuid.Validate(reflection) != nil {
		return Talk{}, ErrNoTalk
	}
	rows, err := r.find(ctx, "id", "eq."+reflection, 1)
	if err != nil {
		return Talk{}, err
	}
	if len(rows) == 0 || rows[0]["talk"] != true || rows[0]["shared"] != true {
		return Talk{}, ErrNoTalk
	}
	t := Talk{Reflection: r.cfg.Table.KeyOf(rows[0]), State: state, At: time.Now().UTC()}
	return t, r.cfg.Store.Put(ctx, store.Talks, t.Reflection, t)
}

// Talks lists the to-dos that have a state.
func (r *Records) Talks() ([]Talk, error) {
	rows, err := r.cfg.Store.List(store.Talks)
	return decode[Talk](rows), err
}

// dropTalks deletes the to-dos of rows.
func (r *Records) dropTalks(ctx context.Context, rows []table.Row) error {
	var ops []store.Op
	for _, row := range rows {
		ops = append(ops, store.Op{Bucket: store.Talks, Key: r.cfg.Table.KeyOf(row)})
	}
	if len(ops) == 0 {
		return nil
	}
	return r.cfg.Store.Write(ctx, ops...)
}
