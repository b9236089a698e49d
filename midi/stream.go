package midi

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"
)

// senseTimeout is how long a port that sends active sensing may be silent before
// its keys count as lost. Senders send it every 300 ms at most (MIDI 1.0); 10 %
// more forgives a slow clock.
const senseTimeout = 330 * time.Millisecond

// stream is an open MIDI input.
type stream struct {
	port   Port
	file   source
	framed bool // the bytes come in frames
}

// source is the file of an input.
type source interface {
	io.ReadCloser
	SetReadDeadline(t time.Time) error
}

// openStream opens an input. The error is ErrUnplugged, or one sentence that says
// what to do.
func openStream(p Port) (*stream, error) {
	file, framed, err := openInput(p)
	if err != nil {
		return nil, err
	}
	return &stream{port: p, file: file, framed: framed}, nil
}

// openInput opens the file of an input. It reports whether the bytes come in
// frames. The errors are those of openStream.
func openInput(p Port) (file *os.File, framed bool, err error) {
	if file, err = openPort(p, os.O_RDONLY); err != nil {
		return nil, false, p.explain(err)
	}
	return file, prepareInput(file), nil
}

// read hands on the bytes that the port sends, with how long ago they came, until
// ctx ends or the port fails. It calls lost when a port that sent active sensing
// falls silent while it holds something. At rest nobody waits for that, because to
// wait costs more than to read. The error is ErrUnplugged, context.Cause(ctx), or a
// sentence.
func (s *stream) read(ctx context.Context, take func([]byte, time.Duration), holds func() bool, lost func()) error {
	stop := context.AfterFunc(ctx, func() { _ = s.file.SetReadDeadline(longAgo) }) // ends the read below
	defer stop()
	if err := s.file.SetReadDeadline(time.Time{}); err != nil { // of an earlier read
		return s.port.explain(err)
	}
	sensing, waiting := false, false // waiting: the file has a deadline
	var came time.Time               // when bytes came last
	heard := func(b []byte, ago time.Duration) {
		sensing = sensing || bytes.IndexByte(b, ActiveSensing) >= 0 // no other message contains it
		take(b, ago)
	}
	buffer := make([]byte, 4<<10)
	for ctx.Err() == nil {
		n, err := s.file.Read(buffer)
		if now := time.Now(); n > 0 {
			sensing = sensing && now.Sub(came) <= senseTimeout // it was silent at rest
			came = now
		}
		s.unpack(buffer[:n], heard)
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			sensing, waiting = false, false
			lost()
			err = s.file.SetReadDeadline(time.Time{})
		case err == nil && sensing && holds():
			waiting = true
			err = s.file.SetReadDeadline(time.Now().Add(senseTimeout))
		case err == nil && waiting:
			waiting = false
			err = s.file.SetReadDeadline(time.Time{})
		}
		if err != nil && ctx.Err() == nil {
			return s.port.explain(err)
		}
	}
	return context.Cause(ctx)
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// A frame of the kernel is struct snd_rawmidi_framing_tstamp of sound/asound.h:
// kind, length, two bytes for later, nanoseconds, seconds, data.
const (
	frameSize = 32
	frameHead = 16
)

// unpack hands on the bytes that were read together.
func (s *stream) unpack(read []byte, take func([]byte, time.Duration)) {
	if !s.framed {
		take(read, 0)
		return
	}
	for now := monotonic(); len(read) >= frameSize; read = read[frameSize:] {
		came := time.Duration(binary.NativeEndian.Uint64(read[8:]))*time.Second +
			time.Duration(binary.NativeEndian.Uint32(read[4:]))
		data := read[frameHead:min(frameSize, frameHead+int(read[1]))]
		if read[0] == 0 { // other kinds are for later kernels
			take(data, max(0, now-came))
		}
	}
}
