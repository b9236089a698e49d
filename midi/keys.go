package midi

import "slices"

// Note is a note that begins or, with velocity 0, ends.
type Note struct {
	Key      uint8 // 0-127, 60 is middle C
	Velocity uint8 // 0-127
	Channel  uint8 // 0-15, on which it was played
}

// DrumChannel is the channel of percussion in General MIDI: people call it 10.
const DrumChannel = 9

// Keys turns the messages of one port into notes. A note sounds while its key is
// down on any channel, and after that while the sustain pedal of such a channel
// is down. Beginnings and endings of a key alternate, except that a key which
// sounds may begin again. It allocates nothing while it plays.
type Keys struct {
	play  func(Note)
	most  int
	down  [128]uint16 // by key: a bit for each channel that holds it
	kept  [128]uint16 // by key: a bit for each channel whose pedal keeps it
	pedal uint16      // a bit for each channel whose pedal is down
	order []uint8     // the keys that sound, oldest first
}

// NewKeys returns keys of which none is down. At most that many notes sound at
// once; a further one ends the oldest that only a pedal keeps, or else the
// oldest. play must not call methods of the keys.
func NewKeys(most int, play func(Note)) *Keys {
	return &Keys{play: play, most: most, order: make([]uint8, 0, most)}
}

// Message takes the next message of the port. Messages that are not about notes
// change nothing.
func (k *Keys) Message(m Message) {
	channel := m.Channel()
	switch m.Kind() {
	case NoteOn:
		if m.Data2 > 0 {
			k.press(m.Data1, m.Data2, channel)
			return
		}
		k.lift(m.Data1, channel)
	case NoteOff:
		k.lift(m.Data1, channel)
	case ControlChange:
		k.control(m.Data1, m.Data2, channel)
	case Reset:
		k.Release()
	}
}

// Ends reports whether a message lifts a key that is down on its channel.
func (k *Keys) Ends(m Message) bool {
	lifts := m.Kind() == NoteOff || m.Kind() == NoteOn && m.Data2 == 0
	return lifts && k.down[m.Data1]&(1<<m.Channel()) != 0
}

// Release ends every note, and lifts every key and pedal.
func (k *Keys) Release() {
	k.pedal = 0
	for channel := range uint8(16) {
		k.endChannel(channel)
	}
}

// Holds reports whether a note sounds or a pedal is down.
func (k *Keys) Holds() bool { return len(k.order) > 0 || k.pedal != 0 }

// Sounding is how many notes sound.
func (k *Keys) Sounding() int { return len(k.order) }

func (k *Keys) press(key, velocity, channel uint8) {
	bit := uint16(1) << channel
	if k.down[key]|k.kept[key] == 0 && len(k.order) == k.most {
		k.steal()
	}
	k.down[key] |= bit
	k.kept[key] &^= bit
	k.order = append(without(k.order, key), key)
	k.play(Note{Key: key, Velocity: velocity, Channel: channel})
}

// lift takes the end of a key. A pedal keeps its note.
func (k *Keys) lift(key, channel uint8) {
	bit := uint16(1) << channel
	if k.down[key]&bit == 0 {
		return
	}
	k.down[key] &^= bit
	if k.pedal&bit != 0 {
		k.kept[key] |= bit
	}
	k.endSilent(key, channel)
}

// control takes a controller. A pedal counts as down from the middle of its way
// (MIDI 1.0, table III).
func (k *Keys) control(controller, value, channel uint8) {
	bit := uint16(1) << channel
	switch {
	case controller == SustainPedal && value >= 64:
		k.pedal |= bit
	case controller == SustainPedal, controller == ResetControls:
		k.pedal &^= bit
		k.endKept(channel)
	case controller == AllSoundOff, controller >= AllNotesOff:
		k.endChannel(channel)
	}
}

// endKept ends what only the pedal of a channel keeps.
func (k *Keys) endKept(channel uint8) {
	for i := len(k.order) - 1; i >= 0; i-- { // from the end: a note that ends leaves the list
		key := k.order[i]
		k.kept[key] &^= 1 << channel
		k.endSilent(key, channel)
	}
}

// endChannel ends all that a channel sounds.
func (k *Keys) endChannel(channel uint8) {
	for i := len(k.order) - 1; i >= 0; i-- {
		k.down[k.order[i]] &^= 1 << channel
	}
	k.endKept(channel)
}

// endSilent ends a note that nothing holds any more.
func (k *Keys) endSilent(key, channel uint8) {
	if k.down[key]|k.kept[key] != 0 {
		return
	}
	if i := slices.Index(k.order, key); i >= 0 {
		k.order = slices.Delete(k.order, i, i+1)
		k.play(Note{Key: key, Channel: channel})
	}
}

// steal ends one note to make place for another. Its key may still be down: the
// end of that key then ends nothing.
func (k *Keys) steal() {
	i := slices.IndexFunc(k.order, func(key uint8) bool { return k.down[key] == 0 })
	key := k.order[max(i, 0)]
	k.down[key], k.kept[key] = 0, 0
	k.endSilent(key, 0)
}

// without removes a key from a list, if it is there.
func without(keys []uint8, key uint8) []uint8 {
	if i := slices.Index(keys, key); i >= 0 {
		return slices.Delete(keys, i, i+1)
	}
	return keys
}
