package archive

// owner is whose a broadcast is. Each of the three has a bound.
type owner struct{ topic, writer, room string }

// usage is what is kept: rows, and bytes of payloads.
type usage struct{ rows, bytes int }

func (u usage) plus(v usage) usage { return usage{u.rows + v.rows, u.bytes + v.bytes} }

func (u usage) within(most usage) bool { return u.rows <= most.rows && u.bytes <= most.bytes }

// bounds are the most that is kept of one topic, writer and room, and of all.
type bounds struct{ topic, writer, room, box usage }

// usualBounds are no more than fits a small disk. Bytes count payloads; the file
// needs a third more. A room is a quarter of the box, so that a class which fills
// it leaves room for the next; a writer is a fifth of a room.
func usualBounds() bounds {
	return bounds{
		topic: usage{500, 8 << 20}, writer: usage{1000, 4 << 20},
		room: usage{5000, 16 << 20}, box: usage{20_000, 64 << 20},
	}
}

// usages are what is kept for each owner and for all. Archive.mu guards them.
type usages struct {
	most                bounds
	topic, writer, room map[string]usage
	box                 usage
}

func newUsages() usages {
	return usages{most: usualBounds(), topic: make(map[string]usage), writer: make(map[string]usage), room: make(map[string]usage)}
}

// add adds to what is kept for an owner, or takes away from it.
func (u *usages) add(of owner, n usage) {
	addTo(u.topic, of.topic, n)
	addTo(u.writer, of.writer, n)
	addTo(u.room, of.room, n)
	u.box = u.box.plus(n)
}

func addTo(all map[string]usage, key string, n usage) {
	if all[key] = all[key].plus(n); all[key].rows <= 0 {
		delete(all, key)
	}
}

// fits reports whether so much more may be kept for an owner. What the box itself
// keeps has no writer, and what belongs to no room no bound as one.
func (u *usages) fits(of owner, n usage) bool {
	return u.topic[of.topic].plus(n).within(u.most.topic) &&
		(of.writer == "" || u.writer[of.writer].plus(n).within(u.most.writer)) &&
		(of.room == "" || u.room[of.room].plus(n).within(u.most.room)) &&
		u.box.plus(n).within(u.most.box)
}
