package records

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

const (
	checkIn = "0198c0de-0000-7000-8000-0000000000cc"
	day     = 24 * time.Hour
)

// choose stores check-ins of as many children, each with an id of their own.
func (k kept) choose(children, tempo, key int, more table.Row) {
	k.t.Helper()
	var rows []table.Row
	for range children {
		row := table.Row{
			"student_id": uuid.NewString(), "check_in_id": checkIn, "room": "MUSIC-2024",
			"inner_tempo": json.Number(fmt.Sprint(tempo)), "inner_key": json.Number(fmt.Sprint(key)),
		}
		for name, value := range more {
			row[name] = value
		}
		rows = append(rows, row)
	}
	if _, err := k.store.Rows(table.CheckIns, table.Full()).Insert(k.t.Context(), rows, nil); err != nil {
		k.t.Fatal(err)
	}
}

func (k kept) checkIns() int {
	k.t.Helper()
	_, n, err := k.store.Rows(table.CheckIns, table.Full()).Select(k.t.Context(), store.Query{Limit: 1, Count: true})
	if err != nil {
		k.t.Fatal(err)
	}
	return n
}

func (s CheckInSum) String() (text string) {
	for _, row := range s {
		for _, n := range row {
			if n == nil {
				text += " ?"
			} else {
				text += fmt.Sprintf(" %d", *n)
			}
		}
	}
	return text
}

func (k kept) sum() string {
	k.t.Helper()
	sum, err := k.count(k.t.Context(), "MUSIC-2024", checkIn)
	if err != nil {
		k.t.Fatal(err)
	}
	return sum.String()
}

func TestSumsHideWhatIsSmall(t *testing.T) {
	k := open(t, nil)
	if got := k.sum(); got != " ? ? ? ? ? ? ? ? ?" {
		t.Errorf("nobody: %s", got)
	}
	k.choose(4, 1, 1, nil)
	k.choose(5, 3, 2, nil)
	if got := k.sum(); got != " ? ? ? ? ? ? ? 5 ?" {
		t.Errorf("four and five: %s", got)
	}
	k.choose(300, 1, 2, table.Row{"room": "DRUM-1111"})
	k.choose(300, 1, 2, table.Row{"check_in_id": uuid.NewString()})
	k.choose(300, 1, 2, table.Row{"check_in_id": nil})
	k.choose(1, 1, 1, table.Row{"student_id": ana})
	k.choose(9, 2, 2, table.Row{"student_id": ana})
	if got := k.sum(); got != " ? ? ? ? ? ? ? 5 ?" {
		t.Errorf("with other rooms, other check-ins and a child who changes their mind: %s", got)
	}
	k.choose(1, 1, 1, nil)
	if got := k.sum(); got != " 5 ? ? ? ? ? ? 5 ?" {
		t.Errorf("a fifth: %s", got)
	}
}

// TestOneHiddenNumberHidesAnother looks for a number that follows from the others
// and from how many have answered.
func TestOneHiddenNumberHidesAnother(t *testing.T) {
	for all, want := range map[int]string{0: " ? 8 8 8 ? 8 8 8 8", 5: " 5 8 8 8 6 8 8 8 8", 4: " ? 8 8 8 ? 8 8 8 8"} {
		k := open(t, nil)
		for tempo := 1; tempo <= table.MaxInner; tempo++ {
			for key := 1; key <= table.MaxInner; key++ {
				n := 8
				switch {
				case tempo == 1 && key == 1:
					n = all
				case tempo == 2 && key == 2:
					n = 6
				}
				k.choose(n, tempo, key, nil)
			}
		}
		if got := k.sum(); got != want {
			t.Errorf("%d: %s, want %s", all, got, want)
		}
	}
}

// TestASumStaysAsItWas counts five, then has a child's answer deleted, another child
// forgotten, a late answer come, the box start anew, and all answers grow old.
func TestASumStaysAsItWas(t *testing.T) {
	k := open(t, nil)
	k.choose(4, 3, 2, nil)
	k.choose(1, 3, 2, table.Row{"student_id": ana})
	k.choose(5, 1, 1, nil)
	k.choose(1, 1, 1, table.Row{"student_id": bea})
	const want = " 6 ? ? ? ? ? ? 5 ?"
	same := func(r *Records, after string) {
		t.Helper()
		if sum, err := r.SumCheckIn(t.Context(), "MUSIC-2024", checkIn); err != nil || sum.String() != want {
			t.Errorf("%s: %s, %v, want %s", after, sum, err, want)
		}
	}
	same(k.Records, "at the end")
	if err := k.DeleteCheckIns(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	same(k.Records, "after ana's answers were deleted")
	if err := k.Forget(t.Context(), bea); err != nil {
		t.Fatal(err)
	}
	same(k.Records, "after bea was forgotten")
	k.choose(1, 1, 1, nil)
	same(k.Records, "after a late answer")
	same(New(k.cfg), "after a restart")
	if got := k.sum(); got == want {
		t.Error("a fresh count would be the same")
	}
	k.sweep(t.Context())
	same(k.Records, "after a sweep")
	k.cfg.KeepCheckIns = time.Nanosecond
	k.sweep(t.Context())
	if all, err := k.store.List(store.Settings); err != nil || len(all) != 0 || k.checkIns() != 0 {
		t.Errorf("old sums are left: %v, %v, and %d answers", all, err, k.checkIns())
	}
}

func TestOldCheckInsAreDeleted(t *testing.T) {
	for name, tt := range map[string]struct {
		adjust func(*Config)
		want   int // of 250 that are 31 days old, and 1 of today
	}{
		"by default":                {nil, 1},
		"after 32 days":             {func(c *Config) { c.KeepCheckIns = 32 * day }, 251},
		"never":                     {func(c *Config) { c.KeepCheckIns = -1 }, 251},
		"with reflections for ever": {func(c *Config) { c.Keep = -1 }, 1},
		"without a set clock":       {func(c *Config) { c.ClockSet = func() bool { return false } }, 251},
	} {
		k := open(t, tt.adjust)
		k.choose(250, 1, 1, table.Row{"created_at": table.FormatTime(time.Now().Add(-31 * day))})
		k.choose(1, 1, 1, nil)
		k.sweep(t.Context())
		if got := k.checkIns(); got != tt.want {
			t.Errorf("%s: %d check-ins are left, want %d", name, got, tt.want)
		}
	}
}

func TestCheckInsOfAChild(t *testing.T) {
	k := open(t, nil)
	k.choose(250, 1, 2, table.Row{"student_id": ana})
	k.choose(3, 3, 3, table.Row{"student_id": bea})
	own, err := k.OwnCheckIns(t.Context(), bea)
	if err != nil || len(own) != 3 || own[0]["room"] != nil || own[0]["inner_key"] != json.Number("3") {
		t.Errorf("bea's: %v, %v", own, err)
	}
	if err := k.DeleteCheckIns(t.Context(), ana); err != nil || k.checkIns() != 3 {
		t.Errorf("%v, %d are left, want 3", err, k.checkIns())
	}
	if err := k.Forget(t.Context(), bea); err != nil || k.checkIns() != 0 {
		t.Errorf("%v, %d are left after all were forgotten", err, k.checkIns())
	}
}
