package outbox

import (
	"cmp"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"downbeat.local/sync/hlc"
)

// MaxAhead is how far a version may be ahead of the other side's time. The other
// side must refuse what is beyond, so that no clock of years to come makes a row
// that nobody can change any more.
const MaxAhead = 5 * time.Minute

// Correct sets the clock to the time of the other side. If the clock was wrong
// by more than MaxAhead, the rows that wait get better versions: those of this
// run move by as much as the clock, and none stays beyond MaxAhead. Their order
// stays. No other box can have seen the versions that are taken back, because
// the other side refused them.
func (o *Outbox) Correct(now time.Time) error {
	behind := o.clock.Correct(now)
	limit := hlc.Of(now.Add(MaxAhead))
	if behind.Abs() <= MaxAhead && o.clock.Last() <= limit {
		return nil
	}
	return o.update(func(tx *bbolt.Tx) error { return o.redate(tx, behind, hlc.Of(now), limit) })
}

func (o *Outbox) redate(tx *bbolt.Tx, behind time.Duration, now, limit hlc.Time) error {
	entries, err := Next(tx, 0, int(number(tx, depthName)), nil)
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.At, b.At) })
	last, started := hlc.Time(0), o.clock.Started()
	for _, e := range entries {
		if e.At > started {
			e.At = hlc.Of(e.At.Wall().Add(behind))
		}
		if e.At > limit {
			e.At = now
		}
		e.At = max(e.At, last+1)
		last = e.At
		if err := tx.Bucket(versionsBucket).Put(rowName(e.Table, e.Key), e.bytes()); err != nil {
			return err
		}
	}
	last = max(last, now)
	o.clock.Rewind(last)
	return putNumber(tx, lastName, uint64(last))
}
