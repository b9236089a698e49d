package store

import (
	"fmt"
	"sync"
	"testing"

	"downbeat.local/appliance/table"
)

// told writes a change in short: its operation, its row, and what was missed.
func told(c table.Change) string {
	text := c.Op
	if c.New != nil {
		text += " " + shown([]table.Row{c.New})
	}
	if c.Old != nil {
		text += " was " + shown([]table.Row{c.Old})
	}
	if c.Missed > 0 {
		text += fmt.Sprintf(" missed %d", c.Missed)
	}
	return text
}

func TestWatchTellsWhatWasKept(t *testing.T) {
	s := filled(t, note("a", 1))
	heard := make(chan table.Change, 10)
	cancel := s.Watch(func(c table.Change) { heard <- c })
	defer cancel()
	ctx := t.Context()
	_, err := teacher(s).Insert(ctx, []table.Row{note("b", 2), note("c", 3)}, nil)
	must(t, err)
	if _, err = teacher(s).Insert(ctx, []table.Row{note("d", 4), note("a", 1)}, nil); err == nil {
		t.Fatal("a duplicate was kept")
	}
	_, err = teacher(s).Merge(ctx, []table.Row{note("a", 7)}, nil)
	must(t, err)
	_, err = teacher(s).Update(ctx, filterOf(t, "id=eq.b"), table.Row{"n": "8"}, nil)
	must(t, err)
	_, err = teacher(s).Delete(ctx, filterOf(t, "id=eq.c"), nil)
	must(t, err)
	must(t, s.Put(ctx, Rooms, "MUSIC-2024", 1)) // no row of a table
	cancel()
	close(heard)
	var got []string
	var last table.Change
	for c := range heard {
		if c.Table != notes || c.At.IsZero() || c.At.Before(last.At) {
			t.Errorf("%s: table %v at %v after %v", told(c), c.Table, c.At, last.At)
		}
		last = c
		got = append(got, told(c))
	}
	want := []string{"INSERT b=2", "INSERT c=3", "UPDATE a=7 was a=1", "UPDATE b=8 was b=2", "DELETE was c=3"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = teacher(s).Insert(ctx, []table.Row{note("z", 1)}, nil)
	must(t, err) // without a watcher: heard is closed
	cancel()     // a second call does nothing
}

// TestWatchersHearOneOrder has writers race for one row. Every watcher must get
// the same history, in which each change begins where the last one ended.
func TestWatchersHearOneOrder(t *testing.T) {
	s := filled(t, note("a", -1))
	var histories [2][]table.Change
	var cancels []func()
	for i := range histories {
		cancels = append(cancels, s.Watch(func(c table.Change) { histories[i] = append(histories[i], c) }))
	}
	const writers, times = 8, 20
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range times {
				if _, err := teacher(s).Merge(t.Context(), []table.Row{note("a", w*times+n)}, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, cancel := range cancels {
		cancel()
	}
	for i, history := range histories {
		if len(history) != writers*times {
			t.Fatalf("watcher %d heard %d changes, want %d", i, len(history), writers*times)
		}
		last := shown([]table.Row{note("a", -1)})
		for _, c := range history {
			if was := shown([]table.Row{c.Old}); was != last || c.Missed != 0 {
				t.Fatalf("watcher %d: after %q came %q", i, last, told(c))
			}
			last = shown([]table.Row{c.New})
		}
	}
}

// TestASlowWatcherDelaysNoWriter has a watcher sleep through more changes than
// its queue holds.
func TestASlowWatcherDelaysNoWriter(t *testing.T) {
	s := filled(t, note("a", 0))
	begun, wake := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var heard []table.Change
	cancel := s.Watch(func(c table.Change) {
		once.Do(func() { close(begun); <-wake })
		heard = append(heard, c)
	})
	write := func(n int) {
		_, err := teacher(s).Merge(t.Context(), []table.Row{note("a", n)}, nil)
		must(t, err)
	}
	write(1)
	<-begun // the watcher has the first change; the queue is empty
	rows := make([]table.Row, MaxRows)
	for i := range rows {
		rows[i] = note(fmt.Sprintf("b%d", i), i)
	}
	for range MaxBehind / MaxRows { // fills the queue
		_, err := teacher(s).Merge(t.Context(), rows, nil)
		must(t, err)
	}
	write(2) // missed
	write(3) // missed
	close(wake)
	cancel() // waits until the queue is empty
	if got, want := len(heard), 1+MaxBehind; got != want {
		t.Errorf("heard %d changes, want %d", got, want)
	}
}

// TestMissedChangesAreCounted fills a watcher's queue by hand.
func TestMissedChangesAreCounted(t *testing.T) {
	w := &watcher{changes: make(chan table.Change, 1)}
	for range 3 {
		w.offer(table.Change{Op: table.OpInsert})
	}
	if first := <-w.changes; first.Missed != 0 {
		t.Errorf("the first: missed %d, want 0", first.Missed)
	}
	w.offer(table.Change{Op: table.OpInsert})
	if next := <-w.changes; next.Missed != 2 || w.missed != 0 {
		t.Errorf("the next: missed %d and then %d, want 2 and 0", next.Missed, w.missed)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
