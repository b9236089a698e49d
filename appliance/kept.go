package appliance

import (
	"slices"
	"time"

	"downbeat.local/appliance/people"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/web"
)

// kept lists what the box keeps, from the store and the settings as they are: tables
// first.
func (a *Appliance) kept() (all []web.Kept, err error) {
	stays := a.records.Stays()
	tableStays := map[*table.Table]time.Duration{
		table.Reflections: stays.Reflections, table.Sessions: stays.Reflections, table.CheckIns: stays.CheckIns,
	}
	for _, t := range tables {
		if t == table.LessonLibrary { // the box brings it
			continue
		}
		one := web.Kept{What: t.FullName(), Hours: hours(tableStays[t]), Fields: []string{}, OwnKey: t.Owner != "", School: a.carries(t)}
		if !uncounted(t) {
			n, err := a.store.CountTable(t)
			if err != nil {
				return nil, err
			}
			one.Rows = &n
		}
		for _, c := range t.Columns {
			one.Fields = append(one.Fields, c.Name)
		}
		all = append(all, one)
	}
	bucketStays := map[store.Bucket]time.Duration{
		store.Sessions: people.SessionIdle, store.Families: people.FamilyIdle, store.Messages: realtime.MaxTTL,
		store.Accesses: stays.Access, store.Visits: stays.Reflections, store.Talks: stays.Reflections,
	}
	for _, b := range store.Buckets() {
		one := web.Kept{What: string(b), Hours: hours(bucketStays[b]), Fields: []string{}, OwnKey: b == store.Children || b == store.Visits}
		n, err := a.store.Count(b)
		if err != nil {
			return nil, err
		}
		one.Rows = &n
		all = append(all, one)
	}
	return all, nil
}

func hours(d time.Duration) int { return int(d / time.Hour) }

// carries reports whether the rows of a table go to the school's database.
func (a *Appliance) carries(t *table.Table) bool {
	if a.cfg.Upstream == "" {
		return false
	}
	chosen, err := chosenTables(a.cfg.UpstreamTables)
	return err == nil && slices.Contains(chosen, t)
}
