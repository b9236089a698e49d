package realtime

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/wire"
)

// Bounds of a row.
const (
	maxChange  = 1 << 20 // bytes; of a larger row only short values are sent
	shortValue = 64      // bytes, as JSON (supabase/realtime)
)

// confirmSubscription tells a member that changes come from now on, or why
// they do not.
func (m *Member) confirmSubscription() {
	if m.ready {
		m.system("ok", "Replication connection established")
	}
	switch {
	case len(m.subscription.bindings) == 0 && m.subscription.problem == "":
	case m.subscription.problem != "":
		m.systemOf("postgres_changes", "error", m.subscription.problem)
	default:
		m.systemOf("postgres_changes", "ok", "Subscribed to PostgreSQL")
	}
}

// subscribers are the members that have bindings to changes of rows.
type subscribers struct {
	mu      sync.Mutex // guards members
	members map[*Member]struct{}
}

// add adds a member, if they have bindings.
func (s *subscribers) add(m *Member) {
	if len(m.subscription.bindings) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !m.gone.Load() { // a member that has left is never removed
		s.members[m] = struct{}{}
	}
}

func (s *subscribers) remove(m *Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.members, m)
}

// all lists the members, those with the smallest filters first: they wait for no
// large ones, and get their part of the time of an address that they share.
func (s *subscribers) all() []*Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	bySize := func(a, b *Member) int { return cmp.Compare(a.subscription.held, b.subscription.held) }
	return slices.SortedFunc(maps.Keys(s.members), bySize)
}

// Changed sends a change of a row to every subscriber that may see it. Calls
// must not overlap. Filters may be slow, so the hub is not locked meanwhile.
func (h *Hub) Changed(c table.Change) {
	d := delivery{change: c, may: map[table.Caller]bool{}, forms: map[string]form{}, spent: map[string]time.Duration{}}
	for _, m := range h.subscribers.all() {
		if !m.gone.Load() {
			d.send(m)
		}
	}
}

// delivery is one change on its way to its subscribers. It is encoded once for
// all members with the same subscription.
type delivery struct {
	change table.Change
	may    map[table.Caller]bool
	forms  map[string]form          // by subscription.formKey
	spent  map[string]time.Duration // by cost.Payer.Worker, on filters
}

// form is a change as encoded for one subscription.
type form struct {
	packet  wire.Packet
	matches bool // false if the subscription does not include the change
}

func (d *delivery) send(m *Member) {
	if d.change.Missed > 0 {
		m.systemOf("postgres_changes", "error", fmt.Sprintf("%d changes were missed: read the tables again.", d.change.Missed))
	}
	f, known := d.forms[m.subscription.formKey]
	if !known {
		if f, known = d.paidForm(m); !known {
			return
		}
		d.forms[m.subscription.formKey] = f
	}
	if f.matches && d.allowed(m.Claims()) {
		m.session.hub.changes.Add(1)
		m.sendChange(f.packet, d.change.Request)
		m.session.hub.cfg.Read(m.Claims().Caller(), d.change.Table, []table.Row{d.change.Row()})
	}
}

// maxMatch is how long the filters of one address may take for one change, with
// the last condition beyond it. Everybody's changes wait for that.
const maxMatch = 50 * time.Millisecond

// paidForm is form at the cost of m. It reports false, and tells m, if their
// device has no more time: then another member with the same subscription pays,
// or none.
func (d *delivery) paidForm(m *Member) (f form, ok bool) {
	if !m.subscription.filters() {
		return d.form(m, func() bool { return true }), true
	}
	ledger, payer := m.session.hub.cfg.Cost, m.session.hello.Payer
	before := d.spent[payer.Worker()]
	if err := ledger.MayWork(payer); err != nil || before >= maxMatch && !payer.Staff {
		m.Inform("A change was left out: the filters of this device take too long.")
		return form{}, false
	}
	watch, late := cost.StartWatch(), false
	f = d.form(m, func() bool {
		late = late || !payer.Staff && before+watch.Read() >= maxMatch
		return !late
	})
	took := watch.Stop()
	d.spent[payer.Worker()] = before + took
	ledger.Worked(payer, took)
	return f, !late
}

// form encodes the change for all members with the subscription of m.
func (d *delivery) form(m *Member, inTime func() bool) form {
	ids, columns := m.subscription.matching(d.change, inTime)
	if len(ids) == 0 {
		return form{}
	}
	event, payload := "postgres_changes", any(dataOf(d.change, columns))
	if m.subscription.legacy {
		event = d.change.Op
	} else {
		payload = map[string]any{"ids": ids, "data": payload}
	}
	return form{wire.Envelope(m.session.hello.Version, wire.Ref{}, wire.Ref{}, m.topic, event, mustJSON(payload)), true}
}

// allowed reports whether the bearer of claims may see the change.
func (d *delivery) allowed(claims auth.Claims) bool {
	caller := claims.Caller()
	may, known := d.may[caller]
	if !known {
		may = d.change.Table.Policy.For(caller).Sees(d.change)
		d.may[caller] = may
	}
	return may
}

// columnType tells a client how to read a value.
type columnType struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// changeData is a change as clients read it. The old record holds only the key,
// which is the default of Postgres.
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
		if !col.Hidden && (columns == nil || col.Name == t.Key || slices.Contains(columns, col.Name)) {
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

// short keeps the short values of a row that is too large to send.
func short(row table.Row) table.Row {
	kept := table.Row{}
	for name, value := range row {
		if len(mustJSON(value)) <= shortValue {
			kept[name] = value
		}
	}
	return kept
}
