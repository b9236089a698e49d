package realtime

import (
	"encoding/json"
	"slices"
	"strings"

	"downbeat.local/appliance/table"
)

// Clients before supabase-js 2 (August 2022) say in the topic what they listen
// to, "realtime:public:lesson_plans:title=eq.Rain", and join without a config.
// They are told of a change under the name of what happened, "INSERT", with
// the change itself as the payload (supabase/realtime, realtime_channel.ex and
// message_dispatcher.ex).

// askedByTopic is the one subscription that such a topic, given without
// "realtime:", stands for. It is nil if the box has no tables of that schema:
// then the name means nothing but itself, as "lobby" does.
func (h *Hub) askedByTopic(topic string) []json.RawMessage {
	parts := strings.SplitN(topic, ":", 3)
	if parts[0] != "*" && !slices.ContainsFunc(h.cfg.Tables, func(t *table.Table) bool { return t.Schema == parts[0] }) {
		return nil
	}
	asked := map[string]string{}
	for i, field := range []string{"schema", "table", "filter"}[:len(parts)] {
		asked[field] = parts[i]
	}
	return []json.RawMessage{mustJSON(asked)}
}
