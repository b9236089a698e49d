package table

import (
	"strings"
	"time"
)

// Caller is the author of a request, as their token describes them.
type Caller struct {
	Role    string // of the token: anon, authenticated or service_role
	Teacher bool   // a teacher's token or a service key
	Subject string // the caller's own id; empty if the token has none
	Room    string // the code of the one room that the token is for; empty means no certain one
	Left    bool   // had a seat in that room, and has none now
	// Child is the child of a class list who sits there; empty if nobody knows.
	Child string
	// Consent says that the child may be asked how they feel.
	Consent bool
	// CheckIn is the id of the check-in that runs in the room; empty if none does.
	CheckIn string
	// Session is the session that the room is in now; empty if it is closed.
	Session string
	// Sat knows who sat on the caller's seat in other sessions; nil knows nobody.
	Sat Sat
}

// Sat says which child sat on a seat in a session, and whether they may be asked how
// they feel. The child is empty if nobody knows.
type Sat interface {
	In(session string) (child string, consent bool)
}

// in is the caller as they were in the session of a row. A row may come after another
// session has begun: it is of the child who sat there then, and answers no check-in
// that runs now. A row without a session is of now.
func (c Caller) in(row Row) Caller {
	session, _ := row["session_id"].(string)
	if c.Sat == nil || session == "" || strings.EqualFold(session, c.Session) {
		return c
	}
	c.Child, c.Consent = c.Sat.In(strings.ToLower(session))
	c.CheckIn = ""
	return c
}

// Group is a set of callers.
type Group int

// The groups of callers.
const (
	Everyone Group = iota // any of Supabase's roles
	Members               // authenticated callers with an id of their own
	Teachers              // teachers and the school's programs
	Services              // the school's programs
	Leavers               // members who have lost their seat; they are in no other group
)

// The roles of a token, as Supabase names them.
const (
	anon          = "anon"
	authenticated = "authenticated"
	service       = "service_role"
)

func (g Group) holds(c Caller) bool {
	if c.Left {
		return g == Leavers
	}
	switch g {
	case Everyone:
		return c.Teacher || c.Role == anon || c.Role == authenticated
	case Members:
		return c.Role == authenticated && c.Subject != ""
	case Teachers:
		return c.Teacher
	case Services:
		return c.Role == service
	}
	return false
}

// Verb is a set of actions on rows.
type Verb int

// The actions.
const (
	Select Verb = 1 << iota // read rows and see their changes
	Insert
	Update
	Delete
	Write = Insert | Update | Delete
)

// Rule allows a group some actions on the rows that fit all its conditions.
type Rule struct {
	Who  Group
	May  Verb
	Rows Filter // keeps the rows; empty means every row
	// Own names a column with the id of the row's author. The rule is for the
	// caller's own rows.
	Own string
	// Child makes the rule one for the rows of the caller's child as well.
	Child bool
	// Consent makes the rule one for callers whose child may be asked how they feel.
	Consent bool
	// Room names a column with the code of the row's room. The rule is for rows
	// of the caller's room. It is also for rows without a room, and callers
	// without a certain room have it for all.
	Room string
}

// fits reports whether the rule is for that row and caller.
func (r *Rule) fits(c Caller, row Row) bool {
	if r.Consent && !c.Consent {
		return false
	}
	if r.Own != "" {
		own, _ := row[r.Own].(string)
		if own == "" || !strings.EqualFold(own, c.Subject) && (!r.Child || own != c.Child) {
			return false
		}
	}
	if r.Room != "" && c.Room != "" {
		if of, _ := row[r.Room].(string); of != "" && of != c.Room {
			return false
		}
	}
	return r.Rows.Match(row)
}

// Policy is all rules of a table. What no rule allows is forbidden.
type Policy []Rule

// For returns the rights of one caller.
func (p Policy) For(c Caller) Rights {
	r := Rights{caller: c, stamps: true}
	for _, rule := range p {
		if rule.Who.holds(c) {
			r.rules = append(r.rules, rule)
		}
	}
	return r
}

// Rights is what one caller may do with the rows of a table. The zero value
// allows nothing.
type Rights struct {
	caller Caller
	stamps bool // new rows get the stamps of their columns
	rules  []Rule
}

// Full allows everything, for the box itself.
func Full() Rights { return Rights{rules: []Rule{{May: Select | Write}}} }

// May reports whether the caller may do all actions of v to a row.
func (r Rights) May(v Verb, row Row) bool {
	caller := r.caller.in(row)
	for i := range r.rules {
		if rule := &r.rules[i]; v&rule.May != 0 && rule.fits(caller, row) {
			v &^= rule.May
		}
	}
	return v == 0
}

// Any reports whether there may be a row to which the caller may do all actions
// of v. Callers ask before they read a request's body.
func (r Rights) Any(v Verb) bool {
	for _, rule := range r.rules {
		v &^= rule.May
	}
	return v == 0
}

// Sees reports whether the caller may see a change: whether they may read the
// row as it is now or, after a delete, as it was.
func (r Rights) Sees(c Change) bool { return r.May(Select, c.Row()) }

// Make is [Table.Make] for a row of the caller: its columns get their stamps.
func (r Rights) Make(t *Table, values Row, at time.Time) (Row, error) {
	if !r.stamps {
		return t.Make(values, at)
	}
	if err := t.known(values); err != nil {
		return nil, err
	}
	caller := r.caller.in(values)
	return t.make(values, at, func(c *Column, sent any) any {
		if c.Stamp == nil {
			return sent
		}
		return c.Stamp(caller, sent)
	})
}
