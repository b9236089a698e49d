package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/web"
	"downbeat.local/appliance/wire"
	"downbeat.local/midi"
	"downbeat.local/sync/clock"
)

// How a keyboard plays: notes a second, and how long it rests.
const (
	keyRate = 20
	keyRest = 3 * time.Second
)

// The rows of a MIDI keyboard, and its figures. The floor is a program that only
// copies the bytes of the device to a TCP connection.
const (
	keyboardRow      = "keyboard on the box"
	studentRow       = "keyboard on the box, to its student"
	keyboardFloorRow = "device to TCP, bare"
	keyboardIdle     = "% of a core while it sends active sensing"
)

// keyboard measures a MIDI keyboard that is plugged into the box, from its bytes
// to a listener. Its device is a named pipe, which the box's own driver reads.
func (s servers) keyboard(binary string) []row {
	return []row{
		{name: keyboardFloorRow, measure: inDevices(playBareKeys)},
		{name: keyboardRow, measure: s.played(binary, false)},
		{name: studentRow, measure: s.played(binary, true)},
	}
}

// played measures a keyboard on a box of its own. It has a seat of its own, or it
// plays as the student who listens.
func (s servers) played(binary string, student bool) func(time.Duration) (result, error) {
	return inDevices(func(devices string, each time.Duration) (result, error) {
		flags := []string{"--midi-devices", devices, "--frame-interval", "0"}
		return s.onFresh(binary, rooms[:1], flags, func(p *process) (result, error) {
			return playKeys(p, devices, student, each)
		})
	})
}

// inDevices measures with a folder for devices.
func inDevices(measure func(devices string, each time.Duration) (result, error)) func(time.Duration) (result, error) {
	return func(each time.Duration) (result, error) {
		devices, err := os.MkdirTemp("", "downbeat-bench-midi-")
		if err != nil {
			return result{}, err
		}
		defer func() { _ = os.RemoveAll(devices) }()
		return measure(devices, each)
	}
}

// playBareKeys plays the floor.
func playBareKeys(devices string, each time.Duration) (result, error) {
	pipe, err := plugIn(devices)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = pipe.Close() }()
	p, err := startSelf("device", filepath.Join(devices, deviceName))
	if err != nil {
		return result{}, err
	}
	defer p.stop()
	conn, err := net.Dial("tcp", p.addr)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = conn.Close() }()
	var arrived []float64
	var reading sync.WaitGroup
	reading.Go(func() {
		var parser midi.Parser
		for buf := make([]byte, 64); ; {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			for _, b := range buf[:n] {
				if m, ok := parser.Feed(b); ok && m.Kind() == midi.NoteOn {
					arrived = append(arrived, float64(clock.Now()))
				}
			}
		}
	})
	pressed, err := pressKeys(pipe, each)
	_ = conn.Close()
	reading.Wait()
	if err != nil {
		return result{}, err
	}
	r := result{sent: len(pressed), delivered: len(arrived), lost: len(pressed) - len(arrived)}
	var took []float64
	for n, at := range arrived {
		took = append(took, at-pressed[n])
	}
	r.latency = classroom.Summarize(took)
	return r, nil
}

// serveDevice copies the bytes of a device to a TCP connection.
func serveDevice(path string) error {
	device, err := os.Open(path)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	_, err = io.Copy(conn, device)
	return err
}

