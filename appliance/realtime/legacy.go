package realtime

import (
	"encoding/json"
	"slices"
	"strings"

	"downbeat.local/appliance/table"
)

// Clients before supabase-js 2 (August 2022) name what they subscribe to in the
// topic, "realtime:public:lesson_plans:title=eq.Rain", and join without a
// config. A change reaches them under the name of its operation, "INSERT", with
// the change itself as the payload (supabase/realtime, realtime_channel.ex and
// message_dispatcher.ex).

// askedByTopic returns the one binding that such a topic stands for, given
// without "realtime:". It returns nil if the box has no tables of that schema:
// then the topic is an ordinary name, such as "lobby".
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
