package transport

import "time"

// follow is a log and how far a client has read it.
type follow struct {
	log    Log
	cursor uint64
	// before and latest are where the log was some time ago, while there is a
	// lane.
	before, latest uint64
	// behind says that the line has still to be given what is published.
	behind bool
}

// drain hands what the client has not read of the log to its line.
func (f *follow) drain(to outlet, sum *tally) {
	for {
		p, next := f.log.Take(f.cursor)
		if f.cursor = next; p.IsZero() {
			return
		}
		sum.add(to, p)
	}
}

// markEvery is how often a log's place is marked while a lane works.
const markEvery = 2 * time.Second

// mark remembers where a log is. A lane fails for a while before anybody knows;
// two marks ago it worked.
func (f *follow) mark(first bool) {
	if first {
		f.before, f.latest = f.cursor, f.cursor
		return
	}
	f.before, f.latest = f.latest, f.log.Head()
}

// rewind takes the log up from where the lane surely worked. What comes twice
// is the receiver's to drop.
func (f *follow) rewind() { f.cursor = f.before }
