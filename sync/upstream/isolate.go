package upstream

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// allRefused is how many rows of a table may be refused one after the other, and
// none taken, before the fault is the table's and not the rows'.
const allRefused = 20

// refusal is a row that the upstream will not take.
type refusal struct {
	row    Row
	reason string
}

// isolate sends a batch of which some rows cannot be taken, sets those aside and
// gets the others through. If no row passes, it sets none aside: then somebody
// has changed the upstream, and the rows wait.
func (u *Upstream) isolate(ctx context.Context, conn *pgx.Conn, b *batch) error {
	search := &search{Upstream: u, conn: conn, table: b.table}
	err := search.halve(ctx, b.rows)
	if errors.Is(err, errAllRefused) {
		u.hold(b.table.name, fmt.Sprintf("the school's database takes no row of table %s (%s)", b.table.name, search.refused[0].reason))
		return nil
	}
	if err != nil {
		return err
	}
	for _, r := range search.refused {
		u.log.Warn("a row cannot go upstream and is set aside", "table", r.row.Table, "reason", r.reason)
		if err := u.out.SetAside(r.row.Entry, r.reason); err != nil {
			return own(err)
		}
	}
	return nil
}

// search is the hunt for rows that cannot be taken.
type search struct {
	*Upstream
	conn    *pgx.Conn
	table   *prepared
	passed  int
	refused []refusal
}

// errAllRefused ends a search because no row passes.
var errAllRefused = errors.New("no row passes")

func (s *search) halve(ctx context.Context, rows []Row) error {
	packed, err := s.pack(rows)
	if err != nil {
		return err
	}
	err = s.transmit(ctx, s.conn, packed)
	if err == nil {
		s.passed += len(rows)
		return nil
	}
	p := explain(err)
	if p.kind != poison {
		return err
	}
	if len(rows) == 1 {
		if err := s.mayWrite(ctx, err); err != nil {
			return err
		}
		s.refused = append(s.refused, refusal{row: rows[0], reason: p.sentence})
		if s.passed == 0 && len(s.refused) >= allRefused {
			return errAllRefused
		}
		return nil
	}
	if err := s.halve(ctx, rows[:len(rows)/2]); err != nil {
		return err
	}
	return s.halve(ctx, rows[len(rows)/2:])
}

// mayWrite returns an error if it is the login that may not write, and not the
// row that cannot be written.
func (s *search) mayWrite(ctx context.Context, cause error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](cause); !ok || pg.Code != codeNoPrivilege {
		return nil
	}
	var may bool
	b := &pgx.Batch{}
	b.Queue(asBox, s.sender)
	b.Queue(`select downbeat.school() is not null and has_table_privilege($1, 'select')
		and has_table_privilege($1, 'insert') and has_table_privilege($1, 'update')`, s.table.name).
		QueryRow(func(row pgx.Row) error { return row.Scan(&may) })
	err := s.conn.SendBatch(ctx, b).Close()
	if err == nil && !may {
		err = held(Admission, sentenceNotAdmit)
	}
	return err
}
