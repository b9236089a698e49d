// Package portmemory keeps what the box remembers of each MIDI port: where a
// keyboard plays, and what an output is sent.
//
// A port is known by its ID. One that has been plugged into another socket is
// known by its serial number, unless a twin is plugged in where it was.
package portmemory

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"

	"downbeat.local/appliance/store"
	"downbeat.local/midi"
)

// Memory is what is remembered of ports, by their IDs. One goroutine at a time may
// use it.
type Memory[T any] struct {
	store  *store.Store
	bucket store.Bucket
	log    *slog.Logger
	kept   map[string]T
}

// MaxPorts bounds how many ports a memory has. A device can give itself another
// serial number each time it is plugged in.
const MaxPorts = 256

// Open reads what a bucket remembers. Rows that cannot be read are left out.
func Open[T any](s *store.Store, bucket store.Bucket, log *slog.Logger) (*Memory[T], error) {
	rows, err := s.List(bucket)
	if err != nil {
		return nil, err
	}
	m := &Memory[T]{store: s, bucket: bucket, log: log, kept: make(map[string]T)}
	for _, row := range rows {
		var value T
		if err := json.Unmarshal(row.Value, &value); err != nil {
			log.Warn("cannot read what is known of a MIDI port", "port", row.Key, "err", err)
			continue
		}
		m.kept[row.Key] = value
	}
	return m, nil
}

// Find finds what is remembered of a port.
func (m *Memory[T]) Find(p midi.Port, plugged func(id string) bool) (value T, known bool) {
	if value, known = m.kept[p.ID()]; known {
		return value, true
	}
	for id, value := range m.kept {
		if p.Moved(id) && !plugged(id) {
			return value, true
		}
	}
	return value, false
}

// Set remembers a value of a port. moved reports whether what is remembered under
// an earlier ID of the same device is this port's: then it is forgotten. If the
// value cannot be stored, the box knows it until it stops.
func (m *Memory[T]) Set(ctx context.Context, p midi.Port, value T, moved func(id string, was T) bool) {
	id := p.ID()
	if was, known := m.kept[id]; known && equal(was, value) {
		return
	}
	var ops []store.Op
	for other, was := range m.kept {
		full := len(m.kept) >= MaxPorts && len(ops) == 0
		if other != id && (full || p.Moved(other) && moved(other, was)) {
			delete(m.kept, other)
			ops = append(ops, store.Op{Bucket: m.bucket, Key: other})
		}
	}
	m.kept[id] = value
	put, err := store.JSON(m.bucket, id, value)
	if err == nil {
		err = m.store.Write(ctx, append(ops, put)...)
	}
	if err != nil && ctx.Err() == nil {
		m.log.Warn("cannot remember a MIDI port", "port", id, "err", err)
	}
}

// equal reports whether two values are stored alike.
func equal(a, b any) bool {
	left, errLeft := json.Marshal(a)
	right, errRight := json.Marshal(b)
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}
