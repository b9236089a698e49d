package midi

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/midi/miditest"
)

func inputs(t *testing.T, m *miditest.Machine) []Port {
	t.Helper()
	all, err := systemOf(m).Inputs()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// list is what tells the inputs of a machine apart.
func list(t *testing.T, m *miditest.Machine) (all []string) {
	t.Helper()
	for _, p := range inputs(t, m) {
		all = append(all, p.Name+" | "+p.ID())
	}
	return all
}

func TestPortsOfUSBDevices(t *testing.T) {
	m := miditest.New(t)
	m.Describe("midiC2D0", miditest.USB{Place: "1-1.2", Vendor: "1c75", Product: "0288", Serial: "SN0042", Name: "KeyStep 32"})
	m.Describe("midiC10D0", miditest.USB{Place: "1-1.3", Vendor: "0763", Product: "0115", Serial: "", Name: "Keystation Mini"})
	for _, node := range []string{"midiC10D0", "midiC2D0", "controlC2", "midiC2", "pcmC2D0p", "midiC1D0x"} {
		m.Plug(node)
	}
	want := []string{
		"KeyStep 32 | 1c75:0288:SN0042@usb:1-1.2/0.0",
		"Keystation Mini | 0763:0115:@usb:1-1.3/0.0",
	}
	if diff := cmp.Diff(want, list(t, m)); diff != "" {
		t.Error(diff)
	}
}

func TestPortsOfADeviceWithSeveral(t *testing.T) {
	m := miditest.New(t)
	m.Describe("midiC1D0", miditest.USB{Place: "3-2", Vendor: "1235", Product: "0102", Serial: "A1", Name: "Launchkey"})
	m.Write(filepath.Join(m.Proc, "asound/card1/midi0"), "Launchkey MK3\n\nOutput 0\n  Tx bytes     : 0\nInput 0\n  Rx bytes     : 0\nInput 1\n  Rx bytes     : 0\n")
	m.Plug("midiC1D0")
	want := []string{
		"Launchkey MK3 1 | 1235:0102:A1@usb:3-2/0.0",
		"Launchkey MK3 2 | 1235:0102:A1@usb:3-2/0.1",
	}
	if diff := cmp.Diff(want, list(t, m)); diff != "" {
		t.Error(diff)
	}
	outs, err := systemOf(m).Outputs()
	if err != nil || len(outs) != 1 || outs[0].Name != "Launchkey MK3" {
		t.Errorf("the outputs are %+v, %v", outs, err)
	}
}

// Some devices are a card with several raw MIDI devices: one for the keys, one for a
// program. The last is left alone, as one of several ports of a device is.
func TestPortsOfACardWithSeveralDevices(t *testing.T) {
	for name, c := range map[string]struct {
		names []string // of the raw MIDI devices
		want  []string // what is listed
	}{
		"names of their own": {
			[]string{"Launchkey MIDI", "Launchkey DAW"},
			[]string{"Launchkey MIDI | plays", "Launchkey DAW | alone"},
		},
		"one name":               {[]string{"Oxygen 49", "Oxygen 49"}, []string{"Oxygen 49 1 | plays", "Oxygen 49 2 | plays"}},
		"both for programs":      {[]string{"X-Touch Control", "X-Touch MCU"}, []string{"X-Touch Control | alone", "X-Touch MCU | alone"}},
		"the only one of a card": {[]string{"Launch Control"}, []string{"Launch Control | plays"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := miditest.New(t)
			for i, device := range c.names {
				node := fmt.Sprintf("midiC1D%d", i)
				m.Describe(node, miditest.USB{Place: "3-2", Vendor: "1235", Product: "0102", Serial: "A1", Name: "Keyboard"})
				m.Write(filepath.Join(m.Proc, fmt.Sprintf("asound/card1/midi%d", i)), device+"\n\nOutput 0\nInput 0\n")
				m.Plug(node)
			}
			m.Plug("midiC2D0") // of another card
			var got []string
			for _, p := range inputs(t, m)[:len(c.names)] {
				got = append(got, p.Name+map[bool]string{false: " | plays", true: " | alone"}[p.ForPrograms()])
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPortsOfOtherCards(t *testing.T) {
	m := miditest.New(t)
	m.Plug("midiC0D1")
	m.Plug("midiC1D0")
	m.Sound("virtual", "VirMIDI", "midiC0D1")
	want := []string{"VirMIDI | card:VirMIDI/1.0", "midiC1D0 | midiC1D0/0.0"}
	if diff := cmp.Diff(want, list(t, m)); diff != "" {
		t.Error(diff)
	}
}

// A device is known again in another socket by its serial number, a port of it by
// its place among the others.
func TestPortsThatMoved(t *testing.T) {
	at := func(place, serial string) Port { return Port{Model: "1c75:0288", Serial: serial, Place: place} }
	for _, c := range []struct {
		now, before Port
		want        bool
	}{
		{at("usb:1-2/0.0", "A"), at("usb:1-1.4/0.0", "A"), true},
		{at("usb:1-2/0.1", "A"), at("usb:1-1.4/0.1", "A"), true},
		{at("usb:1-2/0.0", "A"), at("usb:1-1.4/0.1", "A"), false},
		{at("usb:1-2/0.0", "A"), at("usb:1-1.4/0.0", "B"), false},
		{at("usb:1-2/0.0", ""), at("usb:1-1.4/0.0", ""), false},
		{Port{Place: "midiC1D0/0.0"}, Port{Place: "midiC2D0/0.0"}, false},
	} {
		if got := c.now.Moved(c.before.ID()); got != c.want {
			t.Errorf("%s was %s: %v, want %v", c.now.ID(), c.before.ID(), got, c.want)
		}
	}
}

// A device can call itself anything.
func TestNamesAreClean(t *testing.T) {
	for name, want := range map[string]string{
		"KeyStep 32\n":              "KeyStep 32",
		"  two   words ":            "two words",
		"bell\a and \x1b[31mred":    "bell and [31mred",
		"bad \xff\xfe bytes":        "bad bytes",
		"right-to-left \u202e trap": "right-to-left trap",
		"Клавиатура ♪":              "Клавиатура ♪",
		strings.Repeat("x", 200):    strings.Repeat("x", maxName),
		"\n\n":                      "",
	} {
		if got := cleanName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

// The web app knows the same ports (engine/midi/webmidi.ts), and the same names test it.
func TestPortsForPrograms(t *testing.T) {
	var cases []struct {
		Name string `json:"name"`
		Want bool   `json:"for_programs"`
	}
	vectors(t, "portnames.json", &cases)
	for _, c := range cases {
		p := Port{Name: c.Name, siblings: 2}
		if got := p.ForPrograms(); got != c.Want {
			t.Errorf("%q: %v, want %v", c.Name, got, c.Want)
		}
		if p.siblings = 1; p.ForPrograms() {
			t.Errorf("%q is the only port of its device, and left alone", c.Name)
		}
	}
}

func TestReasons(t *testing.T) {
	m := miditest.New(t)
	k := m.Plug("midiC1D0")
	p := inputs(t, m)[0]
	group := groupOf(k.Path)
	for _, c := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "open", Path: k.Path, Err: syscall.EACCES}, "group "},
		{syscall.EPERM, "group "},
		{syscall.EBUSY, "another program uses " + k.Path},
		{syscall.ENODEV, ErrUnplugged.Error()},
		{syscall.EIO, ErrUnplugged.Error()},
		{syscall.EINVAL, "invalid argument"},
	} {
		got := p.explain(c.err).Error()
		if !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%v reads %q, want %q in it", c.err, got, c.want)
		}
	}
	if got := p.explain(syscall.EACCES).Error(); group != "root" && !strings.Contains(got, "join the group "+group) {
		t.Errorf("a device of group %s: %s", group, got)
	}
}

// FuzzNames checks that what a device calls itself can be shown, and that its serial
// number cannot pass for another place.
func FuzzNames(f *testing.F) {
	f.Add("KeyStep 32\n")
	f.Add("bad \xff\xfe bytes\u202e")
	f.Add("a@b/c")
	f.Fuzz(func(t *testing.T, text string) {
		name := cleanName(text)
		if n := utf8.RuneCountInString(name); n > maxName || !utf8.ValidString(name) {
			t.Fatalf("%q becomes %q", text, name)
		}
		for _, r := range name {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q becomes %q", text, name)
			}
		}
		if again := cleanName(name); again != name {
			t.Fatalf("%q becomes %q and then %q", text, name, again)
		}
		p := Port{Model: "1c75:0288", Serial: serialNumber(name), Place: "usb:1-1/0.0"}
		moved := Port{Model: p.Model, Serial: p.Serial, Place: "usb:1-2/0.0"}
		if want := p.Serial != ""; moved.Moved(p.ID()) != want {
			t.Fatalf("%q: the port %s was %s: %v, want %v", text, moved.ID(), p.ID(), !want, want)
		}
	})
}
