package upstream

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Table is a table that box and upstream share.
type Table struct {
	Schema, Name string
	Key          string // the column of the primary key
	Columns      []Column
	// Private rows are nobody's but the box's: of what changes upstream only
	// deletions are taken.
	Private bool
	// Uncounted rows are in no Status: how many wait would say who wrote them.
	Uncounted bool
}

// Column is one column of a Table.
type Column struct {
	Name     string
	Type     string // as SQL writes it: "timestamp with time zone"
	Required bool   // never null
}

// jsonb is the type whose values travel as JSON. Those of every other type
// travel as their text.
const jsonb = "jsonb"

// envelope is what upstream adds to the columns of a table: see carry in
// schema/0001_downbeat.sql.
var envelope = map[string]string{
	"hlc": "bigint", "time_q": "smallint", "schema_v": "integer", "deleted_at": "timestamp with time zone", "xid": "xid8",
}

// prepared is a table with its statements.
type prepared struct {
	Table
	name   string // with the schema: "public.lesson_plans"
	upsert string
	erase  string
	scan   string // all rows of others by key, after a key
	poll   string // rows of others by transaction, from one up to the horizon
}

func prepare(t Table) prepared {
	p := prepared{Table: t, name: t.Schema + "." + t.Name}
	table := pgx.Identifier{t.Schema, t.Name}.Sanitize()
	p.upsert = p.upsertInto(table)
	p.erase = p.eraseFrom(table)
	key, row := ident(t.Key), "to_jsonb(t)::text"
	where := ""
	if t.Private {
		row, where = "null", "t.deleted_at is not null and "
	}
	row = "select t." + key + "::text, t.xid::text, t.hlc, t.time_q, t.deleted_at is not null, " + row + " from " + table + " as t where " + where
	row += "t.box_id is distinct from $1::text::uuid and "
	p.scan = row + "t." + key + " > $2::text::uuid order by t." + key + " limit $3"
	p.poll = row + "(t.xid, t." + key + ") > ($2::text::xid8, $3::text::uuid) and t.xid < pg_snapshot_xmin(pg_current_snapshot())" +
		" order by t.xid, t." + key + " limit $4"
	return p
}

func ident(name string) string { return pgx.Identifier{name}.Sanitize() }

// upsertInto writes the statement that inserts rows and updates older ones. Its
// parameters are an array for each column, then versions and qualities, then
// the schema of this box. The school is asked for once: as the default of a column
// it takes four fifths of the time of the statement.
func (p *prepared) upsertInto(table string) string {
	var names, values, sets, arrays, aliases []string
	for i, c := range p.Columns {
		names = append(names, ident(c.Name))
		values = append(values, fmt.Sprintf("u.c%d::%s", i, c.Type))
		arrays = append(arrays, fmt.Sprintf("$%d::text[]", i+1))
		aliases = append(aliases, fmt.Sprintf("c%d", i))
		if c.Name != p.Key {
			sets = append(sets, ident(c.Name)+" = excluded."+ident(c.Name))
		}
	}
	n := len(p.Columns)
	return fmt.Sprintf(`insert into %s as t (%s, hlc, time_q, schema_v, school)
		select %s, u.h, u.q, $%d::int, (select downbeat.school()) from unnest(%s, $%d::bigint[], $%d::smallint[]) as u(%s, h, q)
		on conflict (%s) do update set %s, hlc = excluded.hlc, time_q = excluded.time_q, schema_v = excluded.schema_v, deleted_at = null
		where excluded.hlc > t.hlc`,
		table, strings.Join(names, ", "), strings.Join(values, ", "), n+3, strings.Join(arrays, ", "), n+1, n+2,
		strings.Join(aliases, ", "), ident(p.Key), strings.Join(sets, ", "))
}

// eraseFrom writes the statement that marks rows as deleted, and empties what may
// be empty: what a student has taken back is gone there too.
func (p *prepared) eraseFrom(table string) string {
	sets := ""
	for _, c := range p.Columns {
		if !c.Required {
			sets += ident(c.Name) + " = null, "
		}
	}
	return fmt.Sprintf(`update %s as t set %sdeleted_at = clock_timestamp(), hlc = u.h, time_q = u.q, schema_v = $4::int
		from unnest($1::text[], $2::bigint[], $3::smallint[]) as u(k, h, q)
		where t.%s = u.k::uuid and u.h > t.hlc`, table, sets, ident(p.Key))
}

// mismatch says what the upstream's table lacks; "" if it has all.
func (p *prepared) mismatch(columns map[string]string) string {
	if columns == nil {
		return fmt.Sprintf("the school's database has no table %s: %s", p.name, sentenceMigrate)
	}
	for _, c := range p.Columns {
		if columns[c.Name] != c.Type {
			return fmt.Sprintf("the table %s of the school's database has no column %s of type %s: %s", p.name, c.Name, c.Type, sentenceMigrate)
		}
	}
	for name, sqlType := range envelope {
		if columns[name] != sqlType {
			return fmt.Sprintf("the table %s of the school's database is not Downbeat's: an administrator has to rename it", p.name)
		}
	}
	return ""
}

// text writes a value of a row for its column; nil is null.
func (c Column) text(value any) (*string, error) {
	if value == nil {
		return nil, nil
	}
	text := ""
	switch v := value.(type) {
	case string:
		text = v
	case bool:
		text = strconv.FormatBool(v)
	case json.Number:
		text = v.String()
	}
	if c.Type == jsonb {
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		text = string(raw)
	}
	return &text, nil
}
