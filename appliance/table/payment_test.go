package table

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// heapOf is how much memory a thousand values hold that made makes.
func heapOf[T any](made func(i int) T) int64 {
	const many = 1000
	used := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, kept := used(), make([]T, many)
	for i := range kept {
		kept[i] = made(i)
	}
	held := used() - before
	runtime.KeepAlive(kept)
	return held
}

// TestFiltersHoldWhatTheyPayFor compares what filters hold with what they are
// charged for.
func TestFiltersHoldWhatTheyPayFor(t *testing.T) {
	for name, filter := range map[string]func(i int) string{
		"a value":                func(i int) string { return fmt.Sprintf("title=eq.%d", i) },
		"short conditions":       func(i int) string { return strings.TrimSuffix(strings.Repeat("title=eq.,", 100), ",") },
		"a list of letters":      func(i int) string { return "title=in.(" + strings.Repeat("a,", 99) + "b)" },
		"a pattern":              func(i int) string { return fmt.Sprintf("title=like.Song%%%d", i) },
		"short patterns":         func(i int) string { return strings.TrimSuffix(strings.Repeat("title=match.a,", 100), ",") },
		"a pattern that repeats": func(i int) string { return fmt.Sprintf(`title=match."(.{0,70}){3}%d$"`, i) },
		"a pattern of classes":   func(i int) string { return fmt.Sprintf(`title=match."\\pL{2}%d$"`, i) },
		"a pattern of letters":   func(i int) string { return fmt.Sprintf(`title=imatch.%s%d`, strings.Repeat("k", 200), i) },
	} {
		t.Run(name, func(t *testing.T) {
			paid := int64(0)
			pay := &Payment{Charge: func(bytes int) error {
				paid += int64(bytes)
				return nil
			}}
			held := heapOf(func(i int) Filter {
				f, err := LessonPlans.ParseFilter(filter(i), pay)
				if err != nil {
					t.Fatal(err)
				}
				return f
			})
			t.Logf("a thousand hold %d KB and pay for %d KB", held>>10, paid>>10)
			if held > paid {
				t.Errorf("a thousand hold %d bytes and pay for %d", held, paid)
			}
		})
	}
}

func TestEqualPatternsAreOne(t *testing.T) {
	shared := &Payment{Patterns: NewPatterns()}
	held := heapOf(func(int) Filter {
		f, err := LessonPlans.ParseFilter(`title=match."(.{0,70}){3}$"`, shared)
		if err != nil {
			t.Fatal(err)
		}
		return f
	})
	if held > 2<<20 {
		t.Errorf("a thousand equal patterns hold %d KB", held>>10)
	}
	for range 100 { // cleanups run after a collection, in their own time
		runtime.GC()
		shared.Patterns.mu.Lock()
		left := len(shared.Patterns.byText)
		shared.Patterns.mu.Unlock()
		if left == 0 {
			return
		}
		runtime.Gosched()
	}
	t.Error("a pattern that no filter holds is remembered")
}

func TestWhatIsNotPaidForIsNotMade(t *testing.T) {
	poor := errors.New("no money")
	for name, parse := range map[string]func(*Payment) error{
		"a filter":    func(p *Payment) error { _, err := LessonPlans.ParseFilter("title=eq.x", p); return err },
		"a pattern":   func(p *Payment) error { _, err := LessonPlans.ParseFilter("title=match.x", p); return err },
		"a condition": func(p *Payment) error { _, err := LessonPlans.ParseCondition("title", "eq.x", p); return err },
		"a pattern of a query": func(p *Payment) error {
			_, err := LessonPlans.ParseCondition("title", "match(any).{x,y}", p)
			return err
		},
		"a group": func(p *Payment) error { _, err := LessonPlans.ParseGroup("or", "(title.like.x)", p); return err },
	} {
		for first := range 2 {
			calls := 0
			err := parse(&Payment{Charge: func(int) error {
				if calls++; calls > first {
					return poor
				}
				return nil
			}})
			if calls > first && !errors.Is(err, poor) {
				t.Errorf("%s that cannot pay for part %d: %v", name, first+1, err)
			}
		}
	}
}
