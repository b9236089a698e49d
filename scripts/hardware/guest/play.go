//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/room"
	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// plugPlayUnplug follows one keyboard from the socket to a listener.
func (o options) plugPlayUnplug(b *box) error {
	g, err := newGadget("solo", "Solo Keyboard", "SOLO1", 1)
	if err != nil {
		return err
	}
	if err := g.plug(0); err != nil {
		return err
	}
	appeared := time.Now()
	all, err := b.awaitPlaying(1)
	if err != nil {
		return err
	}
	fmt.Printf("    %s plays %d ms after its file appeared\n", all[0].ID, time.Since(appeared).Milliseconds())
	if want := "1d6b:0104:SOLO1@usb:"; !strings.HasPrefix(all[0].ID, want) || !strings.Contains(all[0].Name, "Solo Keyboard") {
		return fmt.Errorf("the keyboard is %+v", all[0])
	}
	c, err := g.open(0)
	if err != nil {
		return err
	}
	if err := o.playScale(b.ears[firstRoom], c); err != nil {
		return err
	}
	if err := b.pullMidNote(g, c, 60, 64, 67); err != nil {
		return err
	}
	return b.awaitNone()
}

// pullMidNote holds keys in the first room and pulls the cable.
func (b *box) pullMidNote(g *gadget, c cable, keys ...uint8) error {
	e := b.ears[firstRoom]
	for _, held := range keys {
		if _, _, err := e.press(c, held); err != nil {
			return err
		}
	}
	_ = c.Close() // or the gadget does not let go
	pulled := clock.Now()
	if err := g.unplug(); err != nil {
		return err
	}
	ended := map[uint8]bool{}
	for range keys {
		n, err := e.next()
		if err != nil {
			return err
		}
		if n.Velocity > 0 || ended[n.Note] || !bytes.Contains(keys, []byte{n.Note}) {
			return fmt.Errorf("after the unplugging comes note %d with velocity %d", n.Note, n.Velocity)
		}
		ended[n.Note] = true
		b.ends = append(b.ends, float64(n.at-pulled))
	}
	return nil
}

// scaleRest is how long a key rests: within what a member may play.
const scaleRest = 20 * time.Millisecond

// playScale plays notes and compares what a listener gets.
func (o options) playScale(e *ear, c cable) error {
	notes := 200
	if o.short {
		notes = 40
	}
	var took, stamped []float64
	for n := range notes {
		pressed := uint8(40 + n%40)
		began, at, err := e.press(c, pressed)
		if err != nil {
			return err
		}
		took = append(took, float64(began.at-at))
		stamped = append(stamped, began.At-float64(at))
		if err := c.send(key(pressed, 0)); err != nil {
			return err
		}
		if _, err := e.hear(pressed, 0); err != nil {
			return err
		}
		time.Sleep(scaleRest)
	}
	report(fmt.Sprintf("%d notes, from the key to a listener", notes), took)
	report(fmt.Sprintf("%d notes, from the key to the time that its note carries", notes), stamped)
	return nil
}

// report prints measured times. They are those of the emulated machine, so nothing
// depends on them.
func report(what string, ms []float64) {
	p := classroom.Summarize(ms)
	fmt.Printf("    %s: p50 %.1f ms, p95 %.1f, p99 %.1f, at most %.1f\n", what, p.P50, p.P95, p.P99, p.Max)
}

// longSysEx sends more at once than the kernel keeps by itself.
func longSysEx(b *box) error {
	return with("sysex", 1, func(_ *gadget, c []cable) error {
		if _, err := b.awaitPlaying(1); err != nil {
			return err
		}
		if err := c[0].Send([]byte{midi.SysEx}); err != nil {
			return err
		}
		for range 20 {
			if err := c[0].Send(bytes.Repeat([]byte{0x11}, 1000)); err != nil {
				return err
			}
		}
		if err := c[0].Send([]byte{midi.EndOfSysEx}); err != nil {
			return err
		}
		_, err := b.ears[firstRoom].play(c[0], 72)
		return err
	})
}

