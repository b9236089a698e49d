package wire_test

import (
	"encoding/json"
	"testing"

	"downbeat.local/appliance/wire"
)

func TestFlags(t *testing.T) {
	for text, want := range map[string]bool{
		`true`: true, `"true"`: true, `"True"`: true, `"TRUE"`: true, `"tRuE"`: true, `"\u0074rue"`: true,
		`false`: false, `"false"`: false, `"False"`: false, `"FALSE"`: false,
	} {
		for _, missing := range []bool{true, false} {
			if got, ok := wire.ReadFlag(json.RawMessage(text), missing); got != want || !ok {
				t.Errorf("%s is %v, %v", text, got, ok)
			}
		}
	}
	for _, text := range []string{``, `null`, `""`, `"  "`} {
		for _, missing := range []bool{true, false} {
			if got, ok := wire.ReadFlag(json.RawMessage(text), missing); got != missing || !ok {
				t.Errorf("%q is %v, %v, want %v", text, got, ok, missing)
			}
		}
	}
	for _, text := range []string{`1`, `0`, `"1"`, `"0"`, `"yes"`, `"on"`, `"t"`, `"true "`, `"falſe"`, `[]`, `{}`, `[true]`, `1.5`, `"null"`} {
		if got, ok := wire.ReadFlag(json.RawMessage(text), true); ok {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}
