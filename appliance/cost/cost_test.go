package cost

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func newLedger(out io.Writer, b Bounds) *Ledger {
	return New(Config{Bounds: map[Resource]Bounds{Filters: b, Bodies: b}, Log: slog.New(slog.NewTextHandler(out, nil))})
}

// whose returns whose bound refused a payer; empty if none did.
func whose(err error) string {
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return refused.Whose
	}
	return ""
}

func TestBounds(t *testing.T) {
	const remote, other = "192.0.2.7:1", "192.0.2.8:1"
	full := Bounds{Client: 10, Address: 20, Box: 40} // 30 for students
	ana, bea, cid := PayerAt(remote, "ana", false), PayerAt(remote, "bea", false), PayerAt(other, "cid", false)
	dan, teacher, here := PayerAt(other, "dan", false), PayerAt(remote, "teacher", true), PayerAt("127.0.0.1:9", "here", false)
	for name, tt := range map[string]struct {
		held []Payer // each holds 10
		by   Payer
		n    int64
		want string
	}{
		"enough":                       {nil, ana, 10, ""},
		"one client":                   {nil, ana, 11, "client"},
		"an address":                   {[]Payer{ana, bea}, PayerAt(remote, "eve", false), 1, "address"},
		"another address":              {[]Payer{ana, bea}, cid, 10, ""},
		"the box":                      {[]Payer{ana, bea, cid}, dan, 1, "box"},
		"staff have the rest":          {[]Payer{ana, bea, cid}, teacher, 10, ""},
		"staff have no more":           {[]Payer{ana, bea, cid}, teacher, 11, "box"},
		"this machine is a client":     {nil, here, 11, "client"},
		"this machine's is no address": {[]Payer{here, PayerAt("[::1]:9", "also", false)}, PayerAt("127.0.0.1:9", "third", false), 10, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(io.Discard, full)
			for _, p := range tt.held {
				if err := l.Hold(Filters, p, 10); err != nil {
					t.Fatal(err)
				}
			}
			before := l.Held(Filters)
			if got := whose(l.Hold(Filters, tt.by, tt.n)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.want != "" && l.Held(Filters) != before {
				t.Error("a refusal was charged")
			}
			l.Free(Filters, tt.by, tt.n)
		})
	}
}

// TestADeviceBehindARouterUsesUpNoOthers has two known devices at an address that
// has no more.
func TestADeviceBehindARouterUsesUpNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(io.Discard, Bounds{Client: 1 << 20, Address: 100 * deviceShare, Box: 1 << 30})
		at := func(person, device string) Payer {
			p := PayerAt("192.0.2.7:1", person, false)
			p.Device = device
			return p
		}
		greedy, page, program := at("greedy", "one"), at("page", "two"), at("program", "")
		if err := l.Hold(Filters, greedy, 100*deviceShare); err != nil {
			t.Fatal(err)
		}
		l.Worked(greedy, workBurst)
		l.Worked(greedy, workBurst)
		for _, c := range []struct {
			by   Payer
			n    int64
			want string
		}{{greedy, 1, "address"}, {program, 1, "address"}, {page, 100, ""}, {page, 1, "address"}, {at("page's second tab", "two"), 1, "address"}} {
			if got := whose(l.Hold(Filters, c.by, c.n)); got != c.want {
				t.Errorf("%s holds %d more: got %q, want %q", c.by.Client, c.n, got, c.want)
			}
		}
		for _, c := range []struct {
			by   Payer
			want string
		}{{greedy, "address"}, {program, "address"}, {page, ""}} {
			if got := whose(l.MayWork(c.by)); got != c.want {
				t.Errorf("work for %s: got %q, want %q", c.by.Client, got, c.want)
			}
		}
		l.Worked(page, deviceBurst)
		l.Worked(page, deviceBurst)
		if got := whose(l.MayWork(page)); got != "address" {
			t.Errorf("work for a page that has had its part: got %q", got)
		}
		if held := l.Refusals(); len(held) != 3 {
			t.Errorf("held back are %+v, want three devices", held)
		}
	})
}

