package discovery

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// maxQuestions is how many questions of one packet are answered.
const maxQuestions = 64

// legacyTTL is how long an asker that is no multicast DNS host may keep an
// answer, in seconds: it does not hear when the answer changes (§6.7).
const legacyTTL = 10

// query answers a query or a probe.
func (l *link) query(now time.Time, p packet, m *dns.Msg) {
	f := familyOf(p.from.Addr())
	if len(m.Question) == 0 {
		l.outboxes[f].forget(p.from, m.Answer) // the rest of what a truncated query knows (§7.2)
		return
	}
	isProbe := len(m.Ns) > 0
	if isProbe {
		l.breakTies(now, m)
	}
	legacy := p.from.Port() != mdnsPort
	var unicast, multicast []dns.RR
	complete := true // the box alone can answer all questions
	for _, q := range m.Question[:min(len(m.Question), maxQuestions)] {
		found := withoutKnown(l.answer(q), m.Answer)
		complete = complete && len(found) > 0
		asked := legacy || !p.multicast || q.Qclass&unicastBit != 0
		if asked {
			unicast = append(unicast, found...)
		}
		if !asked || isProbe { // everybody may hear a defence
			multicast = append(multicast, found...)
		}
	}
	switch {
	case legacy:
		l.answerLegacy(p.from, m, unicast)
		return
	case len(unicast) > 0:
		l.answerUnicast(p.from, unicast)
		multicast = append(multicast, l.outboxes[f].stale(now, unicast)...)
	}
	if len(multicast) == 0 {
		return
	}
	delay := time.Duration(0)
	switch {
	case isProbe: // the other is waiting 250 ms
	case m.Truncated:
		delay = 400*time.Millisecond + rand.N(100*time.Millisecond) // §7.2
	case !complete:
		delay = 20*time.Millisecond + rand.N(100*time.Millisecond) // §6: others answer too
	}
	l.outboxes[f].add(now, delay, p.from, multicast, isProbe)
	if delay == 0 {
		l.flush(now, f)
	}
}

// answer returns the records that a question asks for. If the name is the box's
// and has none of that type, that is the answer.
func (l *link) answer(q dns.Question) []dns.RR {
	if class := q.Qclass &^ unicastBit; class != dns.ClassINET && class != dns.ClassANY {
		return nil
	}
	all := l.records(q.Name)
	if len(all) == 0 {
		return nil
	}
	found := slices.DeleteFunc(slices.Clone(all), func(rr dns.RR) bool {
		return q.Qtype != dns.TypeANY && rr.Header().Rrtype != q.Qtype
	})
	if len(found) == 0 {
		found = append(found, nonexistence(all[0].Header().Name, typesOf(all)))
	}
	return found
}

func typesOf(all []dns.RR) (types []uint16) {
	for _, rr := range all {
		types = append(types, rr.Header().Rrtype)
	}
	return types
}

// additional returns what the asker will ask for next: the addresses of a
// service, the other family of a host, or that there is none.
func (l *link) additional(answer []dns.RR) (more []dns.RR) {
	have := map[string]bool{}
	for _, rr := range answer {
		have[keyOf(rr)] = true
	}
	add := func(rr dns.RR) {
		if key := keyOf(rr); !have[key] {
			have[key] = true
			more = append(more, rr)
		}
	}
	for _, rr := range answer {
		name := rr.Header().Name
		switch rr := rr.(type) {
		case *dns.SRV:
			name = rr.Target
		case *dns.A, *dns.AAAA:
		default:
			continue
		}
		all := l.records(name)
		for _, rr := range all {
			add(rr)
		}
		if types := typesOf(all); !slices.Contains(types, dns.TypeA) || !slices.Contains(types, dns.TypeAAAA) {
			add(nonexistence(name, types))
		}
	}
	return more
}

// answerLegacy answers a plain DNS client, in its own terms (§6.7).
func (l *link) answerLegacy(to netip.AddrPort, query *dns.Msg, answer []dns.RR) {
	if len(answer) == 0 || !l.iface.reaches(to.Addr()) {
		return
	}
	m := response(answer)
	m.Id, m.Question = query.Id, query.Question
	for _, rr := range m.Answer {
		rr.Header().Ttl = legacyTTL
	}
	l.transmit(to, m)
}

// answerUnicast answers a host of multicast DNS alone (§5.4).
func (l *link) answerUnicast(to netip.AddrPort, answer []dns.RR) {
	if !l.iface.reaches(to.Addr()) {
		return
	}
	m := response(flushing(answer))
	m.Extra = flushing(l.additional(answer))
	l.transmit(to, m)
}

// flush multicasts the answers that wait.
func (l *link) flush(now time.Time, f family) {
	answer := l.outboxes[f].take()
	if len(answer) == 0 {
		return
	}
	m := response(flushing(answer))
	extra := l.additional(answer)
	m.Extra = flushing(extra)
	l.multicastOver(f, m)
	l.outboxes[f].wasSent(now, append(answer, extra...))
}

// breakTies handles another host that probes for a name for which the box probes
// too (§8.2).
func (l *link) breakTies(now time.Time, m *dns.Msg) {
	for _, c := range l.claims() {
		if c.stage != probing || c.sent == 0 {
			continue
		}
		var theirs []dns.RR
		foreign := false
		for _, rr := range m.Ns {
			if strings.EqualFold(rr.Header().Name, c.name) {
				theirs = append(theirs, rr)
				foreign = foreign || !l.r.isMine(now, addressOf(rr))
			}
		}
		if foreign && compareProbes(l.addresses(c.name), theirs) < 0 {
			c.loseTie(now)
		}
	}
}

// response looks for other devices that use the box's names, and drops answers
// that somebody else has just given.
func (l *link) response(now time.Time, f family, m *dns.Msg) {
	l.outboxes[f].drop(m.Answer)
	taken := map[*claim]bool{}
	for _, rr := range slices.Concat(m.Answer, m.Extra) {
		c := l.claimOf(rr.Header().Name)
		if c == nil || !leads(rr) || taken[c] || l.r.isMine(now, addressOf(rr)) {
			continue
		}
		if rr.Header().Ttl == 0 {
			c.released(now)
		} else {
			taken[c] = true
		}
	}
	for _, c := range l.claims() {
		if taken[c] {
			l.conflict(now, c)
		}
	}
}

// leads reports whether a record says where a name leads. Others, such as host
// information, may be of another program of this machine.
func leads(rr dns.RR) bool {
	return addressOf(rr).IsValid() || rr.Header().Rrtype == dns.TypeCNAME
}

// conflict handles another device that answers for a name (§9). A name that was
// the box's is probed for again: the other may be late, and one of the two keeps
// it. A name that the other has is left to it.
func (l *link) conflict(now time.Time, c *claim) {
	switch c.stage {
	case owned:
		wasHost := l.host() == c.name
		l.retire(c)
		c.probe(now.Add(c.pause(now, 0)))
		if wasHost {
			l.own.announce(now)
		}
	case lost:
		c.heard(now)
	case probing:
		if c == l.own {
			l.r.rename(now, c)
		} else {
			c.lose(now)
		}
	}
}
