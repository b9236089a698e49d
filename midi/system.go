package midi

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// System says where the machine shows its MIDI devices. Empty fields mean where
// Linux has them.
type System struct {
	Devices string // the folder of the devices' files; empty means DefaultDevices
	Sys     string // sysfs; empty means /sys
	Proc    string // procfs; empty means /proc
}

// DefaultDevices is where Linux puts the files of sound devices.
const DefaultDevices = "/dev/snd"

func (s System) withDefaults() System {
	s.Devices = cmp.Or(s.Devices, DefaultDevices)
	s.Sys, s.Proc = cmp.Or(s.Sys, "/sys"), cmp.Or(s.Proc, "/proc")
	return s
}

// Inputs lists the ports that can be heard, by card. A folder that is not there
// has none.
func (s System) Inputs() ([]Port, error) { return s.ports(input) }

// Outputs lists the ports that can be played.
func (s System) Outputs() ([]Port, error) { return s.ports(output) }

// direction says which way the bytes of a port go.
type direction int

// The kernel numbers its streams so (sound/asound.h, SNDRV_RAWMIDI_STREAM_OUTPUT).
const (
	output direction = iota
	input
)

func (s System) ports(way direction) ([]Port, error) {
	s = s.withDefaults()
	nodes, err := s.nodes()
	if err != nil {
		return nil, err
	}
	var all []Port
	for _, n := range nodes {
		all = append(all, s.device(n).ports(way)...)
	}
	tellApart(all, way)
	return all, nil
}

// nodes lists the files of the raw MIDI devices.
func (s System) nodes() ([]node, error) {
	entries, err := os.ReadDir(s.Devices)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("no MIDI device can be found: %w", err)
	}
	var nodes []node
	for _, entry := range entries {
		if n, ok := parseNode(entry.Name()); ok {
			nodes = append(nodes, n)
		}
	}
	sortNodes(nodes)
	return nodes, nil
}

// device is a raw MIDI device: a file behind which there are one or more ports.
type device struct {
	node          node
	path          string // of the file
	name          string
	place         string
	model, serial string
	count         [2]int // of ports, by direction
}

// device finds out what the system knows of a device. What it does not know
// has a plain value: one input, one output, and the name of the file.
func (s System) device(n node) device {
	d := device{node: n, path: filepath.Join(s.Devices, n.name), name: n.name, place: n.name, count: [2]int{1, 1}}
	s.readUSB(&d)
	s.readALSA(&d)
	return d
}

// ports makes a device's ports of one direction.
func (d device) ports(way direction) []Port {
	all := make([]Port, d.count[way])
	for sub := range all {
		all[sub] = Port{
			Name: d.name, Model: d.model, Serial: d.serial, Node: d.path, node: d.node, sub: sub,
			Place: fmt.Sprintf("%s/%d.%d", d.place, d.node.device, sub),
		}
	}
	return all
}

// tellApart gives the ports of a card names of their own: those that the kernel knows,
// and numbers if these are the same. What is one device for people may be one raw
// MIDI device with several ports, or several with one each.
func tellApart(all []Port, way direction) {
	siblings := map[int]int{}
	for _, p := range all {
		siblings[p.node.card]++
	}
	type called struct {
		card int
		name string
	}
	same, seen := map[called]int{}, map[called]int{}
	for i := range all {
		p := &all[i]
		if p.siblings = siblings[p.node.card]; p.siblings > 1 {
			p.Name = cmp.Or(portName(*p, way), p.Name)
		}
		same[called{p.node.card, p.Name}]++
	}
	for i := range all {
		p := &all[i]
		c := called{p.node.card, p.Name}
		if seen[c]++; same[c] > 1 {
			p.Name = fmt.Sprintf("%s %d", p.Name, seen[c])
		}
	}
}

// readUSB reads a device's maker and where it is plugged in, from the folder of
// the USB device above it in sysfs.
func (s System) readUSB(d *device) {
	at, err := filepath.EvalSymlinks(filepath.Join(s.Sys, "class/sound", d.node.name))
	if err != nil {
		return
	}
	if card := attribute(filepath.Dir(at), "id"); card != "" {
		d.name, d.place = cleanName(card), "card:"+card
	}
	for ; len(at) > len(s.Sys) && !rootHub.MatchString(filepath.Base(at)); at = filepath.Dir(at) {
		vendor, product := attribute(at, "idVendor"), attribute(at, "idProduct")
		if vendor == "" || product == "" {
			continue
		}
		d.place = "usb:" + filepath.Base(at)
		d.model, d.serial = vendor+":"+product, serialNumber(attribute(at, "serial"))
		if name := attribute(at, "product"); name != "" {
			d.name = name
		}
		return // a hub above it is another device
	}
}

// rootHub is how Linux calls the sockets of the machine itself. It is what a device
// that is just going would be taken for.
var rootHub = regexp.MustCompile(`^usb\d+$`)

// serialNumber makes a serial number fit for an ID, in which "@" and "/" have a
// meaning.
func serialNumber(s string) string { return strings.NewReplacer("@", "_", "/", "_").Replace(s) }

// attribute reads one line that sysfs shows of a device; empty if there is none.
func attribute(folder, name string) string {
	raw, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return ""
	}
	return cleanName(string(raw))
}

// readALSA reads a device's name and how many ports it has, as the kernel lists
// them in /proc/asound/card1/midi0.
func (s System) readALSA(d *device) {
	raw, err := os.ReadFile(filepath.Join(s.Proc, "asound", "card"+strconv.Itoa(d.node.card), "midi"+strconv.Itoa(d.node.device)))
	if err != nil {
		return
	}
	name, rest, _ := strings.Cut(string(raw), "\n")
	if name = cleanName(name); name != "" {
		d.name = name
	}
	d.count = [2]int{}
	for line := range strings.Lines(rest) {
		switch {
		case strings.HasPrefix(line, "Input "):
			d.count[input]++
		case strings.HasPrefix(line, "Output "):
			d.count[output]++
		}
	}
}
