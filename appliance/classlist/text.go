package classlist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxFile bounds a list, in bytes. A school's export of a class has a few KiB.
const MaxFile = 256 << 10

// ErrFile refuses a file in which there is no list of names.
var ErrFile = errors.New("no names in that file")

// decode returns the text of a file: UTF-8, UTF-16 with a byte order mark, or else
// Windows-1252, which is what spreadsheets wrote before.
func decode(raw []byte) (string, error) {
	switch {
	case len(raw) > MaxFile:
		return "", ErrTooMany
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return fromUTF16(raw[2:], binary.LittleEndian), nil
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return fromUTF16(raw[2:], binary.BigEndian), nil
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return "", ErrFile // a spreadsheet or a picture, not a text
	}
	if utf8.Valid(raw) {
		return string(raw), nil
	}
	return fromWindows(raw), nil
}

func fromUTF16(raw []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units))
}

// windows are the signs of Windows-1252 from 0x80 to 0x9f; all others are those of
// Latin-1.
var windows = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

func fromWindows(raw []byte) string {
	var text strings.Builder
	for _, b := range raw {
		if 0x80 <= b && b <= 0x9f {
			text.WriteRune(windows[b-0x80])
		} else {
			text.WriteRune(rune(b))
		}
	}
	return text.String()
}
