package outbox_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"downbeat.local/sync/hlc"
	"downbeat.local/sync/outbox"
)

const plans = "public.plans"

// file is a bbolt file with a table of rows and an outbox.
type file struct {
	t interface {
		Helper()
		Fatal(...any)
	}
	db   *bbolt.DB
	out  *outbox.Outbox
	wall time.Time
	up   time.Duration
}

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func openFile(t *testing.T, path string) *file {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	f := &file{t: t, db: db, wall: noon}
	f.reopen()
	return f
}

// reopen is a restart on the same file. Uptime starts at zero.
func (f *file) reopen() {
	f.t.Helper()
	f.up = 0
	out, err := outbox.Open(outbox.Config{DB: f.db, Clock: func(last hlc.Time) *hlc.Clock {
		return hlc.New(hlc.Config{
			Last: last,
			Wall: func() time.Time { return f.wall }, Uptime: func() time.Duration { return f.up },
		})
	}})
	if err != nil {
		f.t.Fatal(err)
	}
	f.out = out
}

func fileOf(t *testing.T) *file {
	t.Helper()
	f := openFile(t, filepath.Join(t.TempDir(), "rows.db"))
	f.carry(plans)
	return f
}

func (f *file) carry(tables ...string) {
	f.t.Helper()
	f.must(f.out.Carry(tables, keys))
}

func (f *file) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func keys(tx *bbolt.Tx, table string, visit func(string) error) error {
	b := tx.Bucket([]byte(table))
	if b == nil {
		return nil
	}
	return b.ForEach(func(k, _ []byte) error { return visit(string(k)) })
}

