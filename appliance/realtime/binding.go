package realtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/table"
)

// maxBindings is far more than a program needs.
const maxBindings = 100

// binding is one kind of row change that a client subscribes to.
type binding struct {
	id      int
	op      string       // table.OpInsert and so on, or "*"
	schema  string       // or "*"
	table   string       // or "*"
	only    *table.Table // nil unless the binding names one table
	filter  table.Filter
	columns []string // nil means all
	asked   map[string]json.RawMessage
}

// subscription is all bindings of a member.
type subscription struct {
	bindings []*binding
	wait     bool               // a problem refuses the join
	legacy   bool               // changes have the form from before supabase-js 2
	problem  string             // the first thing wrong with a binding; empty if none is
	refused  *cost.RefusedError // the client cannot pay for all bindings
	formKey  string             // the same for members that get the same bytes
	held     int64              // bytes, by the account of costs
}

// bindingBytes is what a binding holds besides its filter.
const bindingBytes = 1 << 10

// readSubscription reads the bindings of a member that may join. It charges the
// client for what they hold; the time that reading them takes is charged with the
// join's. The error is a *Refusal.
func (s *Session) readSubscription(m *Member, p joinPayload) error {
	p.Legacy = p.Legacy && m.director == nil
	if len(p.Changes) == 0 && !p.Legacy {
		m.subscription = s.parseSubscription(m.topic, p)
		return nil
	}
	if err := s.hub.cfg.Cost.MayWork(s.hello.Payer); err != nil {
		return errTooCostly(err)
	}
	m.subscription = s.parseSubscription(m.topic, p)
	c := m.subscription
	switch {
	case c.refused != nil:
		return errTooCostly(c.refused)
	case c.wait && c.problem != "":
		return &Refusal{Reason: "RealtimeDisabledForConfiguration: " + c.problem}
	}
	return nil
}

// errTooCostly refuses a join that costs more than the client may have. Clients
// try again by themselves.
func errTooCostly(err error) error {
	why := err.Error()
	if refused, ok := errors.AsType[*Refusal](err); ok {
		why = refused.Message
	}
	return &Refusal{Reason: "ClientJoinRateLimitReached: " + why}
}

// payment charges a subscription of the session's client.
func (s *Session) payment(c *subscription) *table.Payment {
	return &table.Payment{Patterns: s.hub.patterns, Charge: func(bytes int) error {
		err := s.hub.cfg.Cost.Hold(cost.Filters, s.hello.Payer, int64(bytes))
		if err == nil {
			c.held += int64(bytes)
		}
		return err
	}}
}

// free gives back what a subscription holds.
func (s *Session) free(c subscription) {
	s.hub.cfg.Cost.Free(cost.Filters, s.hello.Payer, c.held)
}

// parseSubscription reads the bindings of a join. A wrong binding is no error:
// a system message tells the client, and the channel works.
func (s *Session) parseSubscription(topic string, p joinPayload) subscription {
	c := subscription{wait: p.Wait, legacy: p.Legacy}
	if c.legacy {
		p.Changes = s.hub.askedByTopic(subtopic(topic))
	}
	c.formKey = fmt.Sprint(topic, " ", s.hello.Version, " ", c.legacy)
	pay := s.payment(&c)
	for _, raw := range p.Changes {
		asked := object(raw)
		if len(c.bindings) == maxBindings {
			c.problem = fmt.Sprintf("Too many subscriptions: at most %d a channel.", maxBindings)
			break
		}
		b, err := s.hub.bind(asked, len(raw), pay)
		if c.refused, _ = errors.AsType[*cost.RefusedError](err); c.refused != nil {
			break
		}
		if err != nil && c.problem == "" {
			c.problem = b.refused(err)
		}
		c.bindings = append(c.bindings, b)
		c.formKey += fmt.Sprint(" ", b.id)
	}
	return c
}

// bind reads one binding of some bytes. It is never nil; with an error it never
// matches.
func (h *Hub) bind(asked map[string]json.RawMessage, bytes int, pay *table.Payment) (*binding, error) {
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
	err := pay.Charge(bindingBytes + bytes)
	if err == nil {
		err = b.find(h.cfg.Tables, pay)
	}
	if err != nil {
		b.op = "" // matches nothing
	}
	return b, err
}

