package records

import (
	"context"
	"fmt"

	"downbeat.local/appliance/table"
)

// Adopt makes what a seat wrote in a session the words of the child who sits
// there, because they entered their music name after they wrote.
func (r *Records) Adopt(ctx context.Context, seat, session, child string) error {
	owner := r.cfg.Table.Owner
	filter, err := r.cfg.Table.ParseFilter(owner+"=eq."+seat+",session_id=eq."+session, nil)
	if err != nil {
		return err
	}
	if _, err := r.cfg.Store.Rows(r.cfg.Table, table.Full()).Update(ctx, filter, table.Row{owner: child}, nil); err != nil {
		return fmt.Errorf("adopt words: %w", err)
	}
	return nil
}

// Own returns all that a child has written, oldest first, for the child alone.
func (r *Records) Own(ctx context.Context, child string) ([]table.Row, error) {
	return r.own(ctx, r.cfg.Table, child)
}

func (r *Records) own(ctx context.Context, t *table.Table, child string) ([]table.Row, error) {
	rows, err := r.all(ctx, t, t.Owner+"=eq."+child)
	for i, row := range rows {
		rows[i] = t.Project(row, nil)
	}
	return rows, err
}
