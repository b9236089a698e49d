package midi

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
)

// node is the name of the file of a raw MIDI device: midiC1D0 is device 0 of card
// 1.
type node struct {
	name         string
	card, device int
}

var nodeName = regexp.MustCompile(`^midiC(\d{1,4})D(\d{1,4})$`)

// parseNode reads the name of a file. It reports whether it is a device's.
func parseNode(name string) (n node, ok bool) {
	m := nodeName.FindStringSubmatch(name)
	if m == nil {
		return node{}, false
	}
	card, _ := strconv.Atoi(m[1]) // digits
	device, _ := strconv.Atoi(m[2])
	return node{name: name, card: card, device: device}, true
}

// sortNodes puts devices in the order of their cards.
func sortNodes(nodes []node) {
	slices.SortFunc(nodes, func(a, b node) int {
		return cmp.Or(a.card-b.card, a.device-b.device)
	})
}
