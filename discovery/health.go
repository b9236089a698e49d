package discovery

import (
	"errors"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

// Problem is why the names of a box do not work, as a word for programs. It is
// empty if nothing is known to be wrong.
type Problem string

// What may be wrong.
const (
	// PortTaken: another program of this machine has UDP port 5353 for itself.
	PortTaken Problem = "port_taken"
	// Failed: the sockets cannot be used for another reason.
	Failed Problem = "failed"
	// Deaf: this machine does not even hear its own multicast, as behind a
	// firewall of its own.
	Deaf Problem = "deaf"
	// Dropped: devices use the box, and none of them is heard by multicast. The
	// network keeps multicast from its devices, as many access points do.
	Dropped Problem = "dropped"
)

// Problems are all of them.
var Problems = []Problem{PortTaken, Failed, Deaf, Dropped}

// Sentence says what is wrong, for monitors. The pages have their own words.
func (p Problem) Sentence() string {
	switch p {
	case PortTaken:
		return "Another program of this machine has UDP port 5353 for itself, so the box has no name."
	case Failed:
		return "Multicast does not work on this machine, so the box has no name."
	case Deaf:
		return "This machine drops its own multicast (a firewall?), so nobody finds the box by name."
	case Dropped:
		return "The network drops multicast, so nobody finds the box by name."
	}
	return ""
}

// problemOf is the problem of sockets that fail.
func problemOf(err error) Problem {
	if errors.Is(err, syscall.EADDRINUSE) {
		return PortTaken
	}
	return Failed
}

// The box asks a question that many devices answer, to hear whether multicast
// passes.
const (
	checkEvery = 5 * time.Minute
	firstCheck = 10 * time.Second // after a network has come
	// suspectEvery is how often it asks until it is sure, and troubleEvery after that.
	suspectEvery = 5 * time.Second
	troubleEvery = 30 * time.Second
	// deafAfter is how many packets in a row must not have come back. One or two
	// may be lost while a link comes up.
	deafAfter = 4
	// echoTime is more than a packet takes to come back.
	echoTime = 2 * time.Second
	// enoughDevices are so many that one of them multicasts sooner or later: browsers
	// do when they join over WebRTC, and most systems do when they look for printers.
	enoughDevices = 5
	// heardLately is how long before the last of them came it counts.
	heardLately = 10 * time.Minute
	// unheardFor is how long after that none may be heard: four questions.
	unheardFor = 4 * suspectEvery
)

// health is what the responder knows of the way of its packets.
type health struct {
	check    time.Time // when to ask next
	stranger time.Time // when another machine was heard by multicast
	crowded  time.Time // since when many devices use the box; zero if few do
}

// hear notes a multicast packet: the machine's own, or another's.
func (r *responder) hear(now time.Time, l *link, p packet) {
	if _, mine := r.mine[p.from.Addr().WithZone("")]; mine {
		l.unechoed = 0
	} else {
		r.health.stranger = now
	}
}

// setDevices is told how many devices use the box now.
func (r *responder) setDevices(now time.Time, count int) {
	switch {
	case count < enoughDevices:
		r.health.crowded = time.Time{}
	case r.health.crowded.IsZero():
		r.health.crowded = now
		r.health.check = now
	}
}

// unheard reports whether many devices use the box and none was heard.
func (r *responder) unheard() bool {
	return !r.health.crowded.IsZero() && r.health.stranger.Before(r.health.crowded.Add(-heardLately))
}

// problem says what keeps the names from working.
func (r *responder) problem(now time.Time) Problem {
	for _, l := range r.links {
		if l.isDeaf(now) {
			return Deaf
		}
	}
	if r.unheard() && now.Sub(r.health.crowded) >= unheardFor {
		return Dropped
	}
	return ""
}

// isDeaf reports whether the packets that the machine sent do not come back.
func (l *link) isDeaf(now time.Time) bool {
	return l.unechoed >= deafAfter && now.Sub(l.sentAt) >= echoTime
}

// asks reports whether it is time to ask, and plans the next time.
func (r *responder) asks(now time.Time) bool {
	if !isDue(r.health.check, now) || len(r.links) == 0 {
		return false
	}
	every := checkEvery
	switch {
	case r.problem(now) != "":
		every = troubleEvery
	case r.unheard():
		every = suspectEvery
	}
	r.health.check = now.Add(every)
	return true
}

// ask asks which services there are (RFC 6763 §9).
func (l *link) ask() {
	m := new(dns.Msg)
	m.Question = []dns.Question{{Name: everyService, Qtype: dns.TypePTR, Qclass: dns.ClassINET}}
	l.multicast(m)
}

// everyService is the name under which services are listed.
const everyService = "_services._dns-sd._udp.local."
