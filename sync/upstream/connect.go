package upstream

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The deadlines of the network. A half-open connection costs no longer.
const (
	connectTimeout = 15 * time.Second
	// answerTimeout bounds a batch. A batch that takes longer is cut in half.
	answerTimeout = 20 * time.Second
	closeTimeout  = 2 * time.Second
)

// ParseURL checks the address of an upstream. Its error shows no password.
func ParseURL(url string) error {
	_, err := parseURL(url)
	return err
}

func parseURL(url string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the upstream is not an address of the form postgres://name:password@host/database")
	}
	cfg.ConnectTimeout = connectTimeout
	// Statements without names and without a round trip of their own: they work
	// through a pooler, and a batch is one round trip.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "downbeat"
	}
	return cfg, nil
}

func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	cfg, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	return pgx.ConnectConfig(ctx, cfg)
}

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = conn.Close(ctx) // it may be dead already
}

// boxRole is the role whose policies bind the box, whatever its login may do.
const boxRole = "downbeat_box"

// asBox begins every transaction: the policies apply, and the triggers know that
// a box writes. It holds until the end of the transaction, so that it works
// through a pooler.
const asBox = "select set_config('role', '" + boxRole + "', true), set_config('downbeat.sender', $1, true)"

// server is what a connection learns about the upstream.
type server struct {
	epoch  string    // of the database
	now    time.Time // by its clock
	schema int       // the version of its schema
	batch  int64     // the last batch that it has from this box
	run    string    // the run that sent it; "" without one
	rules  string    // of all constraints, to notice when one has changed
	// columns has the type of every column by table.
	columns map[string]map[string]string
}

// look checks that the upstream is one that this box can work with, and how far
// it has come. The error is a *problem that says who has to do what.
func (u *Upstream) look(ctx context.Context, conn *pgx.Conn) (*server, error) {
	s := &server{}
	var prepared, member, strong bool
	err := conn.QueryRow(ctx, `select exists (select from pg_namespace where nspname = 'downbeat'),
			coalesce((select pg_has_role(session_user, oid, 'member') from pg_roles where rolname = $1), false),
			rolsuper or rolreplication or rolbypassrls
		from pg_roles where rolname = session_user`, boxRole).Scan(&prepared, &member, &strong)
	switch {
	case err != nil:
		return nil, err
	case !prepared:
		return nil, held(Outdated, "the school's database is not prepared: %s", sentenceMigrate)
	case strong:
		return nil, held(Admission, sentenceStrong)
	case !member:
		return nil, held(Admission, sentenceNotAdmit)
	}
	if err = u.readVersions(ctx, conn, s); err == nil {
		err = u.readColumns(ctx, conn, s)
	}
	if err != nil && explain(err).kind == poison { // no row was written yet: it is the login
		return nil, held(Admission, sentenceNotAdmit)
	}
	return s, err
}

// readVersions reads what is asked as a box.
func (u *Upstream) readVersions(ctx context.Context, conn *pgx.Conn, s *server) error {
	var oldestBox int
	var school *string
	b := &pgx.Batch{}
	b.Queue(asBox, u.sender)
	b.Queue("select coalesce(max(version), 0), coalesce(max(oldest_box), 0), downbeat.school() from downbeat.migrations").
		QueryRow(func(row pgx.Row) error { return row.Scan(&s.schema, &oldestBox, &school) })
	b.Queue(`select downbeat.epoch(), clock_timestamp(), coalesce(batch, 0), coalesce(run::text, '')
		from (values (1)) as one left join downbeat.boxes on sender = $1::text::uuid`, u.sender).
		QueryRow(func(row pgx.Row) error { return row.Scan(&s.epoch, &s.now, &s.batch, &s.run) })
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	switch {
	case s.schema < OldestSchema:
		return held(Outdated, "the school's database is of an older Downbeat: %s", sentenceMigrate)
	case oldestBox > Schema:
		return held(Outdated, "the school's database is of a newer Downbeat: this box has to be updated")
	case school == nil:
		return held(Admission, sentenceNotAdmit)
	}
	return nil
}

// readColumns reads the columns of the box's tables with their types, and the
// rules that rows must keep.
func (u *Upstream) readColumns(ctx context.Context, conn *pgx.Conn, s *server) error {
	names := make([]string, len(u.tables))
	for i, t := range u.tables {
		names[i] = t.name
	}
	s.columns = map[string]map[string]string{}
	b := &pgx.Batch{}
	b.Queue(`select t, attname, format_type(atttypid, -1)
		from unnest($1::text[]) as t join pg_attribute on attrelid = to_regclass(t) and attnum > 0 and not attisdropped`, names).
		Query(func(rows pgx.Rows) error {
			var name, column, sqlType string
			_, err := pgx.ForEachRow(rows, []any{&name, &column, &sqlType}, func() error {
				if s.columns[name] == nil {
					s.columns[name] = map[string]string{}
				}
				s.columns[name][column] = sqlType
				return nil
			})
			return err
		})
	b.Queue(`select md5(coalesce(string_agg(rule, ' ' order by rule), '')) from unnest($1::text[]) as t cross join lateral (
			select conname || pg_get_constraintdef(oid) from pg_constraint where conrelid = to_regclass(t)
			union all select attname || attnotnull from pg_attribute where attrelid = to_regclass(t) and attnum > 0
		) as rules(rule)`, names).
		QueryRow(func(row pgx.Row) error { return row.Scan(&s.rules) })
	return conn.SendBatch(ctx, b).Close()
}
