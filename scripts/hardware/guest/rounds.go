//go:build linux

package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/client"
	"downbeat.local/appliance/room"
	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// seated is where a keyboard plays.
type seated struct {
	Room, StudentID string
	As              room.KeyboardSeat
	Seat            uint8
}

// band is three keyboards: two equal ones with one serial number, so that their
// sockets alone tell them apart, and one that has its own serial number and
// wanders from socket to socket.
type band struct {
	players [3]*gadget
	where   [3]int // the socket of each
}

// Sockets of the band.
const (
	leftSocket, rightSocket = 0, 1
	wanderer                = 2 // it has this socket or the next
)

func newBand() (b *band, err error) {
	b = &band{where: [3]int{leftSocket, rightSocket, wanderer}}
	for i, serial := range []string{"SAME", "SAME", "OTHER"} {
		if b.players[i], err = newGadget(fmt.Sprint("player", i), "Player", serial, 1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// orders are all orders of three keyboards.
var orders = [][3]int{{0, 1, 2}, {1, 0, 2}, {2, 1, 0}, {0, 2, 1}, {1, 2, 0}, {2, 0, 1}}

// plug plugs the band in, in the order of a round. The wanderer changes sockets.
func (b *band) plug(round int) error {
	b.where[wanderer] = wanderer + round%2
	for _, player := range orders[round%len(orders)] {
		if err := b.players[player].plug(b.where[player]); err != nil {
			return err
		}
	}
	return nil
}

// name is what stays the same of a keyboard: the socket of an equal one, or the
// serial number.
func name(k room.Keyboard) string {
	device, place, _ := strings.Cut(k.ID, "@")
	if strings.HasSuffix(device, ":SAME") {
		return place
	}
	return device
}

// playRounds plugs the band in again and again, in changing order, and unplugs it
// mid-note. Each keyboard has its room and its seat every time: one a seat of its
// own, one that of a student, and one the stage.
func (o options) playRounds(b *box) error {
	if err := errors.Join(b.open(secondRoom), b.listen()); err != nil {
		return err
	}
	players, err := newBand()
	if err != nil {
		return err
	}
	var places map[string]seated
	cards := map[string]bool{} // orders of the equal keyboards' cards that were seen
	for round := range o.rounds {
		places, err = b.playRound(players, round, places)
		if err != nil {
			return fmt.Errorf("round %d: %w", round+1, err)
		}
		if err := errors.Join(noteCards(cards), players.pull(b, places, uint8(40+round%40))); err != nil {
			return fmt.Errorf("round %d: %w", round+1, err)
		}
	}
	if o.rounds > 1 && len(cards) < 2 {
		return errors.New("the kernel never numbered the equal keyboards the other way round")
	}
	if err := b.silentSoon(); err != nil {
		return err
	}
	return memory{Boots: 1, Places: places}.write()
}

// silentWithin bounds how long 99 of 100 notes sound on after a cable was pulled, ms.
const silentWithin = 250

// silentSoon checks how long notes sounded on after their cables were pulled.
func (b *box) silentSoon() error {
	report(fmt.Sprintf("%d notes, from the pulled cable to their ends at a listener", len(b.ends)), b.ends)
	if p := classroom.Summarize(b.ends); p.P99 > silentWithin {
		return fmt.Errorf("notes sound on for %.0f ms (p99), at most %d are allowed", p.P99, silentWithin)
	}
	return nil
}

// playRound plugs the band in and finds each keyboard where it was. In the first
// round it sends each to its place.
func (b *box) playRound(players *band, round int, places map[string]seated) (map[string]seated, error) {
	if err := players.plug(round); err != nil {
		return nil, err
	}
	if places == nil {
		return b.sendToPlaces()
	}
	all, err := b.awaitPlaying(len(players.players))
	if err != nil {
		return nil, err
	}
	return places, atPlaces(all, places)
}

// sendToPlaces sends one keyboard to a room, one to a student of the other, and one to
// the stage.
func (b *box) sendToPlaces() (map[string]seated, error) {
	student, err := client.TakeSeat(b.ctx, address, secondRoom)
	if err != nil {
		return nil, err
	}
	to := []room.KeyboardPlace{
		{Room: firstRoom}, {Room: secondRoom, StudentID: student.Member.ID}, {Room: firstRoom, Stage: true},
	}
	n := len(to)
	all, err := b.await("to be sent somewhere", n, func(k room.Keyboard) bool { return k.Problem == "" })
	if err != nil {
		return nil, err
	}
	for i, k := range all {
		if err := b.assign(k.ID, to[i]); err != nil {
			return nil, err
		}
	}
	if all, err = b.awaitPlaying(n); err != nil {
		return nil, err
	}
	places := map[string]seated{}
	for i, k := range all {
		if as := []room.KeyboardSeat{room.OwnSeat, room.StudentSeat, room.StageSeat}[i]; k.As != as {
			return nil, fmt.Errorf("a keyboard that was sent to the seat %s is %+v", as, k)
		}
		places[name(k)] = seated{Room: k.Room, StudentID: k.StudentID, As: k.As, Seat: noSeat}
	}
	pupil := places[name(all[1])]
	pupil.Seat = student.Member.Seat
	places[name(all[1])] = pupil
	if len(places) != n {
		return nil, fmt.Errorf("the keyboards are not told apart: %+v", all)
	}
	return places, nil
}

// noSeat stands for a seat that is not known yet: nobody has played there.
const noSeat = 255

// atPlaces compares where keyboards are with where they were.
func atPlaces(all []room.Keyboard, places map[string]seated) error {
	for _, k := range all {
		if was := places[name(k)]; k.Room != was.Room || k.StudentID != was.StudentID || k.As != was.As {
			return fmt.Errorf("the keyboard %+v was at %+v", k, was)
		}
	}
	return nil
}

// noteCards notes in which order the cards of the equal keyboards are.
func noteCards(orders map[string]bool) error {
	ins, err := midi.System{}.Inputs()
	if err != nil {
		return err
	}
	order := ""
	for _, p := range ins { // by card
		if p.Serial == "SAME" {
			order += " " + p.Place
		}
	}
	orders[order] = true
	return nil
}

// pull holds a key on each keyboard, in its room and on its seat, and pulls its
// cable.
func (b *band) pull(in *box, places map[string]seated, held uint8) error {
	for i, g := range b.players {
		c, err := g.open(0)
		if err != nil {
			return err
		}
		place, err := b.placeOf(i, in)
		if err != nil {
			return err
		}
		e := in.ears[places[place].Room]
		began, _, err := e.press(c, held)
		if err != nil {
			return err
		}
		if was := places[place]; was.Seat == noSeat {
			was.Seat = began.Seat
			places[place] = was
		} else if was.Seat != began.Seat {
			return fmt.Errorf("the keyboard %s plays on seat %d, was on %d", place, began.Seat, was.Seat)
		}
		pulled := clock.Now()
		if err := errors.Join(c.Close(), g.unplug()); err != nil {
			return err
		}
		end, err := e.hear(held, 0)
		if err != nil {
			return err
		}
		in.ends = append(in.ends, float64(end.at-pulled))
	}
	return errors.Join(in.awaitNone(), in.silent())
}

// placeOf finds a plugged keyboard of the band by its socket.
func (b *band) placeOf(player int, in *box) (string, error) {
	all, err := in.keyboards()
	if err != nil {
		return "", err
	}
	at := fmt.Sprintf("@usb:%d-1/", b.where[player]+1) // each socket is a bus
	for _, k := range all {
		if strings.Contains(k.ID, at) {
			return name(k), nil
		}
	}
	return "", fmt.Errorf("no keyboard is in socket %d: %+v", b.where[player], all)
}

// comeBack plugs the band in after the machine was started again. The order is
// another in each boot.
func (m memory) comeBack(b *box) error {
	players, err := newBand()
	if err != nil {
		return err
	}
	if rooms := slices.Sorted(maps.Keys(b.ears)); !slices.Equal(rooms, []string{secondRoom, firstRoom}) {
		return fmt.Errorf("the rooms are %v", rooms)
	}
	if _, err := b.playRound(players, m.Boots, m.Places); err != nil {
		return err
	}
	if err := players.pull(b, m.Places, 60); err != nil {
		return err
	}
	m.Boots++
	return m.write()
}

// killed kills the box, starts it again, and finds a keyboard on its seat.
func killed(b *box) error {
	return with("again", 1, func(_ *gadget, c []cable) error {
		all, err := b.await("to be sent somewhere", 1, func(k room.Keyboard) bool { return k.Problem == "" })
		if err != nil {
			return err
		}
		if err := b.assign(all[0].ID, room.KeyboardPlace{Room: secondRoom}); err != nil {
			return err
		}
		before, err := b.awaitPlaying(1)
		if err != nil {
			return err
		}
		was, err := b.ears[secondRoom].play(c[0], 65)
		if err != nil {
			return err
		}
		b.kill()
		if err := errors.Join(b.start(), b.listen()); err != nil {
			return err
		}
		after, err := b.awaitPlaying(1)
		if err != nil {
			return err
		}
		is, err := b.ears[secondRoom].play(c[0], 67)
		if err != nil {
			return err
		}
		if before[0].StudentID != after[0].StudentID || was.Seat != is.Seat {
			return fmt.Errorf("it was %s on seat %d, and is %s on seat %d", before[0].StudentID, was.Seat, after[0].StudentID, is.Seat)
		}
		return nil
	})
}
