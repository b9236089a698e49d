//go:build !linux

package main

import "errors"

// Only Linux has raw MIDI devices.

func (s servers) midiOutputs(string) []row { return nil }

func tickBarely(string, string, string) error { return errors.ErrUnsupported }

func clockTargets(map[string]result) {}