// playKeys plugs a keyboard in and plays it, as the student who listens if student
// is set.
func playKeys(p *process, devices string, student bool, each time.Duration) (result, error) {
	listener, err := framePlayer(p, rooms[0], 0)
	if err != nil {
		return result{}, err
	}
	var reading sync.WaitGroup
	reading.Go(listener.read)
	defer reading.Wait()
	defer func() { _ = listener.conn.Close() }()
	listener.counting.Store(true)
	pipe, err := plugIn(devices)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = pipe.Close() }()
	for before := listener.got.Load(); listener.got.Load() == before; time.Sleep(50 * time.Millisecond) {
		if _, err := pipe.Write([]byte{midi.NoteOn, warmUpKey, 90, warmUpKey, 0}); err != nil {
			return result{}, err
		}
	}
	if student {
		if err := p.giveKeyboard(); err != nil {
			return result{}, err
		}
	}
	time.Sleep(time.Second) // what it wrote before it was in the room
	m := p.meter()
	pressed, err := pressKeys(pipe, each)
	if err != nil {
		return result{}, err
	}
	spent := m.read()
	idle, err := restKeys(p, pipe)
	if err != nil {
		return result{}, err
	}
	_ = listener.conn.Close()
	reading.Wait()
	r := result{sent: len(pressed), figures: map[string]float64{keyboardIdle: idle}}
	var took []float64
	for _, a := range listener.arrived {
		for _, note := range pressesIn(a.message) {
			if note != warmUpKey && len(took) < len(pressed) {
				took = append(took, a.at-pressed[len(took)])
			}
		}
	}
	r.delivered, r.lost, r.latency = len(took), len(pressed)-len(took), classroom.Summarize(took)
	spent.into(&r)
	return r, nil
}

// giveKeyboard gives the only keyboard to the first seat of the only room.
func (p *process) giveKeyboard() error {
	seat, err := p.seat(rooms[0], 0)
	if err != nil {
		return err
	}
	ports, err := p.midiPorts()
	if err != nil {
		return err
	}
	if len(ports.Keyboards) != 1 {
		return fmt.Errorf("the box sees %d keyboards", len(ports.Keyboards))
	}
	return p.post("/box/v1/keyboards", web.AssignRequest{
		ID: ports.Keyboards[0].ID, Room: &rooms[0], StudentID: seat.Member.ID,
	})
}

// midiPorts lists the MIDI devices of the box, as its teacher sees them.
func (p *process) midiPorts() (ports web.KeyboardsReply, err error) {
	resp, err := p.teacher.Get("http://" + p.addr + "/box/v1/keyboards")
	if err != nil {
		return ports, err
	}
	defer func() { _ = resp.Body.Close() }()
	return ports, json.NewDecoder(resp.Body).Decode(&ports)
}

// warmUpKey is played until the keyboard is in the room.
const warmUpKey = 20

// deviceName is the file of the only device.
const deviceName = "midiC1D0"

// plugIn makes the file of a device appear, and keeps it open.
func plugIn(devices string) (*os.File, error) {
	made := filepath.Join(devices, "new")
	if err := syscall.Mkfifo(made, 0o600); err != nil {
		return nil, fmt.Errorf("make a keyboard: %w", err)
	}
	pipe, err := os.OpenFile(made, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return pipe, os.Rename(made, filepath.Join(devices, deviceName))
}

// pressKeys plays a scale, and returns when each key was pressed.
func pressKeys(pipe *os.File, each time.Duration) (pressed []float64, err error) {
	for n := range int(each.Seconds() * keyRate) {
		key := byte(60 + n%12)
		pressed = append(pressed, float64(clock.Now()))
		if _, err := pipe.Write([]byte{midi.NoteOn, key, 90}); err != nil {
			return pressed, err
		}
		time.Sleep(time.Second / keyRate)
		if _, err := pipe.Write([]byte{midi.NoteOff, key, 0}); err != nil {
			return pressed, err
		}
	}
	return pressed, nil
}

// restKeys sends active sensing as keyboards do, and returns the share of a core
// that the box uses meanwhile, in per cent.
func restKeys(p *process, pipe *os.File) (idle float64, err error) {
	before, began := p.cpu(), time.Now()
	for time.Since(began) < keyRest {
		if _, err := pipe.Write([]byte{midi.ActiveSensing}); err != nil {
			return 0, err
		}
		time.Sleep(270 * time.Millisecond)
	}
	return 100 * (p.cpu() - before).Seconds() / time.Since(began).Seconds(), nil
}

// pressesIn lists the keys that begin in a message.
func pressesIn(message []byte) (keys []uint8) {
	b, err := wire.DecodeBroadcast(message)
	if err != nil || b.Event != wire.EventNotes {
		return nil
	}
	frame, err := wire.DecodeRoomFrame(b.Payload)
	if err != nil {
		panic(err) // a frame of the box is always valid
	}
	for _, e := range frame.Events {
		if e.Velocity > 0 {
			keys = append(keys, e.Note)
		}
	}
	return keys
}
