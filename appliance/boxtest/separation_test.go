package boxtest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"downbeat.local/appliance"
	roommember "downbeat.local/appliance/client"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// separationNotes is how many notes TestGroupsHearOnlyThemselves plays.
// -notes 100000 is the long form.
var separationNotes = flag.Int("notes", 2500, "how many notes eight groups play")

// deals is how often the groups are dealt anew meanwhile. Each deal has a key of its
// own, so that a note shows when it was played.
const deals = 8

// firstKey is the key of the first deal.
const firstKey = 40

// musician is one member of a class in groups, over one kind of connection.
type musician struct {
	id    string
	seat  uint8
	group int
	play  func(key uint8, round int)
	// answered waits until the box has taken what the musician played.
	answered func()
	onLane   func() bool // nil without a lane

	mu    sync.Mutex
	heard map[[2]uint8]int // notes, by seat and key
}

func (m *musician) hear(seat, key uint8) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard[[2]uint8{seat, key}]++
}

func (m *musician) hears(seat, key uint8) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.heard[[2]uint8{seat, key}]
}

// TestGroupsHearOnlyThemselves: eight groups of four play, each with a program of
// each serializer, a page on a WebSocket and a page on a lane. The groups are dealt
// anew again and again. No note is heard in another group, and the stage hears all.
func TestGroupsHearOnlyThemselves(t *testing.T) {
	b := openBox(t, appliance.Config{Limits: map[string]int{"notes": 1000}})
	b.open("MUSIC-2024")
	teacher, seats := b.teacher("MUSIC-2024"), new(sync.Map)
	var class []*musician
	starved := false // after one lane that does not open, no other is tried
	for range wire.Groups {
		for _, m := range []*musician{
			b.program(seats, "vsn", "1.0.0"), b.program(seats), b.program(seats, "frames", "1"), b.laned(&starved),
		} {
			seats.Store(m.id, m.seat)
			class = append(class, m)
		}
	}
	stage := b.listen(seats, b.enter("MUSIC-2024", room.RoleStage, "frames", "1"))
	rounds := max(1, *separationNotes/deals/len(class))
	groups := map[uint8][deals]int{}
	for deal := range deals {
		dealGroups(teacher, class)
		for _, m := range class {
			all := groups[m.seat]
			all[deal] = m.group
			groups[m.seat] = all
		}
		key := uint8(firstKey + deal)
		for round := range rounds {
			for _, m := range class {
				m.play(key, round)
			}
			for _, m := range class {
				m.answered()
			}
		}
		for _, m := range class { // the last notes come before the next deal
			eventually(t, fmt.Sprintf("key %d of seat %d on the stage", key, m.seat), func() string {
				if stage.hears(m.seat, key) == 0 {
					return "is not heard"
				}
				return ""
			})
		}
	}
	across, within, lanes := 0, 0, 0
	for _, m := range class {
		if m.onLane != nil && m.onLane() {
			lanes++
		}
		m.mu.Lock()
		for note, n := range m.heard {
			deal := int(note[1]) - firstKey
			if groups[m.seat][deal] != groups[note[0]][deal] {
				across += n
				t.Errorf("seat %d, in group %d, heard %d notes of seat %d, in group %d", m.seat, groups[m.seat][deal], n, note[0], groups[note[0]][deal])
				continue
			}
			within += n
		}
		m.mu.Unlock()
	}
	played := (3*rounds + 1) * wire.Groups * deals
	t.Logf("%d notes played, %d heard within groups, %d across; %d lanes open at the end", played, within, across, lanes)
	if within < played/2 { // three could hear each; some are dropped on a slow machine
		t.Errorf("only %d of %d notes were heard within groups", within, played)
	}
}

// dealGroups deals a class at random into eight equal groups, in one command.
func dealGroups(teacher *client, class []*musician) {
	ids, groups := make([]string, len(class)), make([]int, len(class))
	for i, place := range rand.Perm(len(class)) {
		class[i].group = 1 + place%wire.Groups
		ids[i], groups[i] = class[i].id, class[i].group
	}
	teacher.must("assign_group", object{"student_id": ids, "group": groups})
}

// program is a Supabase program, or with frames=1 a page without a lane. It plays
// JSON notes that end by themselves.
func (b *box) program(seats *sync.Map, query ...string) *musician {
	b.t.Helper()
	return b.listen(seats, b.dial(b.sit("MUSIC-2024", "").Token, query...).join("MUSIC-2024"))
}

// listen makes a musician of a client that has joined. Only the musician may use the
// client from then on.
func (b *box) listen(seats *sync.Map, c *client) *musician {
	m := &musician{id: c.id, seat: c.seat, heard: map[[2]uint8]int{}}
	replies, ended := make(chan string, 1<<10), make(chan struct{})
	go func() {
		defer close(ended)
		defer close(replies)
		for {
			select {
			case got := <-c.incoming:
				if got.event == "phx_reply" {
					replies <- got.ref
				}
				m.listen(got, seats)
			case <-c.closed:
				return
			}
		}
	}()
	b.t.Cleanup(func() { c.close(); <-ended })
	ref := ""
	m.play = func(key uint8, _ int) { ref = c.send("play_note", object{"midi": key, "duration": 5}) }
	m.answered = func() {
		for got := range replies {
			if got == ref {
				return
			}
		}
		b.t.Fatalf("the box hung up on seat %d", c.seat)
	}
	return m
}

// listen counts the notes of a message. seats is filled before anybody plays.
func (m *musician) listen(got message, seats *sync.Map) {
	switch got.event {
	case wire.EventStudentNote:
		var n struct {
			ID  string `json:"student_id"`
			Key uint8  `json:"midi"`
		}
		got.into(&n)
		seat, _ := seats.Load(n.ID)
		m.hear(seat.(uint8), n.Key)
	case wire.EventNotes:
		m.listenFrame(got.frame)
	}
}

func (m *musician) listenFrame(f wire.RoomFrame) {
	for _, e := range f.Events {
		if e.Velocity > 0 && e.Seat != m.seat {
			m.hear(e.Seat, e.Note)
		}
	}
}

// laned is a page that listens on a lane, as long as that is open, and plays by its
// WebSocket. A starved machine may close the lane, or open none.
func (b *box) laned(starved *bool) *musician {
	b.t.Helper()
	join := roommember.JoinLane
	if *starved {
		join = roommember.Join
	}
	c, err := join(b.t.Context(), b.url, "MUSIC-2024")
	if err != nil && !*starved {
		*starved = true
		return b.laned(starved)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	m := &musician{id: c.ID, seat: c.Seat, heard: map[[2]uint8]int{}, onLane: c.OnLane}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- c.Read(ctx, roommember.Handler{Notes: func(f wire.RoomFrame, _ clock.Millis) { m.listenFrame(f) }})
	}()
	b.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.t.Error(err)
		}
	})
	m.answered = func() {} // the stage hears it
	m.play = func(key uint8, round int) {
		if round > 0 {
			return
		}
		if err := c.Send(wire.EventPlayNote, fmt.Appendf(nil, `{"midi":%d,"duration":5}`, key)); err != nil {
			b.t.Error(err)
		}
	}
	return m
}
