package realtime

import (
	"encoding/json"
	"fmt"
	"strings"

	"downbeat.local/appliance/wire"
)

// joinFields reads the fields of a join as the schema of supabase/realtime does:
// null counts as missing, and booleans may be text. It keeps the first problem. To
// guess would be worse than to refuse: a client that asks for a private channel
// must not end up in the public one.
type joinFields struct{ problem *Refusal }

// wrong keeps the problem of a field.
func (j *joinFields) wrong(field, want string) {
	if j.problem == nil {
		j.problem = &Refusal{Reason: fmt.Sprintf("InvalidJoinPayload: %s must be %s", field, want)}
	}
}

// read reads a field of one type. It returns the zero value for null.
func read[T any](j *joinFields, field string, raw json.RawMessage, want string) (v T) {
	if len(raw) > 0 && json.Unmarshal(raw, &v) != nil {
		j.wrong(field, want)
		var zero T
		return zero
	}
	return v
}

func (j *joinFields) object(field string, raw json.RawMessage) map[string]json.RawMessage {
	return read[map[string]json.RawMessage](j, field, raw, "an object")
}

func (j *joinFields) list(field string, raw json.RawMessage) []json.RawMessage {
	return read[[]json.RawMessage](j, field, raw, "a list")
}

func (j *joinFields) text(field string, raw json.RawMessage) string {
	return read[string](j, field, raw, "a string")
}

func (j *joinFields) flag(field string, raw json.RawMessage, missing bool) bool {
	value, ok := wire.ReadFlag(raw, missing)
	if !ok {
		j.wrong(field, "true or false")
	}
	return value
}

// changes reads the bindings of a join. Clients send null for a binding that they
// removed.
func (j *joinFields) changes(raw json.RawMessage) (all []json.RawMessage) {
	for i, entry := range j.list("config.postgres_changes", raw) {
		if j.object(fmt.Sprintf("config.postgres_changes[%d]", i), entry) != nil {
			all = append(all, entry)
		}
	}
	return all
}

// key reads a key of presence: text, or a number or a boolean as text.
func (j *joinFields) key(field string, raw json.RawMessage) string {
	key := strings.TrimSpace(string(raw))
	switch {
	case key == "" || key == "null":
		return ""
	case key[0] == '{' || key[0] == '[':
		j.wrong(field, "a string")
		return ""
	case key[0] == '"':
		key = j.text(field, raw)
	}
	if len(key) > wire.MaxTopic {
		j.wrong(field, fmt.Sprintf("at most %d bytes long", wire.MaxTopic))
	}
	return key
}
