package midi

import (
	"regexp"
	"strings"
	"unicode"
)

// Port is one MIDI input or output of a device.
type Port struct {
	// Name is what the device calls itself, at most maxName letters. A device
	// with several ports of a kind numbers them.
	Name string
	// Place says where the device is plugged in, and which of its ports this
	// is: "usb:1-1.2/0.0". It stays the same across restarts of the machine, and
	// when other devices are plugged in first. No two inputs have the same.
	Place string
	// Model is the device's vendor and product, such as "1c75:0288". It is empty
	// unless the device is a USB device.
	Model string
	// Serial tells the device from others of its model. It stays the same in
	// another socket. It is empty for devices that have none, and two devices of
	// a careless maker may have the same.
	Serial string
	// Node is the device's file.
	Node string

	node     node
	sub      int // of the device's ports of this kind, from 0
	siblings int // how many ports of this kind the card has, with this one
}

// ID tells the port from every other that is plugged in, and stays the same while
// the device stays in its socket.
func (p Port) ID() string {
	if p.Model == "" {
		return p.Place
	}
	return p.Model + ":" + p.Serial + "@" + p.Place
}

// Moved reports whether a port may be that of an earlier ID, plugged into another
// socket: only serial numbers can tell.
func (p Port) Moved(earlier string) bool {
	device, place, ok := strings.Cut(earlier, "@")
	sub := func(place string) string { return place[strings.LastIndexByte(place, '/')+1:] }
	return ok && p.Serial != "" && device == p.Model+":"+p.Serial && sub(place) == sub(p.Place)
}

// maxName is the longest name of a port, in letters.
const maxName = 60

// ForPrograms reports whether a port is meant for a program that is controlled,
// and plays no notes. Keyboards for studios have such ports beside the one for
// their keys.
func (p Port) ForPrograms() bool { return p.siblings > 1 && forPrograms.MatchString(p.Name) }

var forPrograms = regexp.MustCompile(`(?i)\b(DAW|InControl|MCU|HUI|Mackie|Control|Ctrl)\b`)

// cleanName makes a name that a device gives itself fit to be shown: a device can
// call itself anything.
func cleanName(name string) string {
	printable := strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, " "))
	letters := []rune(strings.Join(strings.Fields(printable), " "))
	return strings.TrimSpace(string(letters[:min(len(letters), maxName)]))
}
