package midiout

import (
	"downbeat.local/appliance/generalmidi"
	"downbeat.local/appliance/room"
	"downbeat.local/midi"
)

// channels gives the members of a room the 16 channels of an output. Each member has
// one while there are enough, with the program of their instrument. After that,
// members with the same instrument share: there are fewer instruments than channels.
// All drums are on the channel of drums. The zero value gave none.
type channels struct {
	of         map[string]uint8 // by member
	instrument [16]string       // empty: the channel was never used
	members    [16]int
	sounding   [16][128]uint8 // how many hold a key: members share channels
}

// begin appends the beginning of a note of a member, and returns its channel.
func (c *channels) begin(send []byte, who *room.Player, now *room.Conduct, key, velocity uint8) (all []byte, channel uint8) {
	send, channel = c.channelOf(send, who, now)
	if c.sounding[channel][key]++; c.sounding[channel][key] > 1 {
		send = append(send, midi.NoteOff|channel, key, releaseVelocity) // some devices want an end for every beginning
	}
	return append(send, midi.NoteOn|channel, key, velocity), channel
}

// end appends the end of a note, unless somebody else still holds it there.
func (c *channels) end(send []byte, channel, key uint8) []byte {
	if c.sounding[channel][key]--; c.sounding[channel][key] > 0 {
		return send
	}
	return append(send, midi.NoteOff|channel, key, releaseVelocity)
}

// releaseVelocity is that of keys which do not tell how fast they come up (MIDI 1.0,
// "Note-Off").
const releaseVelocity = 64

// missed takes bytes that the device may not have got. Notes whose ends are among
// them may sound on.
func (c *channels) missed(bytes []byte) {
	var p midi.Parser
	for _, b := range bytes {
		if m, ok := p.Feed(b); ok && m.Kind() == midi.NoteOff {
			held := &c.sounding[m.Channel()][m.Data1]
			*held = max(1, *held)
		}
	}
}

// silence ends everything that sounds, and tells the device to do so, too: it may
// have missed an end.
func (c *channels) silence(send []byte) []byte {
	for channel := range uint8(16) {
		for key := range uint8(128) {
			if c.sounding[channel][key] > 0 {
				c.sounding[channel][key] = 1
				send = c.end(send, channel, key)
			}
		}
		if c.instrument[channel] != "" {
			send = append(send, midi.ControlChange|channel, midi.AllNotesOff, 0)
		}
	}
	return send
}

// channelOf is the channel of a member, with the program of their instrument.
func (c *channels) channelOf(send []byte, who *room.Player, now *room.Conduct) (all []byte, channel uint8) {
	if who.Instrument == room.Drums {
		c.instrument[midi.DrumChannel] = room.Drums
		return send, midi.DrumChannel
	}
	if channel, ok := c.of[who.ID]; ok {
		if c.instrument[channel] == who.Instrument {
			return send, channel
		}
		c.leave(who.ID)
	}
	channel, ok := c.free(who.Instrument)
	if !ok {
		c.leaveGone(now)
		if channel, ok = c.free(who.Instrument); !ok {
			channel = c.shared(who.Instrument)
		}
	}
	c.join(who.ID, channel)
	if c.instrument[channel] != who.Instrument {
		c.instrument[channel] = who.Instrument
		send = append(send, midi.ProgramChange|channel, generalmidi.ProgramOf(who.Instrument))
	}
	return send, channel
}

func (c *channels) join(id string, channel uint8) {
	if c.of == nil {
		c.of = make(map[string]uint8)
	}
	c.of[id] = channel
	c.members[channel]++
}

func (c *channels) leave(id string) {
	c.members[c.of[id]]--
	delete(c.of, id)
}

// leaveGone takes the channels of members who are in the room no more.
func (c *channels) leaveGone(now *room.Conduct) {
	here := make(map[string]bool, len(now.Players))
	for i := range now.Players {
		here[now.Players[i].ID] = true
	}
	for id := range c.of {
		if !here[id] {
			c.leave(id)
		}
	}
}

// free is a channel that no member has: first one that has the program already, then
// one that was never used.
func (c *channels) free(instrument string) (channel uint8, ok bool) {
	for _, had := range []string{instrument, ""} {
		for channel := range uint8(16) {
			if channel != midi.DrumChannel && c.members[channel] == 0 && c.instrument[channel] == had {
				return channel, true
			}
		}
	}
	for channel := range uint8(16) {
		if channel != midi.DrumChannel && c.members[channel] == 0 {
			return channel, true
		}
	}
	return 0, false
}

// shared is a channel with an instrument, when every channel has members: the one
// with the fewest. If none has it, another instrument gives up one of its channels,
// whose members share the other. Notes that sound end where they began.
func (c *channels) shared(instrument string) uint8 {
	if channel, ok := c.fewest(instrument, 16); ok {
		return channel
	}
	for channel := range uint8(16) {
		if channel == midi.DrumChannel {
			continue
		}
		if other, ok := c.fewest(c.instrument[channel], channel); ok {
			c.move(channel, other)
			return channel
		}
	}
	return 0 // there are more channels than instruments, so that two have the same
}

// fewest is the channel of an instrument with the fewest members, except for one.
func (c *channels) fewest(instrument string, except uint8) (channel uint8, ok bool) {
	for i := range uint8(16) {
		if i == except || i == midi.DrumChannel || c.instrument[i] != instrument {
			continue
		}
		if !ok || c.members[i] < c.members[channel] {
			channel, ok = i, true
		}
	}
	return channel, ok
}

// move makes the members of one channel share another.
func (c *channels) move(from, to uint8) {
	for id, channel := range c.of {
		if channel == from {
			c.leave(id)
			c.join(id, to)
		}
	}
}
