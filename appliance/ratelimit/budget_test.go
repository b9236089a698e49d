package ratelimit

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestBudgetsAreEachCallersOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(0.5, 3)
		for range 3 {
			if err := b.Spend("ana", 1); err != nil {
				t.Fatal(err)
			}
		}
		var slow *SlowDownError
		if err := b.Spend("ana", 1); !errors.As(err, &slow) || slow.Wait != 2*time.Second {
			t.Errorf("got %v, want to wait two seconds", err)
		}
		if err := b.Spend("bea", 3); err != nil {
			t.Errorf("another caller: %v", err)
		}
		time.Sleep(2 * time.Second)
		if err := b.Spend("ana", 1); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

func TestBudgetsAreBounded(t *testing.T) {
	b := NewBudget(1, 1)
	const most = 4096 // a caller costs about 200 bytes
	for i := range 2 * most {
		_ = b.Spend(fmt.Sprint(i), 1)
	}
	if n := len(b.callers); n > most {
		t.Errorf("%d callers are known", n)
	}
}
