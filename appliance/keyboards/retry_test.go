package keyboards

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"

	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/musicroom"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/store"
	"downbeat.local/midi"
)

// A keyboard that the teacher sends to a full room, or whose student gives it back or
// has been away for long, tries again without another change.
func TestAKeyboardWithoutASeatTriesAgain(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), store.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	most, err := limits.New(map[string]int{"members": 1})
	if err != nil {
		t.Fatal(err)
	}
	rooms := musicroom.New(musicroom.Config{
		Store: s, Hub: realtime.NewHub(realtime.Config{Log: log}), Limits: most, Log: log,
		Seats: ratelimit.NewSeatBudget(), Names: ratelimit.NewNameBudget(),
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- rooms.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-ended
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, _, err := rooms.Create(ctx, "MUSIC-2024", "Music"); err != nil {
		t.Fatal(err)
	}
	seat, _, err := rooms.TakeSeat(ctx, "MUSIC-2024", room.Applicant{Role: room.RoleStudent})
	if err != nil {
		t.Fatal(err)
	}
	ks, err := Open(Config{
		System: midi.System{Devices: t.TempDir()}, Rooms: rooms, Store: s, Log: log,
		IsEcho: func(string, midi.Message) bool { return false },
	})
	if err != nil {
		t.Fatal(err)
	}
	p := socket(1)
	k := ks.plug(p).(*keyboard)
	<-ks.wake
	claimed := where{Room: "MUSIC-2024", Student: seat.ID, Claimed: true}
	full := func(err error) {
		if !errors.Is(err, room.ErrFull) {
			t.Errorf("the room is not full: %v", err)
		}
	}
	for name, goes := range map[string]func(){
		"sent there": func() { full(ks.Assign(ctx, p.ID(), room.KeyboardPlace{Room: "MUSIC-2024"})) },
		"given back": func() {
			if err := ks.sendLocked(ctx, k, claimed); err != nil {
				t.Fatal(err)
			}
			full(ks.GiveBack(ctx, p.ID(), "MUSIC-2024", seat.ID))
		},
		"of a student who finds another": func() {
			if err := ks.sendLocked(ctx, k, claimed); err != nil {
				t.Fatal(err)
			}
			ks.dropClaims(ctx, nil, searcher{room: "MUSIC-2024", student: seat.ID})
		},
	} {
		goes()
		select {
		case <-ks.wake:
		default:
			t.Errorf("%s: it does not try again", name)
		}
	}
}
