package realtime

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// Bounds of a join, far above what a program needs.
const (
	maxBindings = 100
	maxChange   = 1 << 20 // bytes of a row; of a larger one only short values are told
	shortValue  = 64      // bytes, as JSON (supabase/realtime)
)

// binding is one subscription to changes of rows, as a client asked for it.
type binding struct {
	id      int
	op      string // table.OpInsert and so on, or "*"
	schema  string // or "*"
	table   string // or "*"
	only    *table.Table
	filter  table.Filter
	columns []string // nil means all
	asked   map[string]json.RawMessage
}

// changes is everything that a member listens to.
type changes struct {
	bindings []*binding
	wait     bool // the join is answered with what is wrong, if anything is
	legacy   bool // changes are told as before supabase-js 2
	problem  string
	alike    string // the same for members who are told the same bytes
}

// parseChanges reads the bindings of a join. What is wrong with one of them is
// no error: the client is told in a system message, and the channel works.
func (s *Session) parseChanges(topic string, p joinPayload) changes {
	c := changes{wait: p.Wait, legacy: p.Legacy}
	if c.legacy {
		p.Changes = s.hub.askedByTopic(subtopic(topic))
	}
	alike := fmt.Sprint(topic, " ", s.hello.Version, " ", c.legacy)
	for _, raw := range p.Changes {
		asked := object(raw)
		if asked == nil {
			continue // clients send null for bindings that have gone
		}
		if len(c.bindings) == maxBindings {
			c.problem = fmt.Sprintf("Too many subscriptions: at most %d a channel.", maxBindings)
			break
		}
		b, err := s.hub.bind(asked)
		if err != nil && c.problem == "" {
			c.problem = b.refused(err)
		}
		c.bindings = append(c.bindings, b)
		alike += fmt.Sprint(" ", b.id)
	}
	c.alike = alike
	return c
}

// bind understands one binding. With an error it never matches.
func (h *Hub) bind(asked map[string]json.RawMessage) (*binding, error) {
	b := &binding{
		op: strings.ToUpper(text(asked["event"])), schema: text(asked["schema"]), table: text(asked["table"]),
		asked: asked,
	}
	if b.op != table.OpInsert && b.op != table.OpUpdate && b.op != table.OpDelete {
		b.op = "*"
	}
	if b.schema == "" {
		b.schema = "public"
	}
	if b.table == "" {
		b.table = "*"
	}
	b.id = b.hash()
	filter := text(asked["filter"])
	_ = json.Unmarshal(asked["select"], &b.columns)
	if b.schema == "*" || b.table == "*" {
		if filter != "" || b.columns != nil {
			b.op = "" // matches nothing
			return b, fmt.Errorf("a filter and a selection need one table")
		}
		return b, nil
	}
	i := slices.IndexFunc(h.cfg.Tables, func(t *table.Table) bool { return t.Schema == b.schema && t.Name == b.table })
	if i < 0 {
		b.op = ""
		return b, fmt.Errorf("there is no such table")
	}
	b.only = h.cfg.Tables[i]
	err := b.narrow(filter)
	if err != nil {
		b.op = ""
	}
	return b, err
}

// narrow takes the filter and the columns of a binding to one table.
func (b *binding) narrow(filter string) (err error) {
	if filter != "" {
		if b.filter, err = b.only.ParseFilter(filter, nil); err != nil {
			return err
		}
	}
	return b.only.CheckSelection(b.columns)
}

// hash is the binding's id: the same for the same subscription, so that a
// change is encoded once for all who listen alike.
func (b *binding) hash() int {
	sum := fnv.New32a()
	for _, field := range []string{"event", "schema", "table", "filter", "select"} {
		_, _ = fmt.Fprintf(sum, "%q", b.asked[field]) // never fails
	}
	return int(sum.Sum32() >> 1) // positive everywhere
}

// refused says why a binding hears nothing, in the words of supabase/realtime
// and then in ours.
func (b *binding) refused(err error) string {
	field := func(name, none string) string {
		if v := text(b.asked[name]); v != "" {
			return v
		}
		return none
	}
	return fmt.Sprintf("Unable to subscribe to changes with given parameters. "+
		"Please check Realtime is enabled for the given connect parameters: "+
		"[event: %s, schema: %s, table: %s, filters: [%s], select: %s]: %v",
		field("event", "*"), b.schema, b.table, field("filter", ""), orNil(b.columns), err)
}

func orNil(columns []string) string {
	if columns == nil {
		return "nil"
	}
	return "[" + strings.Join(columns, ", ") + "]"
}

// hears reports whether a change is what the binding asked for.
func (b *binding) hears(c table.Change) bool {
	return (b.op == "*" || b.op == c.Op) &&
		(b.schema == "*" || b.schema == c.Table.Schema) &&
		(b.table == "*" || b.table == c.Table.Name) &&
		b.filter.Match(c.Row())
}

// reply is the bindings as the answer to a join has them: what was asked, in
// order, each with its id. The client compares and tears down on a difference.
func (c changes) reply() []byte {
	told := make([]map[string]json.RawMessage, 0, len(c.bindings))
	for _, b := range c.bindings {
		one := map[string]json.RawMessage{"id": mustJSON(b.id)}
		for name, value := range b.asked {
			if name != "id" {
				one[name] = value
			}
		}
		told = append(told, one)
	}
	return mustJSON(map[string]any{"postgres_changes": told})
}