// find finds the table of a binding, and reads its filter and its columns.
func (b *binding) find(tables []*table.Table, pay *table.Payment) (err error) {
	for _, field := range []string{"event", "schema", "table", "filter"} {
		if raw := b.asked[field]; len(raw) > 0 && raw[0] != '"' && string(raw) != "null" {
			return badBinding("No subscription params provided. Please provide at least a `schema` or `table` to subscribe to: the " + field + " is no text")
		}
	}
	if b.columns, err = parseSelect(b.asked["select"]); err != nil {
		return err
	}
	filter := strings.TrimSpace(text(b.asked["filter"]))
	switch wide := b.schema == "*" || b.table == "*"; {
	case wide && b.columns != nil:
		return badBinding("Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.")
	case wide && filter != "":
		return badBinding("A filter is not supported for wildcard subscriptions. Provide an explicit schema and table name.")
	case wide:
		return nil
	}
	i := slices.IndexFunc(tables, func(t *table.Table) bool { return t.Schema == b.schema && t.Name == b.table })
	if i < 0 {
		return errNoTable
	}
	b.only = tables[i]
	if b.filter, err = b.only.ParseFilter(filter, pay); err != nil {
		return err
	}
	return b.only.CheckSelection(b.columns)
}

// badBinding is the error for a binding that makes no sense for any table.
type badBinding string

// Error returns the whole message for the client.
func (b badBinding) Error() string { return string(b) }

var errNoTable = errors.New("there is no such table")

// parseSelect reads the columns of a binding; nil means all. What is no text in
// the list does not count.
func parseSelect(raw json.RawMessage) (columns []string, err error) {
	if len(raw) > 0 && raw[0] == '"' {
		return nil, badBinding("Error parsing `select` params: expected a list of column name strings, e.g. select: [\"col1\", \"col2\"]")
	}
	var list []json.RawMessage
	_ = json.Unmarshal(raw, &list)
	for _, one := range list {
		if len(one) > 0 && one[0] == '"' {
			columns = append(columns, text(one))
		}
	}
	return columns, nil
}

// hash is the binding's id. Equal bindings have equal ids, so that a change is
// encoded once for all members with the same subscription.
func (b *binding) hash() int {
	sum := fnv.New32a()
	for _, field := range []string{"event", "schema", "table", "filter", "select"} {
		_, _ = fmt.Fprintf(sum, "%q", b.asked[field]) // never fails
	}
	return int(sum.Sum32() >> 1) // positive everywhere
}

// refused says why a binding never matches, in the words of supabase/realtime.
func (b *binding) refused(err error) string {
	if problem, ok := errors.AsType[badBinding](err); ok {
		return problem.Error()
	}
	problem, ok := errors.AsType[*table.Error](err)
	switch {
	case !ok:
		return "Unable to subscribe to changes with given parameters. " +
			"Please check Realtime is enabled for the given connect parameters: [" + b.parameters() + "]: " + err.Error()
	case problem.Code == table.CodeSyntax:
		return problem.Error()
	}
	return "Unable to subscribe to changes with given parameters. " +
		"An exception happened so please check your connect parameters: [" + b.parameters() + "]. " +
		"Exception: ERROR " + problem.Code + " (" + problem.Condition() + ") " + problem.Error()
}

// parameters lists what the binding asked for.
func (b *binding) parameters() string {
	event := text(b.asked["event"])
	if event == "" {
		event = "*"
	}
	return fmt.Sprintf("event: %s, schema: %s, table: %s, filters: [%s], select: %s",
		event, b.schema, b.table, text(b.asked["filter"]), orNil(b.columns))
}

func orNil(columns []string) string {
	if columns == nil {
		return "nil"
	}
	return "[" + strings.Join(columns, ", ") + "]"
}

// matches reports whether a change is what the binding asked for, as far as there
// is time.
func (b *binding) matches(c table.Change, inTime func() bool) bool {
	return (b.op == "*" || b.op == c.Op) &&
		(b.schema == "*" || b.schema == c.Table.Schema) &&
		(b.table == "*" || b.table == c.Table.Name) &&
		b.filter.MatchWhile(inTime, c.Row())
}

// reply is the bindings in the answer to a join: what the client asked for, in
// order, each with its id. A client that finds a difference ends its channel.
func (c subscription) reply() []byte {
	all := make([]map[string]json.RawMessage, 0, len(c.bindings))
	for _, b := range c.bindings {
		one := map[string]json.RawMessage{"id": mustJSON(b.id)}
		for name, value := range b.asked {
			if name != "id" {
				one[name] = value
			}
		}
		all = append(all, one)
	}
	return mustJSON(map[string]any{"postgres_changes": all})
}

// filters reports whether any binding has a filter.
func (c subscription) filters() bool {
	return slices.ContainsFunc(c.bindings, func(b *binding) bool { return len(b.filter) > 0 })
}

// matching returns the ids of the bindings that match a change, and the
// columns that any of them selects; nil means all. What it returns means nothing
// once there is no more time.
func (c subscription) matching(change table.Change, inTime func() bool) (ids []int, columns []string) {
	all := false
	for _, b := range c.bindings {
		if !b.matches(change, inTime) {
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
