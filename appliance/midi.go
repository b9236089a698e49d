package appliance

import (
	"downbeat.local/appliance/keyboards"
	"downbeat.local/appliance/midiout"
	"downbeat.local/appliance/web"
)

// openMIDI prepares the MIDI keyboards and outputs, unless the box is to have none.
func (a *Appliance) openMIDI() (err error) {
	if a.cfg.MIDI == nil {
		return nil
	}
	a.outputs, err = midiout.Open(midiout.Config{
		System: *a.cfg.MIDI, Rooms: a.rooms, Store: a.store, Log: a.log,
		PlaysAs: func(id string) (code, studentID string) { return a.keyboards.PlaysAs(id) }, // which is made below
	})
	if err != nil {
		return err
	}
	a.keyboards, err = keyboards.Open(keyboards.Config{
		System: *a.cfg.MIDI, Rooms: a.rooms, Store: a.store, IsEcho: a.outputs.IsEcho, Log: a.log,
	})
	return err
}

// midiOfPages is what the pages show of the keyboards and the outputs; nil without
// MIDI.
func (a *Appliance) midiOfPages() (web.Keyboards, web.Outputs) {
	if a.keyboards == nil {
		return nil, nil // and not nil pointers in interfaces
	}
	return a.keyboards, a.outputs
}
