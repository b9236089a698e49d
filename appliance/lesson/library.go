package lesson

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed library/*.json
var files embed.FS

// Brought is a plan that the box brings.
type Brought struct {
	ID    string          // a UUID, the same on every box
	Title string          // in English
	Body  json.RawMessage // the plan
}

// ids are those of the plans of the library, by the name of their file and in the
// order in which teachers see them.
var ids = []struct{ name, id string }{
	{"steady", "0d0b5ea7-0000-8000-8000-000000000001"},
	{"echo", "0d0b5ea7-0000-8000-8000-000000000002"},
	{"layers", "0d0b5ea7-0000-8000-8000-000000000003"},
	{"fivenotes", "0d0b5ea7-0000-8000-8000-000000000004"},
	{"fastslow", "0d0b5ea7-0000-8000-8000-000000000005"},
	{"listening", "0d0b5ea7-0000-8000-8000-000000000006"},
}

// Library returns the plans that the box brings. The error is about a damaged file
// of this package.
func Library() ([]Brought, error) {
	all := make([]Brought, 0, len(ids))
	for _, known := range ids {
		raw, err := files.ReadFile("library/" + known.name + ".json")
		if err != nil {
			return nil, err
		}
		plan, err := Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("lesson plan %s: %w", known.name, err)
		}
		all = append(all, Brought{ID: known.id, Title: plan.Title.In("en"), Body: raw})
	}
	return all, nil
}

// IsBrought reports whether an id is that of a plan that the box brings.
func IsBrought(id string) bool {
	return slices.ContainsFunc(ids, func(known struct{ name, id string }) bool { return strings.EqualFold(known.id, id) })
}