func TestFreedIsFree(t *testing.T) {
	l := newLedger(io.Discard, Bounds{Client: 10, Address: 10, Box: 20})
	p := PayerAt("192.0.2.7:1", "ana", false)
	p.Device = "ana's"
	for range 3 {
		if err := l.Hold(Bodies, p, 10); err != nil {
			t.Fatal(err)
		}
		l.Free(Bodies, p, 10)
	}
	if a := l.accounts[Bodies]; l.Held(Bodies) != 0 || len(a.byClient)+len(a.byAddress)+len(a.byDevice) != 0 {
		t.Errorf("something is left: %+v", a)
	}
}

func TestWorkIsPaidBackInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(io.Discard, Bounds{})
		ana, neighbour := PayerAt("192.0.2.7:1", "ana", false), PayerAt("192.0.2.7:2", "bea", false)
		l.Worked(ana, workBurst)
		if err := l.MayWork(ana); err != nil {
			t.Errorf("after a burst: %v", err)
		}
		l.Worked(ana, time.Second)
		if got := whose(l.MayWork(neighbour)); got != "address" {
			t.Errorf("a neighbour of a debtor: got %q, want to wait", got)
		}
		if err := l.MayWork(PayerAt("192.0.2.7:1", "teacher", true)); err != nil {
			t.Errorf("the teacher: %v", err)
		}
		if err := l.MayWork(PayerAt("192.0.2.8:1", "cid", false)); err != nil {
			t.Errorf("another address: %v", err)
		}
		time.Sleep(4*time.Second + time.Millisecond) // a quarter of a processor
		if err := l.MayWork(ana); err != nil {
			t.Errorf("after it was paid back: %v", err)
		}
	})
}

func TestRefusalsAreToldAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		l := newLedger(&log, Bounds{Client: 1})
		p := PayerAt("192.0.2.7:1", "ana", false)
		for range 100 {
			_ = l.Hold(Filters, p, 2)
		}
		if got := strings.Count(log.String(), "held back"); got != 1 {
			t.Errorf("%d lines in the log, want 1:\n%s", got, log.String())
		}
		held := l.Refusals()
		if len(held) != 1 || held[0].Address != "192.0.2.7" || held[0].Client != "ana" || held[0].Times != 100 {
			t.Errorf("got %+v", held)
		}
		time.Sleep(refusalKept + 1)
		if held := l.Refusals(); len(held) != 0 {
			t.Errorf("still listed: %+v", held)
		}
	})
}

func TestRefusalsAreBounded(t *testing.T) {
	l := newLedger(io.Discard, Bounds{})
	const most = 64 // the teacher's page shows three
	for i := range 3 * most {
		l.Refuse(Work, Payer{Address: string(rune('a' + i))})
	}
	if n, told := len(l.refusals.byDevice), len(l.refusals.told); n > most || told > most {
		t.Errorf("%d addresses and %d lines are kept", n, told)
	}
}

func TestBodiesAreChargedAsTheyArrive(t *testing.T) {
	const size = 100 << 10
	for name, tt := range map[string]struct {
		bound int64
		most  int64
		check func(error) bool
	}{
		"enough":   {1 << 20, size, func(err error) bool { return err == nil }},
		"too long": {1 << 20, size - 1, func(err error) bool { _, ok := errors.AsType[*http.MaxBytesError](err); return ok }},
		"too dear": {size / 2, size, func(err error) bool { return whose(err) == "client" }},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(io.Discard, Bounds{Client: tt.bound})
			r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", size)))
			body, release, err := l.ReadBody(httptest.NewRecorder(), r, Payer{Client: "ana"}, tt.most)
			if !tt.check(err) {
				t.Errorf("got %v", err)
			}
			if err == nil && (len(body) != size || l.Held(Bodies) < size) {
				t.Errorf("%d bytes came, %d are held", len(body), l.Held(Bodies))
			}
			release()
			if got := l.Held(Bodies); got != 0 {
				t.Errorf("%d bytes are held after the end", got)
			}
		})
	}
}
