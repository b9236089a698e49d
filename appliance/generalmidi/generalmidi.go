// Package generalmidi matches the instruments of rooms with the programs of General
// MIDI, in both directions: what a keyboard chooses, and what a sound module is to
// play. Programs count from 0.
package generalmidi

import "downbeat.local/appliance/room"

// programs are the instruments of General MIDI's programs, from the first program
// of each group on. The rooms have fewer instruments than General MIDI: a program
// gets the nearest.
var programs = []struct {
	first      uint8
	instrument string
}{
	{0, "piano"},
	{4, "epiano"},
	{6, "piano"},        // harpsichord, clavinet
	{8, "glockenspiel"}, // and celesta, music box
	{11, "marimba"},     // and vibraphone
	{13, "xylophone"},
	{14, "glockenspiel"}, // tubular bells
	{15, "marimba"},      // dulcimer
	{16, "organ"},
	{24, "guitar"},
	{32, "bass"},
	{40, "strings"},  // and harp, choir
	{47, room.Drums}, // timpani
	{48, "strings"},
	{56, "trumpet"},
	{64, "clarinet"}, // and saxophones, oboe
	{72, "flute"},
	{80, "epiano"},  // synthetic leads
	{88, "strings"}, // synthetic pads
	{96, "epiano"},  // synthetic effects
	{104, "guitar"}, // sitar, banjo, koto
	{108, "kalimba"},
	{109, "clarinet"}, // bagpipe, shanai
	{110, "strings"},  // fiddle
	{111, "clarinet"},
	{112, "glockenspiel"}, // tinkle bell, agogo
	{114, "steel_drums"},
	{115, room.Drums}, // and sound effects
}

// InstrumentOf is the instrument of a program, 0-127.
func InstrumentOf(program uint8) string {
	instrument := ""
	for _, p := range programs {
		if p.first > program {
			break
		}
		instrument = p.instrument
	}
	return instrument
}

// sounding are the programs that sound most like the instruments of rooms.
var sounding = map[string]uint8{
	"piano": 0, "epiano": 4, "glockenspiel": 9, "marimba": 12, "xylophone": 13, "organ": 16, "guitar": 24, "bass": 32,
	"strings": 48, "trumpet": 56, "clarinet": 71, "flute": 73, "kalimba": 108, "steel_drums": 114,
}

// ProgramOf is the program that sounds like an instrument. Drums and instruments that
// it does not know are a piano.
func ProgramOf(instrument string) uint8 { return sounding[instrument] }
