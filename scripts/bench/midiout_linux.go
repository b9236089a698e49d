package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
	"downbeat.local/appliance/wire"
	"downbeat.local/midi"
	"downbeat.local/midi/miditest"
	"downbeat.local/sync/clock"
)

// The rows of MIDI clock: the box, and a loop that does nothing but send ticks.
const (
	clockRow      = "MIDI clock"
	clockFloorRow = "bare timer loop"
)

// clockBPM is the fastest tempo of a room: 120 ticks a second.
const clockBPM = clock.MaxBPM

// notesOutRow is the row of notes to a MIDI output.
const notesOutRow = "notes to a MIDI output"

// midiOutputs measures what the box sends to MIDI outputs: how soon a note leaves
// that a member plays, and how late the ticks of MIDI clock leave, by the room's timeline.
// The device is a pseudo-terminal. The floor is a process of its own with a thread
// that sleeps until each tick, by the kernel's clock, and writes it.
func (s servers) midiOutputs(binary string) []row {
	return []row{
		{name: clockFloorRow, measure: bareClock},
		{name: clockRow, measure: inDevices(func(devices string, each time.Duration) (result, error) {
			return s.onFresh(binary, rooms[:1], []string{"--midi-devices", devices}, func(p *process) (result, error) {
				return boxClock(p, devices, each)
			})
		})},
		{name: notesOutRow, measure: inDevices(func(devices string, each time.Duration) (result, error) {
			return s.onFresh(binary, rooms[:1], []string{"--midi-devices", devices}, func(p *process) (result, error) {
				return boxNotes(p, devices, each)
			})
		})},
	}
}

// boxClock plugs a device in, sends it the clock, and listens.
func boxClock(p *process, devices string, each time.Duration) (result, error) {
	side, err := plugInOutput(p, devices, room.OutputWish{Clock: new(true)})
	if err != nil {
		return result{}, err
	}
	defer func() { _ = side.Close() }()
	begun := p.meter()
	line, err := p.startBeat(rooms[0])
	if err != nil {
		return result{}, err
	}
	r, err := listenForTicks(side, line, each)
	begun.read().into(&r)
	r.cpu = 0 // nothing is delivered
	return r, err
}

// plugInOutput makes the file of a device appear that the box can play, and has it
// play. What is sent to the device can be read from the file that it returns.
func plugInOutput(p *process, devices string, wish room.OutputWish) (*os.File, error) {
	side, path, err := miditest.OpenTerminal()
	if err != nil {
		return nil, err
	}
	err = os.Symlink(path, filepath.Join(devices, deviceName))
	if err == nil {
		err = p.changeOutput(wish)
	}
	if err != nil {
		return nil, errors.Join(err, side.Close())
	}
	return side, nil
}

// changeOutput changes what the only output plays, once it is plugged in.
func (p *process) changeOutput(wish room.OutputWish) error {
	for range 100 {
		ports, err := p.midiPorts()
		if err != nil {
			return err
		}
		if len(ports.Outputs) > 0 {
			return p.post("/box/v1/keyboards", web.AssignRequest{ID: ports.Outputs[0].ID, Output: &wish})
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the box sees no output")
}

// startBeat starts the beat of a room, and returns its timeline.
func (p *process) startBeat(code string) (line clock.Timeline, err error) {
	listener, err := jsonPlayer(p, code, 0)
	if err != nil {
		return line, err
	}
	defer func() { _ = listener.conn.Close() }()
	commands := fmt.Sprintf(`{"messages":[{"topic":%[1]q,"event":"set_count_in","payload":{"bars":0}},`+
		`{"topic":%[1]q,"event":"set_tempo","payload":{"bpm":%[2]d}},{"topic":%[1]q,"event":"start","payload":{}}]}`,
		wire.RoomPrefix+code, clockBPM)
	if err := newCaller(p).post("/realtime/v1/api/broadcast", commands, http.StatusAccepted); err != nil {
		return line, err
	}
	for !line.Running {
		_, raw, err := listener.conn.ReadMessage()
		if err != nil {
			return line, err
		}
		b, err := wire.DecodeBroadcast(raw)
		if err == nil && b.Event == wire.EventTempoChanged {
			if err := json.Unmarshal(b.Payload, &line); err != nil {
				return line, err
			}
		}
	}
	return line, nil
}

// listenForTicks measures how late the ticks of a timeline come.
func listenForTicks(side *os.File, line clock.Timeline, each time.Duration) (result, error) {
	want := int(each.Seconds() * clockBPM / 60 * 24)
	var late []float64
	tick := 0
	err := listen(side, func(m midi.Message, now clock.Millis) (more bool) {
		switch m.Status {
		case midi.SongPosition: // it started late
			tick = 6 * (int(m.Data1) | int(m.Data2)<<7)
		case midi.Clock:
			late = append(late, float64(now-line.TimeOf(float64(tick)/24)))
			tick++
		}
		return len(late) < want
	})
	r := result{sent: want, delivered: len(late), latency: classroom.Summarize(late)}
	if err == nil {
		r.figures = histogram(late)
	}
	return r, err
}

// listen hands on the messages that a device is sent, with their times, while take
// wants more.
func listen(side *os.File, take func(midi.Message, clock.Millis) (more bool)) error {
	runtime.LockOSThread() // a thread that waits in the kernel sees a byte as soon as it is there
	defer runtime.UnlockOSThread()
	fd := int(side.Fd())
	var parser midi.Parser
	for buf := make([]byte, 64); ; {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, silence)
		if err == nil && n == 0 {
			return errors.New("the device is sent nothing more")
		}
		if err == nil {
			n, err = unix.Read(fd, buf)
		}
		if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			return err
		}
		now := clock.Now()
		for _, b := range buf[:max(n, 0)] {
			if m, ok := parser.Feed(b); ok && !take(m, now) {
				return nil
			}
		}
	}
}

