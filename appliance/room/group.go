package room

import (
	"encoding/json"
	"fmt"

	"downbeat.local/appliance/wire"
)

// Group is a group of a class, 1 to 8. 0 is none, and null in JSON.
type Group uint8

// MarshalJSON implements json.Marshaler.
func (g Group) MarshalJSON() ([]byte, error) {
	if g == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(uint8(g))
}

// place is where the members of the group listen.
func (g Group) place() wire.Place { return wire.Place(g) }

func badGroup(name string) error {
	return badPayload(fmt.Sprintf("%s must be a group from 1 to %d, or null.", name, wire.Groups))
}

// group reads a group, which may be null but not missing.
func (p request) group(name string) (Group, error) {
	raw, ok := p[name]
	if !ok {
		return 0, badGroup(name)
	}
	return readGroup(name, raw)
}

func readGroup(name string, raw json.RawMessage) (Group, error) {
	if string(raw) == "null" {
		return 0, nil
	}
	n, err := request{name: raw}.whole(name, 1, wire.Groups)
	if err != nil {
		return 0, badGroup(name)
	}
	return Group(n), nil
}

// groups reads the groups of so many members: one for all of them, or a list with
// one for each.
func (p request) groups(name string, members int) ([]Group, error) {
	var list []json.RawMessage
	if !p.read(name, &list) {
		one, err := p.group(name)
		groups := make([]Group, members)
		for i := range groups {
			groups[i] = one
		}
		return groups, err
	}
	if len(list) != members {
		return nil, badPayload(name + " must be one group, or a list as long as student_id.")
	}
	groups := make([]Group, members)
	for i, raw := range list {
		var err error
		if groups[i], err = readGroup(name, raw); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// assignGroup puts students into groups: one or several, all into one group or each
// into their own. Each group is one change.
func (c command) assignGroup() ([]Change, error) {
	students, err := c.students()
	if err != nil {
		return nil, err
	}
	groups, err := c.groups("group", len(students))
	if err != nil {
		return nil, err
	}
	c.remember(undoGroup, students, func(i int) bool { return students[i].Group != groups[i] })
	return c.room.regroup(students, groups, c.isList("student_id")), nil
}

// regroup gives each of some members a group. With asList the changes name lists of
// members, as the teacher did.
func (r *Room) regroup(members []*seated, groups []Group, asList bool) (changes []Change) {
	var ids [wire.Groups + 1][]string
	for i, m := range members {
		m.Group = groups[i]
		ids[groups[i]] = append(ids[groups[i]], m.ID)
	}
	for group, ids := range ids {
		if len(ids) > 0 {
			changes = append(changes, r.revision.groupAssigned(ids, Group(group), asList))
		}
	}
	return changes
}
