package midi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"downbeat.local/midi/miditest"
)

// runUntilEnd runs something until the test ends.
func runUntilEnd(t *testing.T, run func(context.Context) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != context.Canceled {
			t.Errorf("it ended with %v", err)
		}
	})
}

var (
	c4      = Message{NoteOn, 60, 100}
	e4      = Message{NoteOn, 64, 90}
	silence = Message{Status: Reset}
)

func TestAKeyboardThatIsThereAtStart(t *testing.T) {
	m := miditest.New(t)
	k := m.Plug("midiC1D0")
	l := run(t, m).next()
	k.Send(c4.Append(nil)...)
	l.expect(t, c4)
	if l.port.Name != "midiC1D0" || l.port.Place != "midiC1D0/0.0" {
		t.Errorf("the port is %+v", l.port)
	}
}

func TestAKeyboardComesAndGoes(t *testing.T) {
	m := miditest.New(t)
	ports := run(t, m)
	for range 3 {
		k := m.Plug("midiC1D0")
		l := ports.next()
		k.Send(c4.Append(nil)...)
		k.Send(0xF0, 1, 2) // unplugged during a SysEx
		l.expect(t, c4)
		k.Unplug()
		l.expect(t, silence)
		l.expectEnd(t)
	}
	ports.until("empty", func(all []Status) bool { return len(all) == 0 })
}

// Linux makes /dev/snd with the first sound card, and takes it away with the last.
func TestTheFolderComesLater(t *testing.T) {
	m := miditest.New(t)
	if err := os.Remove(m.Devices); err != nil {
		t.Fatal(err)
	}
	ports := run(t, m)
	ports.until("empty", func(all []Status) bool { return len(all) == 0 })
	for range 2 {
		m.MakeFolder(m.Devices)
		k := m.Plug("midiC0D0")
		l := ports.next()
		k.Unplug()
		l.expectEnd(t)
		if err := os.Remove(m.Devices); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTenKeyboardsAtOnce(t *testing.T) {
	m := miditest.New(t)
	ports := run(t, m)
	keyboards := map[string]*miditest.Keyboard{}
	for i := range 10 {
		k := m.Plug(fmt.Sprintf("midiC%dD0", i))
		keyboards[k.Path] = k
	}
	for range keyboards {
		l := ports.next()
		k := keyboards[l.port.Node]
		for note := range byte(100) {
			k.Send(NoteOn, note, 100)
		}
		for note := range byte(100) {
			l.expect(t, Message{NoteOn, note, 100})
		}
		defer l.expectEnd(t)
		defer k.Unplug()
	}
	ports.until("ten open", func(all []Status) bool {
		return len(all) == 10 && !slices.ContainsFunc(all, func(s Status) bool { return !s.Open })
	})
}

// A replaced file is another device under the same name.
func TestAKeyboardIsPluggedInAgainAtOnce(t *testing.T) {
	m := miditest.New(t)
	ports := run(t, m)
	first := m.Plug("midiC1D0")
	was := ports.next()
	first.Unplug()
	second := m.Plug("midiC1D0")
	was.expectEnd(t)
	l := ports.next()
	second.Send(e4.Append(nil)...)
	l.expect(t, e4)
}

// Another keyboard comes into the socket of one whose file is not closed yet, under
// another file.
func TestAnotherKeyboardInTheSameSocket(t *testing.T) {
	m := miditest.New(t)
	m.Describe("midiC1D0", miditest.USB{Place: "1-1", Vendor: "1c75", Product: "0288", Serial: "A", Name: "First"})
	first := m.Plug("midiC1D0")
	ports := run(t, m)
	was := ports.next()
	if err := os.Remove(first.Path); err != nil { // its pipe stays open
		t.Fatal(err)
	}
	m.Describe("midiC2D0", miditest.USB{Place: "1-1", Vendor: "0763", Product: "0115", Serial: "B", Name: "Second"})
	second := m.Plug("midiC2D0")
	l := ports.next()
	if l.port.Name != "Second" || l.port.Node != second.Path {
		t.Errorf("the second port is %+v", l.port)
	}
	second.Send(e4.Append(nil)...)
	l.expect(t, e4)
	was.expectEnd(t)
	ports.until("the second alone", func(all []Status) bool { return len(all) == 1 && all[0].Open && all[0].Name == "Second" })
}

// The kernel makes the file of a device before it says how many ports it has.
func TestTheSecondPortIsKnownLater(t *testing.T) {
	m := miditest.New(t)
	m.Describe("midiC1D0", miditest.USB{Place: "1-1", Vendor: "1c75", Product: "0288", Serial: "A", Name: "Two"})
	m.Plug("midiC1D0")
	ports := run(t, m)
	ports.next()
	m.Write(filepath.Join(m.Proc, "asound/card1/midi0"), "Two\n\nInput 0\nInput 1\n")
	m.MakeFolder(filepath.Join(m.Devices, "by-id")) // what comes after it
	if l := ports.next(); l.port.Name != "Two 2" {
		t.Errorf("the second port is %+v", l.port)
	}
}

func TestASilentKeyboardIsReset(t *testing.T) {
	m := miditest.New(t)
	k := m.Plug("midiC1D0")
	l := run(t, m).next()
	k.Send(c4.Append(nil)...)
	k.Send(ActiveSensing)
	l.expect(t, c4, Message{Status: ActiveSensing}, silence)
	k.Send(e4.Append(nil)...) // it is back, without active sensing
	l.expect(t, e4)
}

// A pseudo-terminal ends with an error when its other side goes, as a USB device
// does. Its file stays, as that of a device with a fault does.
func TestAKeyboardThatFailsIsTriedAgain(t *testing.T) {
	m := miditest.New(t)
	ports := run(t, m)
	master := m.PlugTwoWay("midiC3D0")
	l := ports.next()
	if _, err := master.Write(c4.Append(nil)); err != nil {
		t.Fatal(err)
	}
	l.expect(t, c4)
	master.Close()
	l.expect(t, silence)
	l.expectEnd(t)
	ports.until("failed", func(all []Status) bool {
		return len(all) == 1 && !all[0].Open && all[0].Problem == ErrUnplugged.Error()
	})
	if err := os.Remove(filepath.Join(m.Devices, "midiC3D0")); err != nil {
		t.Fatal(err)
	}
	ports.until("empty", func(all []Status) bool { return len(all) == 0 })
}

// asNobody runs something on a thread that may open only what everyone may.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	const nobody = 65534
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own := os.Geteuid()
	if own == 0 {
		// For this thread alone: the kernel checks files by this id.
		if _, err := unix.SetfsuidRetUid(nobody); err != nil {
			t.Skipf("cannot become nobody: %v", err)
		}
		defer func() { _, _ = unix.SetfsuidRetUid(own) }()
	}
	do()
}

func TestAKeyboardWithoutPermission(t *testing.T) {
	m := miditest.New(t)
	k := m.Plug("midiC1D0")
	if err := os.Chmod(k.Path, 0); err != nil {
		t.Fatal(err)
	}
	p := inputs(t, m)[0]
	asNobody(t, func() {
		_, opening := openStream(p)
		for _, err := range []error{opening, p.Permitted()} {
			if err == nil || !strings.Contains(err.Error(), "group") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the reason is %v", err)
			}
		}
	})
}

