package midi

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// player is a listener that plays keys, and counts messages.
type player struct {
	keys     *Keys
	messages atomic.Int64
}

func (p *player) Holds() bool { return p.keys.Holds() }

func (p *player) Unplugged() {}

func (p *player) Message(m Message, _ time.Duration) {
	p.messages.Add(1)
	p.keys.Message(m)
}

// A keyboard that is on and not played sends active sensing, here for a day and as
// fast as its cable takes it: 31,250 baud are 3,125 bytes a second. Meanwhile a
// note is held. It ends when the keyboard falls silent, and not before. The box does
// no more for it than for a keyboard that says it is there once in each read.
func TestADayOfActiveSensing(t *testing.T) {
	const (
		day  = 24 * time.Hour
		part = 250 * time.Millisecond // less than senseTimeout
	)
	synctest.Test(t, func(t *testing.T) {
		keyboard, box := net.Pipe()
		played := make(chan string, 10)
		l := &player{keys: NewKeys(32, func(n Note) { played <- noteText(n) })}
		ports := NewPorts(PortsConfig{Log: slog.New(slog.DiscardHandler)})
		ctx, unplug := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- ports.read(ctx, &stream{file: box}, l) }()
		send := func(b []byte) {
			if _, err := keyboard.Write(b); err != nil {
				t.Fatal(err)
			}
		}
		sensing := bytes.Repeat([]byte{ActiveSensing}, int(3125*part/time.Second))
		send([]byte{NoteOn, 60, 100})
		send(sensing)
		before := heap()
		for range day / part {
			time.Sleep(part)
			send(sensing)
		}
		if grown := heap() - before; grown > 64<<10 {
			t.Errorf("a day of active sensing keeps %d bytes", grown)
		}
		if most := int64(day/part) + 2; l.messages.Load() > most {
			t.Errorf("a day of active sensing is %d messages, want at most %d", l.messages.Load(), most)
		}
		expectPlayed(t, played, "60+100")
		time.Sleep(2 * senseTimeout)
		expectPlayed(t, played, "60-")
		send([]byte{NoteOn, 62, 90})
		expectPlayed(t, played, "62+90")
		unplug()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("reading ended with %v", err)
		}
		expectPlayed(t, played, "62-")
	})
}

// A port that falls silent at rest has nothing to lose. What plays on it later, without
// active sensing, may hold a note for as long as it likes. A pedal that is down is no
// rest: the notes that it keeps end.
func TestAPortThatFallsSilentAtRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keyboard, box := net.Pipe()
		played := make(chan string, 10)
		l := &player{keys: NewKeys(32, func(n Note) { played <- noteText(n) })}
		ports := NewPorts(PortsConfig{Log: slog.New(slog.DiscardHandler)})
		ctx, unplug := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- ports.read(ctx, &stream{file: box}, l) }()
		after := func(pause time.Duration, bytes ...byte) {
			time.Sleep(pause)
			if _, err := keyboard.Write(bytes); err != nil {
				t.Fatal(err)
			}
		}
		after(0, NoteOn, 60, 100, ActiveSensing)
		after(senseTimeout/2, NoteOff, 60, 0)
		expectPlayed(t, played, "60+100", "60-")
		before := l.messages.Load()
		time.Sleep(10 * senseTimeout)
		synctest.Wait()
		if now := l.messages.Load(); now != before {
			t.Errorf("at rest it is sent %d messages", now-before)
		}
		after(0, NoteOn, 62, 90)
		time.Sleep(10 * senseTimeout)
		expectPlayed(t, played, "62+90")
		after(0, NoteOff, 62, 0, ControlChange, SustainPedal, 127, ActiveSensing)
		after(senseTimeout/2, NoteOn, 64, 80, NoteOff, 64, 0)
		expectPlayed(t, played, "62-", "64+80")
		time.Sleep(2 * senseTimeout)
		expectPlayed(t, played, "64-")
		unplug()
		<-ended
	})
}

// heap is how many bytes are in use.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// expectPlayed waits until everything rests, and compares what was played since the
// last time.
func expectPlayed(t *testing.T, played <-chan string, want ...string) {
	t.Helper()
	synctest.Wait()
	var got []string
	for len(played) > 0 {
		got = append(got, <-played)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("played %v, want %v", got, want)
	}
}
