package main

import (
	"sync"
	"time"
)

// paced calls a function at a rate, one call at a time, and returns the time of
// each call in ms.
func paced(each time.Duration, rate int, do func(n int) error) (took []float64, err error) {
	begin := time.Now()
	for n := range int(each.Seconds() * float64(rate)) {
		time.Sleep(time.Until(begin.Add(time.Duration(n) * time.Second / time.Duration(rate))))
		began := time.Now()
		if err := do(n); err != nil {
			return took, err
		}
		took = append(took, milliseconds(began))
	}
	return took, nil
}

// abreast has workers call a function as fast as possible while more says so,
// and returns the time of each call in ms. The first error ends it.
func abreast(workers int, more func(n int) bool, do func(worker, n int) error) (took []float64, err error) {
	var (
		mu   sync.Mutex // guards next and the results
		next int
	)
	turn := func() (n int, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		n = next
		next++
		return n, err == nil && more(n)
	}
	done := func(began time.Time, failed error) {
		mu.Lock()
		defer mu.Unlock()
		if failed != nil {
			err = failed
			return
		}
		took = append(took, milliseconds(began))
	}
	var working sync.WaitGroup
	for worker := range workers {
		working.Go(func() {
			for n, ok := turn(); ok; n, ok = turn() {
				began := time.Now()
				done(began, do(worker, n))
			}
		})
	}
	working.Wait()
	return took, err
}

// until reports that there is more until a time has passed.
func until(each time.Duration) func(int) bool {
	end := time.Now().Add(each)
	return func(int) bool { return time.Now().Before(end) }
}

func milliseconds(since time.Time) float64 { return time.Since(since).Seconds() * 1000 }
