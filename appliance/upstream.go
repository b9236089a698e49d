package appliance

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/web"
	"downbeat.local/sync/upstream"
)

// carriedTables are the tables that go to the school's database, unless
// Config.UpstreamTables names some of them.
var carriedTables = []*table.Table{table.LessonPlans, table.Reflections}

// optionalTables go there only if Config.UpstreamTables names them.
var optionalTables = []*table.Table{table.CheckIns}

// CarriedTables are the names of the tables that go to the school's database by
// default.
func CarriedTables() []string { return namesOf(carriedTables) }

// OptionalTables are the names of those that go there only if they are named.
func OptionalTables() []string { return namesOf(optionalTables) }

func namesOf(tables []*table.Table) (names []string) {
	for _, t := range tables {
		names = append(names, t.Name)
	}
	return names
}

// chosenTables are the tables of those names; without names carriedTables.
func chosenTables(names []string) (chosen []*table.Table, err error) {
	if len(names) == 0 {
		return carriedTables, nil
	}
	all := slices.Concat(carriedTables, optionalTables)
	for _, name := range names {
		i := slices.IndexFunc(all, func(t *table.Table) bool { return t.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no table %q goes to the school's database, there are %s", name, strings.Join(namesOf(all), ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// openUpstream prepares the sync with the school's database, if there is one.
// Without it the box goes on noting what has changed, once there was one.
func (a *Appliance) openUpstream() error {
	if a.cfg.Upstream == "" {
		return nil
	}
	chosen, err := chosenTables(a.cfg.UpstreamTables)
	if err != nil {
		return err
	}
	if err := a.store.Carry(chosen); err != nil {
		return err
	}
	shared := make([]upstream.Table, len(chosen))
	for i, t := range chosen {
		shared[i] = sharedTable(t)
	}
	a.upstream, err = upstream.New(upstream.Config{
		URL: a.cfg.Upstream, Outbox: a.store.Outbox(), Store: &carriedRows{store: a.store, log: a.log}, Tables: shared, Log: a.log,
	})
	return err
}

// sealedColumn has the words of private rows upstream.
const sealedColumn = "sealed"

// sharedTable describes a table to the sync. Hidden columns stay here. A deleted
// row says no more whose it was.
func sharedTable(t *table.Table) upstream.Table {
	s := upstream.Table{Schema: t.Schema, Name: t.Name, Key: t.Key, Private: t.Private != nil, Uncounted: uncounted(t)}
	for _, c := range t.Columns {
		if !c.Hidden {
			required := c.Required && c.Name != t.Owner && !slices.Contains(t.Words, c.Name)
			s.Columns = append(s.Columns, upstream.Column{Name: c.Name, Type: c.SQL(), Required: required})
		}
	}
	if s.Private {
		s.Columns = append(s.Columns, upstream.Column{Name: sealedColumn, Type: "bytea"})
	}
	return s
}

// uncounted reports whether nobody may know how many rows a table has: the number of
// check-ins would say who may be asked.
func uncounted(t *table.Table) bool { return t == table.CheckIns }

// uncountedName is uncounted by the full name of a table.
func uncountedName(name string) bool {
	t := carriedTable(name)
	return t != nil && uncounted(t)
}

// carriedRows is the store as the sync sees it.
type carriedRows struct {
	store *store.Store
	log   logger
}

// logger is the part of a log that carriedRows needs.
type logger interface{ Warn(msg string, args ...any) }

func (c *carriedRows) Outgoing(after uint64, rows, bytes int, skip func(string) bool) ([]upstream.Row, error) {
	waiting, err := c.store.Outgoing(after, rows, bytes, skip)
	out := make([]upstream.Row, len(waiting))
	for i, w := range waiting {
		out[i] = upstream.Row{Entry: w.Entry, Values: w.Row}
		if w.Sealed != nil {
			w.Row[sealedColumn] = `\x` + hex.EncodeToString(w.Sealed)
		}
	}
	return out, err
}

// Apply leaves out rows that this box cannot hold: an administrator's times before
// the year 1, or rows of a newer box that this one refuses.
func (c *carriedRows) Apply(ctx context.Context, name string, changes []upstream.Change, cursor string, at any) error {
	t := carriedTable(name)
	incoming := make([]store.Incoming, 0, len(changes))
	for _, change := range changes {
		in := store.Incoming{Key: change.Key, Version: change.Version}
		if change.Row != nil {
			row, err := t.Received(change.Row, change.Version.At.Wall())
			if err != nil {
				c.log.Warn("a row of the school's database does not fit this box", "table", name, "err", problemCode(err))
				continue
			}
			in.Row = row
		}
		incoming = append(incoming, in)
	}
	kept, err := store.JSON(store.Settings, cursor, at)
	if err != nil {
		return err
	}
	_, err = c.store.Rows(t, table.Full()).Apply(ctx, incoming, kept)
	return err
}

// problemCode is an error without the values of a row.
func problemCode(err error) string {
	if p, ok := errors.AsType[*table.Error](err); ok {
		return p.Code
	}
	return "not a row"
}

func carriedTable(name string) *table.Table {
	for _, t := range slices.Concat(carriedTables, optionalTables) {
		if t.FullName() == name {
			return t
		}
	}
	return nil
}

func (c *carriedRows) Requeue() error { return c.store.Requeue() }

func (c *carriedRows) Get(name string, v any) (bool, error) {
	return c.store.Get(store.Settings, name, v)
}

func (c *carriedRows) Put(ctx context.Context, name string, v any) error {
	return c.store.Put(ctx, store.Settings, name, v)
}

// syncOfPages tells pages and monitors how the sync stands; nil without an
// upstream.
func (a *Appliance) syncOfPages() func() *web.Sync {
	if a.upstream == nil {
		return nil
	}
	return func() *web.Sync {
		st, err := a.upstream.Status()
		if err != nil {
			a.log.Error("cannot read what waits for the school's database", "err", err)
			return &web.Sync{State: string(upstream.Paused), Problem: "the box cannot read its own data", Stuck: true}
		}
		return &web.Sync{
			State: string(st.State), Pending: st.Pending, OldestS: st.Lag.Seconds(), Aside: st.Aside,
			Stuck: st.Stuck, Problem: st.Problem, Reason: string(st.Reason), Warning: st.Warning, Reasons: st.Reasons,
		}
	}
}

// atSchool tells students whether a row of a table has reached the school; nil
// without an upstream.
func (a *Appliance) atSchool() func(t *table.Table, id string) (bool, error) {
	if a.upstream == nil {
		return nil
	}
	return func(t *table.Table, id string) (bool, error) { return a.store.Outbox().Reached(t.FullName(), id) }
}

// migrateTimeout bounds an administrator's migration.
const migrateTimeout = 10 * time.Minute

// MigrateUpstream brings a Postgres to the schema of this version, and returns
// what it applied.
func MigrateUpstream(ctx context.Context, url string) ([]string, error) {
	if err := upstream.ParseURL(url); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, migrateTimeout)
	defer cancel()
	return upstream.Migrate(ctx, url)
}
