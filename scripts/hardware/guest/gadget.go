//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"downbeat.local/midi"
)

// gadget is a USB keyboard. What is written to its card comes out of its cable.
type gadget struct {
	name  string   // of its card on this side
	dir   string   // in configfs
	files []string // of its cards, while it is plugged in
}

// newGadget makes a keyboard that is not plugged in yet.
func newGadget(name, product, serial string, ports int) (*gadget, error) {
	g := &gadget{name: name, dir: filepath.Join("/sys/kernel/config/usb_gadget", name)}
	function := filepath.Join(g.dir, "functions", "midi."+name)
	for _, folder := range []string{g.dir, filepath.Join(g.dir, "strings/0x409"), filepath.Join(g.dir, "configs/c.1"), function} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return nil, err
		}
	}
	for file, text := range map[string]string{
		"idVendor": "0x1d6b", "idProduct": "0x0104", "strings/0x409/manufacturer": "Downbeat",
		"strings/0x409/product": product, "strings/0x409/serialnumber": serial,
		"functions/midi." + name + "/id": name, "functions/midi." + name + "/qlen": "64",
		"functions/midi." + name + "/in_ports": fmt.Sprint(ports), "functions/midi." + name + "/out_ports": fmt.Sprint(ports),
	} {
		if err := os.WriteFile(filepath.Join(g.dir, file), []byte(text), 0); err != nil {
			return nil, err
		}
	}
	return g, os.Symlink(function, filepath.Join(g.dir, "configs/c.1/midi"))
}

// plug plugs the keyboard into a socket and, as udev does, gives its files to the
// group that may open them.
func (g *gadget) plug(socket int) error {
	if err := g.plugAsRoots(socket); err != nil {
		return err
	}
	return g.giveToGroup()
}

// plugAsRoots plugs the keyboard in. Only root may open its files.
func (g *gadget) plugAsRoots(socket int) error {
	before := files()
	if err := os.WriteFile(filepath.Join(g.dir, "UDC"), fmt.Appendf(nil, "dummy_udc.%d", socket), 0); err != nil {
		return err
	}
	return until("both files of the keyboard "+g.name, func() bool {
		g.files = slices.DeleteFunc(files(), func(file string) bool { return slices.Contains(before, file) })
		return len(g.files) == 2 && g.node() != ""
	})
}

// node is the file that the box finds; empty before the kernel says which it is.
func (g *gadget) node() string {
	ins, err := midi.System{}.Inputs()
	i := slices.IndexFunc(ins, func(p midi.Port) bool {
		return strings.HasPrefix(p.Place, "usb:") && slices.Contains(g.files, p.Node)
	})
	if err != nil || i < 0 {
		return ""
	}
	return ins[i].Node
}

// unplug pulls the cable, and waits until the kernel has noticed.
func (g *gadget) unplug() error {
	if err := os.WriteFile(filepath.Join(g.dir, "UDC"), []byte("\n"), 0); err != nil {
		return err
	}
	return until("the files of the keyboard "+g.name+" go", func() bool {
		return !slices.ContainsFunc(files(), func(file string) bool { return slices.Contains(g.files, file) })
	})
}

// files lists the files of MIDI devices.
func files() []string {
	all, _ := filepath.Glob(filepath.Join(midi.DefaultDevices, "midiC*"))
	return all
}

// giveToGroup gives the keyboard's file to the group audio, and that of its card. The
// file of its own side stays root's: the box has no business there.
func (g *gadget) giveToGroup() error {
	node := g.node()
	card, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(node), "midiC"), "D")
	var failed error
	for _, file := range []string{filepath.Join(midi.DefaultDevices, "controlC"+card), node} {
		failed = errors.Join(failed, os.Chmod(file, 0o660), os.Chown(file, 0, audio))
	}
	return failed
}

// cable is where the keyboard's notes go.
type cable struct{ *midi.Out }

// open opens one of the keyboard's ports from its own side.
func (g *gadget) open(port int) (c cable, err error) {
	place := fmt.Sprintf("card:%s/0.%d", g.name, port)
	for began := time.Now(); time.Since(began) < patience; time.Sleep(10 * time.Millisecond) {
		outs, err := (&midi.Driver{}).Outs()
		if err != nil {
			return c, err
		}
		for _, out := range outs {
			if o, ok := out.(*midi.Out); ok && strings.HasPrefix(o.Place, place) {
				return cable{o}, o.Open()
			}
		}
	}
	return c, fmt.Errorf("the keyboard %s has no port %d", g.name, port)
}

// send sends bytes, and a tick of the clock, which wakes the gadget up: it keeps the
// last bytes back until more come (measured).
func (c cable) send(bytes []byte) error {
	if err := c.Send(bytes); err != nil {
		return err
	}
	return c.Send([]byte{midi.Clock})
}

// loud is the velocity of every key.
const loud = 100

// key is the bytes that begin or, with velocity 0, end a note.
func key(note, velocity byte) []byte { return []byte{midi.NoteOn, note, velocity} }

// plugIn plugs a new keyboard into the first socket and opens its ports.
func plugIn(name string, ports int) (g *gadget, cables []cable, err error) {
	if g, err = newGadget(name, "Keyboard "+name, "SN-"+name, ports); err != nil {
		return nil, nil, err
	}
	if err := g.plug(0); err != nil {
		return nil, nil, err
	}
	for port := range ports {
		c, err := g.open(port)
		if err != nil {
			return nil, nil, err
		}
		cables = append(cables, c)
	}
	return g, cables, nil
}

// with does something with a keyboard, and unplugs it in the end.
func with(name string, ports int, do func(*gadget, []cable) error) error {
	g, cables, err := plugIn(name, ports)
	if err != nil {
		return err
	}
	err = do(g, cables)
	for _, c := range cables {
		err = errors.Join(err, c.Close()) // or the gadget does not let go
	}
	return errors.Join(err, g.unplug())
}
