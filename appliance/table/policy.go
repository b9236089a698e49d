package table

// Caller is who asks, as its token says.
type Caller struct {
	Role    string // of the token: anon, authenticated or service_role
	Teacher bool   // a teacher's token or a service key
}

// Group is a set of callers.
type Group int

// The groups of callers.
const (
	Everybody Group = iota // with any of Supabase's roles
	Teachers
)

func (g Group) holds(c Caller) bool {
	return c.Teacher || g == Everybody && (c.Role == "anon" || c.Role == "authenticated")
}

// Verb is a set of things to do to rows.
type Verb int

// What may be done to rows.
const (
	Select Verb = 1 << iota // read, and be told of changes
	Insert
	Update
	Delete
	Write = Insert | Update | Delete
)

// Rule lets a group do something to the rows that a filter keeps.
type Rule struct {
	Who  Group
	May  Verb
	Rows Filter // empty means every row
}

// Policy is what may be done; what no rule lets somebody do he may not.
type Policy []Rule

// For is what one caller may do.
func (p Policy) For(c Caller) Rights {
	var r Rights
	for _, rule := range p {
		if rule.Who.holds(c) {
			r.rules = append(r.rules, rule)
		}
	}
	return r
}

// Rights is what one caller may do to the rows of a table. Zero is nothing.
type Rights struct{ rules []Rule }

// Full is the right to do everything, for the box itself.
func Full() Rights { return Rights{rules: []Rule{{May: Select | Write}}} }

// May reports whether the caller may do all of that to a row.
func (r Rights) May(v Verb, row Row) bool {
	for _, rule := range r.rules {
		if v&rule.May != 0 && rule.Rows.Match(row) {
			v &^= rule.May
		}
	}
	return v == 0
}

// Hears reports whether the caller may be told of a change: whether he may
// read the row as it is now, or after a delete as it was.
func (r Rights) Hears(c Change) bool { return r.May(Select, c.Row()) }