// write writes rows, or deletes those whose key begins with a minus.
func (f *file) write(names ...string) {
	f.t.Helper()
	f.must(f.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(plans))
		if err != nil {
			return err
		}
		for _, name := range names {
			key, deleted := strings.CutPrefix(name, "-")
			if deleted {
				err = b.Delete([]byte(key))
			} else {
				err = b.Put([]byte(key), []byte("row"))
			}
			if err != nil {
				return err
			}
			if err := f.out.Record(tx, plans, key, deleted); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (f *file) next(limit int) (entries []outbox.Entry) {
	f.t.Helper()
	f.must(f.db.View(func(tx *bbolt.Tx) (err error) {
		entries, err = outbox.Next(tx, 0, limit, nil)
		return err
	}))
	return entries
}

// waiting lists the keys that wait, those of deleted rows with a minus.
func (f *file) waiting() string {
	f.t.Helper()
	var names []string
	for _, e := range f.next(1 << 20) {
		names = append(names, map[bool]string{true: "-"}[e.Deleted]+e.Key)
	}
	status, err := f.out.Status(nil)
	f.must(err)
	if status.Pending != len(names) {
		f.t.Fatal(fmt.Sprintf("%d pending, %d in the queue", status.Pending, len(names)))
	}
	return strings.Join(names, " ")
}

func (f *file) expect(want string) {
	f.t.Helper()
	if got := f.waiting(); got != want {
		f.t.Fatal(fmt.Sprintf("waiting: got %q, want %q", got, want))
	}
}

// remote applies a change that another box made.
func (f *file) remote(key string, at hlc.Time) (taken bool) {
	f.t.Helper()
	f.must(f.db.Update(func(tx *bbolt.Tx) (err error) {
		taken, err = f.out.RecordRemote(tx, plans, key, outbox.Version{At: at})
		return err
	}))
	return taken
}

func TestRowsWaitUntilTheyAreAcknowledged(t *testing.T) {
	f := fileOf(t)
	f.write("a", "b")
	f.write("a", "-c")
	f.expect("b a -c")
	sent := f.next(2)
	f.write("a")
	f.must(f.out.Acknowledge(sent, 1))
	f.expect("-c a") // a has changed since it was sent
	f.reopen()
	f.expect("-c a")
	f.must(f.out.Acknowledge(f.next(9), 1))
	f.must(f.out.Acknowledge(sent, 1)) // late, and of no effect
	f.expect("")
	select {
	case <-f.out.Queued():
	default:
	}
	f.write("d")
	select {
	case <-f.out.Queued():
	default:
		t.Error("nobody is woken")
	}
}

func TestReadingOnBehindRowsThatAreUnderWay(t *testing.T) {
	f := fileOf(t)
	f.write("a", "b", "c", "d")
	ahead := func(after uint64, skip func(string) bool) (keys string) {
		f.must(f.db.View(func(tx *bbolt.Tx) error {
			entries, err := outbox.Next(tx, after, 2, skip)
			for _, e := range entries {
				keys += e.Key
			}
			return err
		}))
		return keys
	}
	second := f.next(2)[1]
	if got := ahead(0, nil) + " " + ahead(second.Place(), nil); got != "ab cd" {
		t.Errorf("got %q, want ab cd", got)
	}
	if got := ahead(0, func(table string) bool { return table == plans }); got != "" {
		t.Errorf("of a table that is left out: got %q", got)
	}
}

func TestRowsThatAreRefusedAreSetAside(t *testing.T) {
	f := fileOf(t)
	f.write("a", "b", "c")
	f.must(f.out.SetAside(f.next(1)[0], "its title is too long"))
	f.expect("b c")
	status, err := f.out.Status(nil)
	f.must(err)
	if status.Aside != 1 || status.Refused[0].Key != "a" || status.Refused[0].Reason != "its title is too long" {
		t.Errorf("got %+v", status)
	}
	f.write("a") // a new edit
	f.expect("b c a")
	f.must(f.out.SetAside(f.next(1)[0], "no"))
	f.reopen()
	f.expect("c a")
	f.must(f.out.Retry())
	f.expect("c a b")
	if status, err = f.out.Status(nil); err != nil || status.Aside != 0 {
		t.Errorf("got %+v, %v, want none aside", status, err)
	}
}

func TestAStatusLeavesOutTables(t *testing.T) {
	f := fileOf(t)
	const others = "public.others"
	f.carry(plans, others)
	skip := func(table string) bool { return table == others }
	record := func(key string) {
		f.must(f.db.Update(func(tx *bbolt.Tx) error { return f.out.Record(tx, others, key, false) }))
	}
	expect := func(when string, skip func(string) bool, pending, aside int, oldest time.Time) {
		t.Helper()
		s, err := f.out.Status(skip)
		if err != nil || s.Pending != pending || s.Aside != aside || len(s.Refused) != aside || !s.Oldest.Equal(oldest) {
			t.Errorf("%s: got %+v, %v, want %d, %d, oldest %v", when, s, err, pending, aside, oldest)
		}
	}
	record("a")
	record("b")
	f.must(f.out.SetAside(f.next(1)[0], "no"))
	expect("all", nil, 1, 1, noon)
	expect("without the others", skip, 0, 0, time.Time{})
	f.up, f.wall = f.up+time.Minute, f.wall.Add(time.Minute)
	f.write("c")
	expect("all, with a plan", nil, 2, 1, noon)
	expect("the plan alone", skip, 1, 0, noon.Add(time.Minute))
}

func TestWhatHasReachedTheOtherSide(t *testing.T) {
	f := fileOf(t)
	expect := func(when string, want bool) {
		t.Helper()
		if got, err := f.out.Reached(plans, "a"); err != nil || got != want {
			t.Errorf("%s: got %t, %v, want %t", when, got, err, want)
		}
	}
	expect("unknown", false)
	f.write("a")
	expect("waiting", false)
	f.must(f.out.Acknowledge(f.next(1), 1))
	expect("acknowledged", true)
	f.write("a")
	expect("changed", false)
	f.must(f.out.SetAside(f.next(1)[0], "no"))
	expect("set aside", false)
	f.write("-a")
	f.must(f.out.Acknowledge(f.next(1), 2))
	expect("deleted", false)
}

func TestChangesFromElsewhere(t *testing.T) {
	f := fileOf(t)
	f.write("a")
	mine := f.next(1)[0].At
	if f.remote("a", mine-1) || f.remote("a", mine) {
		t.Error("an older change was taken")
	}
	f.expect("a")
	if !f.remote("a", mine+5) {
		t.Error("a newer change was not taken")
	}
	f.expect("") // what was to be sent is gone
	f.write("a")
	if got := f.next(1)[0].At; got <= mine+5 {
		t.Errorf("an edit of a row of %v is of %v", mine+5, got)
	}
	f.write("-a")
	if f.remote("a", mine+6) {
		t.Error("a deleted row came back")
	}
}

func TestTablesThatAreCarried(t *testing.T) {
	f := openFile(t, filepath.Join(t.TempDir(), "rows.db"))
	f.write("a", "b")
	f.expect("")
	f.carry(plans)
	if got := f.waiting(); got != "a b" && got != "b a" {
		t.Errorf("got %q, want both rows", got)
	}
	f.must(f.out.Acknowledge(f.next(9), 1))
	f.reopen()
	f.carry(plans)
	f.expect("")
	f.carry()
	f.write("-a", "c")
	f.expect("")
	f.carry(plans) // finds what has changed meanwhile
	names := strings.Fields(f.waiting())
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "-a b c" {
		t.Errorf("got %q", got)
	}
	f.must(f.out.Acknowledge(f.next(9), 1))
	before := f.versions()
	f.must(f.out.Requeue(keys))
	if got := f.versions(); len(f.next(9)) != 3 || !maps.Equal(got, before) {
		t.Errorf("got %v, want %v", got, before)
	}
}

func (f *file) versions() map[string]hlc.Time {
	f.t.Helper()
	all := map[string]hlc.Time{}
	f.must(f.db.View(func(tx *bbolt.Tx) error {
		for _, key := range []string{"a", "b", "c"} {
			v, _, err := outbox.VersionOf(tx, plans, key)
			if err != nil {
				return err
			}
			all[key] = v.At
		}
		return nil
	}))
	return all
}

func TestVersionsOfAWrongClock(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		wall time.Time
		want time.Time // of a row that was written an hour before the connection
	}{
		"right":             {noon, noon.Add(-time.Hour)},
		"a minute ahead":    {noon.Add(time.Minute), noon.Add(-59 * time.Minute)},
		"ten years ahead":   {noon.Add(3650 * day), noon.Add(-time.Hour)},
		"years behind":      {noon.Add(-3650 * day), noon.Add(-time.Hour)},
		"an hour ahead":     {noon.Add(time.Hour), noon.Add(-time.Hour)},
		"back in the 1970s": {time.Unix(1000, 0), noon.Add(-time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			f := openFile(t, filepath.Join(t.TempDir(), "rows.db"))
			f.wall = c.wall.Add(-time.Hour)
			f.reopen()
			f.carry(plans)
			f.write("a", "b")
			f.wall, f.up = f.wall.Add(time.Hour), f.up+time.Hour
			f.must(f.out.Correct(noon))
			e := f.next(2)
			if got := e[0].At.Wall(); !got.Equal(c.want) || e[1].At <= e[0].At {
				t.Errorf("got %v and %v, want %v", e[0].At, e[1].At, c.want)
			}
			f.write("c")
			if got := f.next(3)[2].At; got <= e[1].At || got.Wall().After(noon.Add(outbox.MaxAhead)) {
				t.Errorf("afterwards a row is of %v", got)
			}
			f.reopen()
			f.write("d")
			if all := f.next(4); all[3].At <= all[2].At {
				t.Errorf("after a restart a row is of %v, before %v", all[3].At, all[2].At)
			}
		})
	}
}

// A restart with a wrong clock leaves rows of an earlier run that are ahead of
// their time. They come down to it in their order.
func TestRowsOfAnEarlierRunAreNotAhead(t *testing.T) {
	f := fileOf(t)
	f.wall = noon.AddDate(9, 0, 0)
	f.write("a", "b", "c")
	f.wall = noon
	f.reopen()
	f.must(f.out.Correct(noon))
	last := hlc.Time(0)
	for _, e := range f.next(9) {
		if e.At <= last || e.At.Wall().After(noon.Add(outbox.MaxAhead)) {
			t.Errorf("%s is of %v, after %v", e.Key, e.At, last)
		}
		last = e.At
	}
}

// Through any order of writes, sends, refusals and restarts, a row waits if and
// only if its last version has not been acknowledged or set aside.
func TestNothingIsLostAndNothingIsDoubled(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := fileOf(t)
		f.t = rt
		want := map[string]bool{} // waiting
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			key := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "key")
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0:
				f.write("-" + key)
				want[key] = true
			case 1:
				sent := f.next(rapid.IntRange(1, 4).Draw(rt, "sent"))
				f.write(key)
				f.must(f.out.Acknowledge(sent, 1))
				for _, e := range sent {
					delete(want, e.Key)
				}
				want[key] = true
			case 2:
				if e := f.next(1); len(e) > 0 {
					f.must(f.out.SetAside(e[0], "no"))
					delete(want, e[0].Key)
				}
			case 3:
				f.must(f.out.Carry([]string{plans}, keys))
			default:
				f.write(key)
				want[key] = true
			}
			got := map[string]bool{}
			for name := range strings.FieldsSeq(f.waiting()) {
				got[strings.TrimPrefix(name, "-")] = true
			}
			if !maps.Equal(got, want) {
				rt.Fatalf("waiting: got %v, want %v", got, want)
			}
		}
	})
}

func TestNamesOfAFileAndItsRuns(t *testing.T) {
	f := fileOf(t)
	name := f.out.Sender()
	first, err := f.out.StartRun()
	f.must(err)
	f.write("a")
	f.must(f.out.Acknowledge(f.next(1), 7))
	f.reopen()
	second, err := f.out.StartRun()
	f.must(err)
	if f.out.Sender() != name || first.Before != "" || second.Before != first.ID || second.ID == first.ID {
		t.Errorf("got %s, %v and %v", f.out.Sender(), first, second)
	}
	renamed, err := f.out.Rename()
	f.must(err)
	batch, err := f.out.Batch()
	f.must(err)
	f.reopen()
	if renamed == name || f.out.Sender() != renamed || batch != 0 {
		t.Errorf("got %s and batch %d after %s", renamed, batch, name)
	}
}