// silence is how long a device may be sent nothing, in milliseconds.
const silence = 5000

// histogram is the shares of values below some bounds, in per cent.
func histogram(ms []float64) map[string]float64 {
	shares := make(map[string]float64)
	for _, bound := range []float64{0.05, 0.1, 0.2, 0.5, 1, 2, 5} {
		below := 0
		for _, v := range ms {
			if v < bound {
				below++
			}
		}
		shares[fmt.Sprintf("within %.2f ms, %%", bound)] = 100 * float64(below) / float64(len(ms))
	}
	return shares
}

// bareClock measures the floor.
func bareClock(each time.Duration) (result, error) {
	side, path, err := miditest.OpenTerminal()
	if err != nil {
		return result{}, err
	}
	defer func() { _ = side.Close() }()
	line := clock.Timeline{Running: true, BPM: clockBPM, Meter: 4, Time0: clock.Now().Add(500 * time.Millisecond)}
	cmd, err := self("clock", path, strconv.FormatFloat(float64(line.Time0), 'f', -1, 64), each.String())
	if err != nil {
		return result{}, err
	}
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	r, err := listenForTicks(side, line, each)
	return r, errors.Join(err, cmd.Wait())
}

// tickBarely writes ticks to a device at their times, from a moment on.
func tickBarely(path, from, each string) error {
	device, err := os.OpenFile(path, os.O_WRONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = device.Close() }()
	start, err := strconv.ParseFloat(from, 64)
	if err != nil {
		return err
	}
	span, err := time.ParseDuration(each)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	line := clock.Timeline{Running: true, BPM: clockBPM, Time0: clock.Millis(start)}
	for tick := range int(span.Seconds()*clockBPM/60*24) + 1 {
		at := unix.NsecToTimespec(int64(float64(line.TimeOf(float64(tick)/24)) * 1e6))
		for errors.Is(unix.ClockNanosleep(unix.CLOCK_BOOTTIME, unix.TIMER_ABSTIME, &at, nil), unix.EINTR) {
		}
		if _, err := unix.Write(int(device.Fd()), []byte{midi.Clock}); err != nil {
			return err
		}
	}
	return nil
}

// boxNotes plays notes as a member, and listens to the device that is sent them.
func boxNotes(p *process, devices string, each time.Duration) (result, error) {
	all := room.WhoseAll
	side, err := plugInOutput(p, devices, room.OutputWish{Notes: &all})
	if err != nil {
		return result{}, err
	}
	defer func() { _ = side.Close() }()
	member, err := framePlayer(p, rooms[0], 0)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = member.conn.Close() }()
	time.Sleep(settle)
	var took []float64
	_, err = paced(each, keyRate, func(n int) error {
		played := clock.Now()
		if err := member.conn.WriteMessage(member.note(n+1, float64(played))); err != nil {
			return err
		}
		return listen(side, func(m midi.Message, now clock.Millis) (more bool) {
			if m.Kind() != midi.NoteOn {
				return true
			}
			took = append(took, float64(now-played))
			return false
		})
	})
	return result{sent: len(took), delivered: len(took), latency: classroom.Summarize(took)}, err
}

// clockTargets prints how late ticks are behind the terminal, beside the floor.
func clockTargets(m map[string]result) {
	box, ok := m[clockRow]
	floor, measured := m[clockFloorRow]
	if ok && measured {
		figure("MIDI clock in a terminal: p99 ms", box.latency.P99)
		figure("MIDI clock in a terminal: p99 of the bare timer loop, ms", floor.latency.P99)
	}
}
