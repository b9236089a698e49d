package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"
)

func TestWritersShareCommits(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), FileName))
	const writers, rows = 32, 20
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for r := range rows {
				if err := s.Put(t.Context(), Rooms, fmt.Sprintf("%02d-%02d", w, r), r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got, err := s.List(Rooms)
	if err != nil || len(got) != writers*rows {
		t.Errorf("got %d rows, %v, want %d", len(got), err, writers*rows)
	}
	stats := s.db.Stats().TxStats
	t.Logf("%d rows by %d writers: %d page writes", writers*rows, writers, stats.GetWrite())
	if len(s.pending) != 0 || len(s.committing) != 0 {
		t.Errorf("left behind: %d pending, %d committing", len(s.pending), len(s.committing))
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), FileName))
	for _, bad := range []Op{
		{Bucket: "nowhere", Key: "k", Value: []byte("1")},
		{Bucket: meta, Key: "schema", Value: []byte("7")},
		{Bucket: Rooms, Value: []byte("1")},
		{Bucket: Rooms, Key: strings.Repeat("k", MaxKey+1), Value: []byte("1")},
		{Bucket: Rooms, Key: "big", Value: make([]byte, MaxValue+1)},
	} {
		if err := s.Write(t.Context(), Op{Bucket: Rooms, Key: "good", Value: []byte("1")}, bad); err == nil {
			t.Errorf("write of %q/%d bytes: no error", bad.Bucket, len(bad.Key))
		}
	}
	if rows, err := s.List(Rooms); err != nil || len(rows) != 0 {
		t.Errorf("got %v, %v, want no rows", rows, err)
	}
}

// TestAWriteThatCannotBeAppliedFailsAlone commits three writes together. The
// outbox's part in the second has done half of its work when it fails.
func TestAWriteThatCannotBeAppliedFailsAlone(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), FileName))
	unfit := errors.New("the outbox is damaged")
	put := func(key string) *write {
		op := Op{Bucket: Rooms, Key: key, Value: []byte("1")}
		return &write{done: make(chan error, 1), plan: func(*bbolt.Tx) (effect, error) { return effect{ops: []Op{op}}, nil }}
	}
	batch := []*write{put("A"), put("HALF"), put("B")}
	batch[1].plan = func(*bbolt.Tx) (effect, error) {
		return effect{ops: []Op{{Bucket: Rooms, Key: "HALF", Value: []byte("1")}}, also: func(*bbolt.Tx) error { return unfit }}, nil
	}
	s.pending = batch
	s.committing <- struct{}{}
	s.commitPending()
	<-s.committing
	for i, want := range []error{nil, unfit, nil} {
		if err := <-batch[i].done; !errors.Is(err, want) {
			t.Errorf("write %d: got %v, want %v", i, err, want)
		}
	}
	if rows, err := s.List(Rooms); err != nil || len(rows) != 2 || rows[0].Key != "A" || rows[1].Key != "B" {
		t.Errorf("got %v, %v, want the first and the last", rows, err)
	}
	if err := s.Failing(); err != nil {
		t.Errorf("the store calls itself failing: %v", err)
	}
}

func TestCancelledWriteIsTakenBack(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), FileName))
	s.committing <- struct{}{} // a commit that never ends
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("the browser is gone")
	cancel(gone)
	if err := s.Put(ctx, Rooms, "A", 1); !errors.Is(err, gone) {
		t.Errorf("got %v, want %v", err, gone)
	}
	<-s.committing
	if err := s.Put(t.Context(), Rooms, "B", 2); err != nil {
		t.Fatal(err)
	}
	if ok, _ := s.Get(Rooms, "A", new(int)); ok {
		t.Error("the cancelled write was kept")
	}
}

func TestNothingIsAcknowledgedAfterAFailedSync(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), FileName))
	s.breakDown(errors.New("input/output error"))
	if err := s.Put(t.Context(), Rooms, "A", 1); !errors.Is(err, ErrBroken) {
		t.Errorf("got %v, want %v", err, ErrBroken)
	}
}

func BenchmarkPut(b *testing.B) {
	s, err := Open(Config{Path: filepath.Join(b.TempDir(), FileName)})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	value := strings.Repeat("x", 300)
	for b.Loop() {
		if err := s.Put(b.Context(), Rooms, "MUSIC-2024", value); err != nil {
			b.Fatal(err)
		}
	}
}
