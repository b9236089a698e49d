package upstreamtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPlansGoUpAndComeDown(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	b := runBox(t, "", s.admit("music1"))
	defer b.stop()
	b.insert("one", "two")
	eventually(t, "upstream", "one two", s.plans)
	b.must("PATCH", "lesson_plans?title=eq.one", map[string]any{"title": "uno", "body": nil})
	b.must("DELETE", "lesson_plans?title=eq.two", nil)
	eventually(t, "upstream", "uno", s.plans)
	s.exec("insert into lesson_plans (title) values ('three')")
	s.exec("update lesson_plans set title = 'eins' where title = 'uno'")
	eventually(t, "the box", "eins three", b.plans)
	s.exec("delete from lesson_plans where title = 'eins'")
	eventually(t, "the box", "three", b.plans)
}

// TestALateTransaction commits a row after others that began later. A reader that
// goes by time or by number loses it.
func TestALateTransaction(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	b := runBox(t, "", s.admit("music1"))
	s.exec("insert into lesson_plans (title) values ('before')")
	eventually(t, "the box", "before", b.plans)
	conn, err := pgx.Connect(t.Context(), s.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	late, err := conn.Begin(t.Context())
	if err == nil {
		_, err = late.Exec(t.Context(), "insert into lesson_plans (title) values ('late')")
	}
	if err != nil {
		t.Fatal(err)
	}
	s.exec("insert into lesson_plans (title) values ('early')")
	b.insert("here")
	eventually(t, "upstream", "before early here", s.plans)
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the box", "before early here late", b.plans)
	inStep(t, s, b)
}