// announce tells a member that he hears changes from now on, or why not.
func (m *Member) announceChanges() {
	if m.ready {
		m.system("ok", "Replication connection established")
	}
	switch {
	case len(m.changes.bindings) == 0 && m.changes.problem == "":
	case m.changes.problem != "":
		m.systemOf("postgres_changes", "error", m.changes.problem)
	default:
		m.systemOf("postgres_changes", "ok", "Subscribed to PostgreSQL")
	}
}

// listen and deafen keep the list of those who hear changes.
func (h *Hub) listen(m *Member) {
	if len(m.changes.bindings) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !m.gone.Load() { // or nobody would take him off the list
		h.listeners[m] = struct{}{}
	}
}

func (h *Hub) deafen(m *Member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, m)
}

// Changed tells everybody who listens and may know of it that a row has
// changed. It is called for one change after the other. Filters may take their
// time, so nobody waits for the hub meanwhile.
func (h *Hub) Changed(c table.Change) {
	t := telling{change: c, may: map[table.Caller]bool{}, forms: map[string]form{}}
	for _, m := range h.listening() {
		if !m.gone.Load() {
			t.tell(m)
		}
	}
}

// listening is everybody who hears changes now.
func (h *Hub) listening() []*Member {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.listeners))
}

// telling is one change on its way to many. It is encoded once for those who
// listen alike.
type telling struct {
	change table.Change
	may    map[table.Caller]bool
	forms  map[string]form // by changes.alike
}

// form is a change as some hear it, if it is for them.
type form struct {
	packet wire.Packet
	hears  bool
}

func (t *telling) tell(m *Member) {
	if t.change.Missed > 0 {
		m.systemOf("postgres_changes", "error", fmt.Sprintf("%d changes were missed: read the tables again.", t.change.Missed))
	}
	f, known := t.forms[m.changes.alike]
	if !known {
		f = t.form(m)
		t.forms[m.changes.alike] = f
	}
	if f.hears && t.allowed(m.Claims()) {
		m.session.hub.changes.Add(1)
		m.session.conn.Reply(f.packet)
	}
}

// form encodes the change for a member and all who listen alike.
func (t *telling) form(m *Member) form {
	ids, columns := m.changes.matching(t.change)
	if len(ids) == 0 {
		return form{}
	}
	event, payload := "postgres_changes", any(dataOf(t.change, columns))
	if m.changes.legacy {
		event = t.change.Op
	} else {
		payload = map[string]any{"ids": ids, "data": payload}
	}
	return form{wire.Envelope(m.session.hello.Version, wire.Ref{}, wire.Ref{}, m.topic, event, mustJSON(payload)), true}
}

// matching gives the ids of the bindings that hear a change, and the columns
// that any of them wants; nil means all.
func (c changes) matching(change table.Change) (ids []int, columns []string) {
	all := false
	for _, b := range c.bindings {
		if !b.hears(change) {
			continue
		}
		ids = append(ids, b.id)
		columns = append(columns, b.columns...)
		all = all || b.columns == nil
	}
	if all {
		columns = nil
	}
	return ids, columns
}

// allowed reports whether the bearer of claims may know of the change.
func (t *telling) allowed(claims auth.Claims) bool {
	caller := claims.Caller()
	may, known := t.may[caller]
	if !known {
		may = t.change.Table.Policy.For(caller).Sees(t.change)
		t.may[caller] = may
	}
	return may
}

// columnType is how a client learns what to make of a value.
type columnType struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// changeData is a change as clients read it. The old record holds the key
// alone, as Postgres has it unless a table says otherwise.
type changeData struct {
	Schema    string       `json:"schema"`
	Table     string       `json:"table"`
	Type      string       `json:"type"`
	At        string       `json:"commit_timestamp"`
	Columns   []columnType `json:"columns"`
	Record    table.Row    `json:"record,omitempty"`
	OldRecord table.Row    `json:"old_record,omitempty"`
	Errors    []string     `json:"errors"`
}

func dataOf(c table.Change, columns []string) changeData {
	t := c.Table
	d := changeData{Schema: t.Schema, Table: t.Name, Type: c.Op, At: c.At.UTC().Format("2006-01-02T15:04:05.000Z")}
	for _, col := range t.Columns {
		if columns == nil || col.Name == t.Key || slices.Contains(columns, col.Name) {
			d.Columns = append(d.Columns, columnType{col.Name, col.Type})
		}
	}
	if c.New != nil {
		d.Record = t.Project(c.New, columns)
	}
	if c.Old != nil {
		d.OldRecord = table.Row{t.Key: c.Old[t.Key]}
	}
	if len(mustJSON(d.Record)) > maxChange {
		d.Record, d.Errors = short(d.Record), []string{"Error 413: Payload Too Large"}
	}
	return d
}

// short is what is told of a row that is too large.
func short(row table.Row) table.Row {
	kept := table.Row{}
	for name, value := range row {
		if len(mustJSON(value)) <= shortValue {
			kept[name] = value
		}
	}
	return kept
}
