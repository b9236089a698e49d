package keyboards

import (
	"context"
	"time"

	"downbeat.local/appliance/room"
)

// maxStruck is how many keyboards may wait to be looked at. Further ones are not:
// somebody presses once more.
const maxStruck = 16

// strike is called when a key is pressed on a keyboard that was at rest, and says
// whether a student has found that one. If a student searches for theirs, it may be
// the one. It must not block.
func (ks *Keyboards) strike(k *keyboard, claimed bool) {
	if !claimed && !ks.searches.active.Load() {
		return
	}
	select {
	case ks.struck <- k:
	default:
	}
}

// lookAt decides whose a keyboard is that was at rest and is played now.
func (ks *Keyboards) lookAt(ctx context.Context, k *keyboard) {
	ks.moving.Lock()
	defer ks.moving.Unlock()
	if at := ks.memory.of(k.port); at.lapsed(ks.rooms.Absent) {
		_ = ks.sendLocked(ctx, k, where{Room: at.Room}) // without a seat it tries again
	}
	ks.claimLocked(ctx, k)
}

// lapsed reports whether the student who found a keyboard has been away for as long
// as their seat is kept. Somebody else plays it now. What the teacher gave a student
// is theirs until the teacher says otherwise.
func (w where) lapsed(absent func(code, studentID string) bool) bool {
	return w.Claimed && absent(w.Room, w.Student)
}

// Search begins a student's search for the keyboard in front of them, or goes on
// with it: the next key that is pressed on a keyboard at rest makes that keyboard
// theirs. The page asks again and again while it searches.
func (ks *Keyboards) Search(code, studentID string) room.KeyboardSearch {
	return ks.searches.ask(time.Now(), searcher{room: code, student: studentID})
}

// StopSearch ends a student's search.
func (ks *Keyboards) StopSearch(code, studentID string) {
	ks.searches.stop(time.Now(), searcher{room: code, student: studentID})
}

// GiveBack gives a keyboard that a student has found a seat of its own. The errors
// are room.ErrNoKeyboard, also for a keyboard that the student has from the
// teacher, and room.ErrFull.
func (ks *Keyboards) GiveBack(ctx context.Context, id, code, studentID string) error {
	ks.moving.Lock()
	defer ks.moving.Unlock()
	k := ks.find(id)
	if k == nil || !k.plays(where{Room: code, Student: studentID}) || !ks.memory.of(k.port).Claimed {
		return room.ErrNoKeyboard
	}
	return ks.sendLocked(ctx, k, where{Room: code})
}

// claimLocked gives a keyboard that was played to the student whose turn it is.
func (ks *Keyboards) claimLocked(ctx context.Context, k *keyboard) {
	by, ok := ks.searches.next(time.Now())
	if !ok {
		return // nobody searches
	}
	if refused := ks.refuses(k, by); refused != nil {
		ks.searches.refuse(time.Now(), by, *refused)
		return
	}
	ks.dropClaims(ctx, k, by)
	to := where{Room: by.room, Student: by.student, Claimed: !ks.memory.of(k.port).isGiftTo(by)}
	if err := ks.sendLocked(ctx, k, to); err != nil {
		ks.log.Debug("a MIDI keyboard found its student gone", "port", k.port.Name, "err", err)
		return
	}
	ks.searches.find(time.Now(), by, k.port.ID())
}

// isGiftTo reports whether a student has a keyboard from the teacher. It stays a gift
// when they search and find it: a claim would lapse.
func (w where) isGiftTo(by searcher) bool {
	return w.Room == by.room && w.Student == by.student && !w.Claimed
}

// refuses says why a student cannot have a keyboard; nil if they can.
func (ks *Keyboards) refuses(k *keyboard, by searcher) *room.RefusedKeyboard {
	return ks.placeOf(k.port).refuses(k.port.Name, by, ks.rooms.Absent)
}

// refuses says why a student cannot have a keyboard that plays there; nil if they can.
// One that plays on a seat of its own is free, and so is one whose student found it
// and has been away for long.
func (w where) refuses(name string, by searcher, absent func(code, studentID string) bool) *room.RefusedKeyboard {
	switch {
	case w.Unplaced || w.Student == by.student:
		return nil
	case w.Student != "" && !w.lapsed(absent):
		return &room.RefusedKeyboard{Name: name, Owner: w.Student}
	case w.Stage || w.Room == "":
		return &room.RefusedKeyboard{Name: name}
	}
	return nil
}

// dropClaims gives the other keyboards that a student has found seats of their own:
// they have one at a time.
func (ks *Keyboards) dropClaims(ctx context.Context, found *keyboard, by searcher) {
	for _, k := range ks.all() {
		if at := ks.memory.of(k.port); k != found && at.Claimed && at.Student == by.student {
			_ = ks.sendLocked(ctx, k, where{Room: at.Room}) // without a seat it tries again
		}
	}
}