// Udev changes the owner of a file after the kernel has made it. The port is tried
// again at once, and not when its time has come.
func TestAPortThatFailsIsForgivenWhenItsFileChanges(t *testing.T) {
	p := NewPorts(PortsConfig{Log: slog.New(slog.DiscardHandler)})
	e := p.entry(Port{Place: "usb:1-1/0.0"})
	for range 10 {
		p.fail(e, ErrUnplugged)
	}
	if left := time.Until(e.due); left < lastRetry/2 || left > lastRetry {
		t.Errorf("after ten failures it is tried again in %v", left)
	}
	p.forgive()
	if left := time.Until(e.due); left > 0 {
		t.Errorf("after its file has changed it is tried again in %v", left)
	}
}

// A crash in what listens to one keyboard is not the end of the others.
func TestAListenerThatCrashes(t *testing.T) {
	m := miditest.New(t)
	ports := run(t, m)
	k := m.Plug("midiC1D0")
	l := ports.next()
	close(l.messages) // the next message crashes it
	k.Send(c4.Append(nil)...)
	ports.next() // the port is tried again
	other := m.Plug("midiC2D0")
	l = ports.next()
	other.Send(e4.Append(nil)...)
	l.expect(t, e4)
}

func TestALongSysExPassesByWithoutANote(t *testing.T) {
	m := miditest.New(t)
	k := m.Plug("midiC1D0")
	l := run(t, m).next()
	k.Send(SysEx)
	for range 100 {
		k.Send(bytes.Repeat([]byte{0x11}, 10_000)...)
	}
	k.Send(EndOfSysEx)
	k.Send(c4.Append(nil)...)
	l.expect(t, c4)
}

// Whatever is wrong with the folder, keyboards play again when it is well.
func TestTheFolderCannotBeRead(t *testing.T) {
	t.Parallel()
	m := miditest.New(t)
	k := m.Plug("midiC1D0")
	ports := run(t, m)
	l := ports.next()
	k.Unplug()
	l.expectEnd(t)
	if err := os.Remove(m.Devices); err != nil {
		t.Fatal(err)
	}
	m.Write(m.Devices, "no folder")
	ports.until("said", func([]Status) bool {
		err := ports.Problem()
		return err != nil && strings.Contains(err.Error(), "no MIDI device can be found")
	})
	if err := os.Remove(m.Devices); err != nil {
		t.Fatal(err)
	}
	m.MakeFolder(m.Devices)
	m.Plug("midiC1D0")
	ports.next()
	ports.until("well", func([]Status) bool { return ports.Problem() == nil })
}

// refused says to a child that it is to run with no right to watch folders.
const refused = "DOWNBEAT_TEST_WATCHING_REFUSED"

// The test runs again in a user namespace of its own, whose limit of watches it may
// set.
func TestTheKernelRefusesToWatch(t *testing.T) {
	t.Parallel()
	if os.Getenv(refused) != "" {
		playWithoutWatch(t)
		return
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), refused+"=1")
	again.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := again.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM), bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("no user namespaces here: %v %s", err, out)
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	}
}

// playWithoutWatch plays while the kernel refuses to watch, and when it allows it.
func playWithoutWatch(t *testing.T) {
	const limit = "/proc/sys/user/max_inotify_instances"
	if err := os.WriteFile(limit, []byte("0"), 0); err != nil {
		t.Skipf("cannot limit watches: %v", err)
	}
	m := miditest.New(t)
	ports := run(t, m)
	ports.until("refused", func([]Status) bool {
		err := ports.Problem()
		return err != nil && strings.Contains(err.Error(), "max_user_instances")
	})
	k := m.Plug("midiC1D0")
	l := ports.next()
	k.Send(c4.Append(nil)...)
	l.expect(t, c4)
	if err := os.WriteFile(limit, []byte("10"), 0); err != nil {
		t.Fatal(err)
	}
	ports.until("watched again", func([]Status) bool { return ports.Problem() == nil })
	k.Unplug()
	l.expectEnd(t)
}
