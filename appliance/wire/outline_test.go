package wire_test

import (
	"strings"
	"testing"

	"downbeat.local/appliance/wire"
)

// long is more than an outline keeps.
var long = strings.Repeat("x", 1<<17)

func TestOutlines(t *testing.T) {
	for name, frame := range map[string]string{
		"an object":           `["1","5","realtime:a","broadcast",{"event":"e","payload":{"a":["` + long + `",{}]}}]`,
		"a list":              `["1","5","realtime:a","broadcast",[[],["` + long + `"],"]}"]]`,
		"a word":              `["1","5","realtime:a","broadcast","` + long + `"]`,
		"quotes in words":     `["1","5","realtime:a","broadcast",{"a":"\"}]\\","b":"` + long + `\\"}]`,
		"many objects":        `["1","5","realtime:a","broadcast",[` + strings.Repeat(`{},`, 1<<16) + `{}]]`,
		"more behind it":      `["1","5","realtime:a","broadcast",{},"` + long + `",{}]`,
		"binary":              "\x03\x01\x01\x0a\x09\x00\x0115realtime:abroadcast" + `{"a":"` + long + `"}`,
		"binary, and bytes":   "\x03\x01\x01\x0a\x09\x00\x0015realtime:abroadcast" + long,
		"binary of Phoenix":   "\x00\x01\x01\x0a\x0915realtime:abroadcast" + long,
		"vsn 1":               `{"topic":"realtime:a","event":"broadcast","payload":{"ref":"6","a":"` + long + `"},"ref":"5","join_ref":"1"}`,
		"vsn 1, refs first":   `{"ref":"5", "join_ref":"1", "topic":"realtime:a","event":"broadcast","payload":"` + long + `"}`,
		"vsn 1, with a quote": `{"topic":"realtime:a","event":"broadcast","payload":["\",\"ref\":\"6\"}` + long + `"],"ref":"5","join_ref":"1"}`,
	} {
		binary := strings.HasPrefix(name, "binary")
		for _, size := range []int{7, 4096, len(frame)} {
			short := outline([]byte(frame), binary, size)
			m, err := wire.DecodeBinary(short)
			if !binary {
				version := wire.V2
				if strings.HasPrefix(name, "vsn 1") {
					version = wire.V1
				}
				m, err = wire.DecodeText(version, short)
			}
			if err != nil || m.Topic != "realtime:a" || m.Event != "broadcast" || m.Ref != wire.TextRef("5") || m.JoinRef != wire.TextRef("1") || len(short) > 4096 {
				t.Errorf("%s, in pieces of %d: %d bytes, %+v, %v", name, size, len(short), m, err)
			}
		}
	}
}

// A frame that makes no sense has no outline that does, and takes no room.
func TestOutlinesOfNonsense(t *testing.T) {
	for name, frame := range map[string]string{
		"nothing": "", "letters": long, "digits": "[" + strings.Repeat("1", 1<<20) + "]", "open": strings.Repeat("[", 1<<20), "closed": strings.Repeat("]", 1<<20),
		"empty objects": "[" + strings.Repeat("{},", 1<<20), "words": "[" + strings.Repeat(`"x",`, 1<<20), "an open word": `["1","` + long,
		"zeros": strings.Repeat("\x00", 1<<20), "binary": "\x03\xff\xff\xff\xff\xff\x01" + long, "binary of no kind": long,
	} {
		short := outline([]byte(frame), strings.HasPrefix(name, "binary"), 4096)
		_, text := wire.DecodeText(wire.V2, short)
		_, object := wire.DecodeText(wire.V1, short)
		if text == nil || object == nil || len(short) > 16<<10 {
			t.Errorf("%s: %.50q of %d bytes", name, short, len(short))
		}
	}
}
