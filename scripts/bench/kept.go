package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

const (
	// answering is how many students answer at once, and answersEvery how often.
	answering    = 30
	answersEvery = 250 * time.Millisecond
	// writers write rows at once.
	writers = 100
	// storedRows are in a store that is opened.
	storedRows = 1_000_000
)

// words is an answer of some 80 bytes.
const words = "I waited for the second beat, and then all of us came in together. It felt easy."

// kept measures how soon a student's answer is kept, what a commit costs beside a bare
// one of bbolt on the same disk, and how long a store with many rows takes to open.
func kept(binary string, each time.Duration) error {
	answers, err := answer(binary, each)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "downbeat-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	bare, err := commitBarely(filepath.Join(dir, "bare.db"), each/2)
	if err != nil {
		return err
	}
	own, err := commit(filepath.Join(dir, "rows.db"), each/2)
	if err != nil {
		return err
	}
	opened, err := openMany(filepath.Join(dir, "many.db"))
	if err != nil {
		return err
	}
	fmt.Printf("\nwords, %d students at once; rows, %d writers at once\n", answering, writers)
	target("answer to \"kept\", p99 ms", answers.P99, 300)
	ratio("row kept beside a bare commit of as many, p99", own.P99, bare.P99, 2.5)
	target(fmt.Sprintf("store with %d rows opens, ms", storedRows), opened, 1000)
	return nil
}

// answer has a class answer over HTTP, as supabase-js does.
func answer(binary string, each time.Duration) (classroom.Percentiles, error) {
	p, err := startBox(binary, []string{"WORD-1000"})
	if err != nil {
		return classroom.Percentiles{}, err
	}
	defer p.stop()
	callers := make([]caller, answering)
	for i := range callers {
		seat, err := p.seat("WORD-1000", i)
		if err != nil {
			return classroom.Percentiles{}, err
		}
		callers[i] = newCaller(p)
		callers[i].key = seat.Token
	}
	var took []float64
	for began := time.Now(); time.Since(began) < each; {
		next := time.Now().Add(answersEvery)
		some, err := abreast(answering, func(n int) bool { return n < answering }, func(_, n int) error {
			return callers[n].post("/rest/v1/reflections", fmt.Sprintf(`{"text":%q,"shared":true}`, words), http.StatusCreated)
		})
		if err != nil {
			return classroom.Percentiles{}, err
		}
		took = append(took, some...)
		time.Sleep(time.Until(next))
	}
	return classroom.Summarize(took), nil
}

// commit writes rows from many writers at once, as fast as they are kept.
func commit(path string, each time.Duration) (classroom.Percentiles, error) {
	st, err := store.Open(store.Config{Path: path, Tables: []*table.Table{table.LessonPlans}})
	if err != nil {
		return classroom.Percentiles{}, err
	}
	rows := st.Rows(table.LessonPlans, table.Full())
	took, err := abreast(writers, until(each), func(_, n int) error {
		_, err := rows.Insert(context.Background(), []table.Row{planRow(n)}, nil)
		return err
	})
	return classroom.Summarize(took), errors.Join(err, st.Close())
}

// commitBarely writes as many values of a row's size in one transaction of bbolt, one
// transaction after the other. Its keys grow, as those of rows do.
func commitBarely(path string, each time.Duration) (classroom.Percentiles, error) {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return classroom.Percentiles{}, err
	}
	value := make([]byte, 300)
	took, err := abreast(1, until(each), func(_, n int) error {
		return db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("rows"))
			for i := range writers {
				err = errors.Join(err, b.Put(binary.BigEndian.AppendUint64(nil, uint64(n*writers+i)), value))
			}
			return err
		})
	})
	return classroom.Summarize(took), errors.Join(err, db.Close())
}

// openMany opens a store with many rows, and returns how long that takes in ms.
func openMany(path string) (float64, error) {
	cfg := store.Config{Path: path, Tables: []*table.Table{table.LessonPlans}}
	st, err := store.Open(cfg)
	if err != nil {
		return 0, err
	}
	rows := st.Rows(table.LessonPlans, table.Full())
	for n := 0; n < storedRows && err == nil; n += store.MaxRows {
		some := make([]table.Row, store.MaxRows)
		for i := range some {
			some[i] = planRow(n + i)
		}
		_, err = rows.Insert(context.Background(), some, nil)
	}
	if err = errors.Join(err, st.Close()); err != nil {
		return 0, err
	}
	began := time.Now()
	if st, err = store.Open(cfg); err != nil {
		return 0, err
	}
	opened := milliseconds(began)
	return opened, st.Close()
}
