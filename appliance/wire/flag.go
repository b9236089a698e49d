package wire

import (
	"encoding/json"
	"strings"
)

// ParseFlag reads a boolean that was sent as text: true or false in any case, as
// supabase/realtime does. It reports false for anything else.
func ParseFlag(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// ReadFlag reads a JSON value that should be a boolean, or one as text. Nothing,
// null and blank text count as missing. It reports false for anything else.
func ReadFlag(raw json.RawMessage, missing bool) (value, ok bool) {
	if len(raw) == 0 {
		return missing, true
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return false, false
	}
	switch v := v.(type) {
	case nil:
		return missing, true
	case bool:
		return v, true
	case string:
		if strings.TrimSpace(v) == "" {
			return missing, true
		}
		return ParseFlag(v)
	}
	return false, false
}
