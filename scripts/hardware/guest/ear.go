//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"downbeat.local/appliance/client"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// ear is the teacher's device in a room. It keeps the notes that come.
type ear struct {
	client *client.Client
	notes  chan note

	mu       sync.Mutex // guards sounding
	sounding map[sound]bool
}

// sound is a note that sounds.
type sound struct{ seat, key uint8 }

// note is a note that has come.
type note struct {
	wire.NoteEvent
	at clock.Millis // when it came, on the box clock: they are on one machine
}

// maxWaiting bounds the notes that wait to be looked at.
const maxWaiting = 10_000

// listen listens until the client is closed.
func listen(ctx context.Context, c *client.Client) *ear {
	e := &ear{client: c, notes: make(chan note, maxWaiting), sounding: map[sound]bool{}}
	go func() { // ends with the connection
		_ = c.Read(ctx, client.Handler{Notes: func(f wire.RoomFrame, at clock.Millis) {
			for _, n := range f.Events {
				e.take(note{n, at})
			}
		}})
	}()
	return e
}

func (e *ear) take(n note) {
	e.mu.Lock()
	if s := (sound{n.Seat, n.Note}); n.Velocity > 0 {
		e.sounding[s] = true
	} else {
		delete(e.sounding, s)
	}
	e.mu.Unlock()
	e.notes <- n
}

// next waits for the next note.
func (e *ear) next() (note, error) {
	select {
	case n := <-e.notes:
		return n, nil
	case <-time.After(patience):
		return note{}, errors.New("no note comes")
	}
}

// hear waits for a note that begins or, with velocity 0, ends. Another note in its
// place is an error.
func (e *ear) hear(key, velocity uint8) (note, error) {
	n, err := e.next()
	switch {
	case err != nil:
		return n, fmt.Errorf("note %d with velocity %d: %w", key, velocity, err)
	case n.Note != key || n.Velocity != velocity:
		return n, fmt.Errorf("heard note %d with velocity %d, expected %d with %d", n.Note, n.Velocity, key, velocity)
	}
	return n, nil
}

// press presses a key of a keyboard and holds it. It returns the note, and when the
// key was pressed.
func (e *ear) press(c cable, pressed uint8) (began note, at clock.Millis, err error) {
	at = clock.Now()
	if err := c.send(key(pressed, loud)); err != nil {
		return note{}, at, err
	}
	began, err = e.hear(pressed, loud)
	return began, at, err
}

// play presses a key and lifts it.
func (e *ear) play(c cable, pressed uint8) (began note, err error) {
	if began, _, err = e.press(c, pressed); err != nil {
		return note{}, err
	}
	if err := c.send(key(pressed, 0)); err != nil {
		return note{}, err
	}
	_, err = e.hear(pressed, 0)
	return began, err
}

// silent returns an error if a note sounds on, or waits and was not expected.
func (e *ear) silent() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.sounding) > 0 {
		return fmt.Errorf("notes sound on: %v", e.sounding)
	}
	select {
	case n := <-e.notes:
		return fmt.Errorf("nobody expected note %d with velocity %d", n.Note, n.Velocity)
	default:
		return nil
	}
}