// pulledDuringSysEx pulls the cable while a note sounds and a SysEx is under way.
// Back in the socket, the keyboard plays at once.
func pulledDuringSysEx(b *box) error {
	for round := range uint8(3) {
		g, c, err := plugIn(fmt.Sprint("broken", round), 1)
		if err != nil {
			return err
		}
		if _, err := b.awaitPlaying(1); err != nil {
			return err
		}
		e := b.ears[firstRoom]
		if _, _, err := e.press(c[0], 50+round); err != nil {
			return err
		}
		if err := c[0].send(append([]byte{midi.SysEx}, bytes.Repeat([]byte{0x22}, 2000)...)); err != nil {
			return err
		}
		if err := errors.Join(c[0].Close(), g.unplug()); err != nil {
			return err
		}
		if _, err := e.hear(50+round, 0); err != nil {
			return err
		}
		if err := b.awaitNone(); err != nil {
			return err
		}
	}
	return nil
}

// twoPorts plays both ports of one device.
func twoPorts(b *box) error {
	return with("double", 2, func(_ *gadget, c []cable) error {
		all, err := b.awaitPlaying(2)
		if err != nil {
			return err
		}
		if all[0].StudentID == all[1].StudentID || all[0].Name == all[1].Name {
			return fmt.Errorf("the ports are %+v", all)
		}
		fmt.Printf("    they are %q and %q\n", all[0].Name, all[1].Name)
		for port, key := range []uint8{50, 70} {
			if _, err := b.ears[firstRoom].play(c[port], key); err != nil {
				return fmt.Errorf("port %d: %w", port+1, err)
			}
			now, err := b.keyboards()
			if err != nil {
				return err
			}
			if len(now) != 2 || !now[port].Playing {
				return fmt.Errorf("the light of port %d is not on: %+v", port+1, now)
			}
		}
		return nil
	})
}

// tenAtOnce plugs a keyboard into every socket and plays all at once.
func tenAtOnce(b *box) error {
	var all []*gadget
	for socket := range sockets {
		g, err := newGadget(fmt.Sprint("ten", socket), "One of Ten", fmt.Sprint("TEN", socket), 1)
		if err != nil {
			return err
		}
		if err := g.plug(socket); err != nil {
			return err
		}
		all = append(all, g)
	}
	if _, err := b.awaitPlaying(sockets); err != nil {
		return err
	}
	cables := make([]cable, sockets)
	for i, g := range all {
		c, err := g.open(0)
		if err != nil {
			return err
		}
		cables[i] = c
	}
	e := b.ears[firstRoom]
	for _, velocity := range []uint8{loud, 0} {
		for i, c := range cables {
			if err := c.send(key(uint8(40+i), velocity)); err != nil {
				return err
			}
		}
		seats := map[uint8]uint8{}
		for range cables {
			n, err := e.next()
			if err != nil {
				return fmt.Errorf("%d of %d keyboards were heard: %w", len(seats), sockets, err)
			}
			if n.Velocity != velocity {
				return fmt.Errorf("heard note %d with velocity %d, expected %d", n.Note, n.Velocity, velocity)
			}
			seats[n.Seat] = n.Note
		}
		if len(seats) != sockets {
			return fmt.Errorf("%d keyboards played on %d seats", sockets, len(seats))
		}
	}
	for i, g := range all {
		if err := errors.Join(cables[i].Close(), g.unplug()); err != nil {
			return err
		}
	}
	return b.awaitNone()
}

// withoutPermission plugs a keyboard in before udev has given it to the group.
func withoutPermission(b *box) error {
	g, err := newGadget("locked", "Locked Keyboard", "LOCK1", 1)
	if err != nil {
		return err
	}
	if err := g.plugAsRoots(0); err != nil {
		return err
	}
	all, err := b.await("which cannot be opened", 1, func(k room.Keyboard) bool { return k.Problem != "" })
	if err != nil {
		return err
	}
	fmt.Printf("    the teacher reads: %s\n", all[0].Problem)
	if !strings.Contains(all[0].Problem, "the group audio") {
		return errors.New("no group to join is named")
	}
	given := time.Now()
	if err := g.giveToGroup(); err != nil {
		return err
	}
	if _, err := b.awaitPlaying(1); err != nil {
		return err
	}
	fmt.Printf("    it plays %d ms after its file was given to the group\n", time.Since(given).Milliseconds())
	c, err := g.open(0)
	if err != nil {
		return err
	}
	_, err = b.ears[firstRoom].play(c, 62)
	return errors.Join(err, c.Close(), g.unplug(), b.awaitNone())
}
