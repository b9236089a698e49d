package discovery

import (
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// How often one record may be multicast (§6). A host that probes waits only
// 250 ms, so that it is answered sooner.
const (
	multicastEvery = time.Second
	defendEvery    = 250 * time.Millisecond
)

// outbox is the multicast answers of a link and family that wait to be sent, and
// what was sent lately.
type outbox struct {
	due     time.Time            // when the answers leave; zero if there are none
	waiting map[string]waiting   // by keyOf
	sent    map[string]time.Time // by keyOf
}

// waiting is an answer for one asker, or for several if asker is not valid.
type waiting struct {
	rr    dns.RR
	asker netip.AddrPort
}

func newOutbox() outbox {
	return outbox{waiting: map[string]waiting{}, sent: map[string]time.Time{}}
}

// add queues answers that were not sent a moment ago.
func (o *outbox) add(now time.Time, delay time.Duration, asker netip.AddrPort, answer []dns.RR, defends bool) {
	every := multicastEvery
	if defends {
		every = defendEvery
	}
	for _, rr := range answer {
		key := keyOf(rr)
		if sent, ok := o.sent[key]; ok && now.Sub(sent) < every {
			continue
		}
		only := asker
		if old, ok := o.waiting[key]; ok && old.asker != asker {
			only = netip.AddrPort{}
		}
		o.waiting[key] = waiting{rr, only}
	}
	if due := now.Add(delay); len(o.waiting) > 0 && (o.due.IsZero() || due.Before(o.due)) {
		o.due = due
	}
}

// take returns the answers that wait, and empties the outbox.
func (o *outbox) take() (answer []dns.RR) {
	for _, w := range o.waiting {
		answer = append(answer, w.rr)
	}
	slices.SortFunc(answer, compareRecords)
	clear(o.waiting)
	o.due = time.Time{}
	return answer
}

// wasSent remembers when records were multicast, and forgets those of long ago.
func (o *outbox) wasSent(now time.Time, all []dns.RR) {
	for key, at := range o.sent {
		if now.Sub(at) > ttl*time.Second {
			delete(o.sent, key)
		}
	}
	for _, rr := range all {
		o.sent[keyOf(rr)] = now
	}
}

// stale returns the records that caches may not hold much longer, because they
// were not multicast in a quarter of their lifetime (§5.4).
func (o *outbox) stale(now time.Time, all []dns.RR) []dns.RR {
	return slices.DeleteFunc(slices.Clone(all), func(rr dns.RR) bool {
		at, ok := o.sent[keyOf(rr)]
		return ok && now.Sub(at) < ttl/4*time.Second
	})
}

// drop removes answers that somebody else has multicast (§7.4).
func (o *outbox) drop(answer []dns.RR) {
	for _, rr := range answer {
		if len(o.waiting) > 0 && rr.Header().Ttl >= ttl {
			delete(o.waiting, keyOf(rr))
		}
	}
}

// forget removes answers that their only asker knows already.
func (o *outbox) forget(asker netip.AddrPort, known []dns.RR) {
	for _, rr := range known {
		if len(o.waiting) == 0 || rr.Header().Ttl < ttl/2 {
			continue
		}
		if key := keyOf(rr); o.waiting[key].asker == asker {
			delete(o.waiting, key)
		}
	}
}
