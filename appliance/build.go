package appliance

import (
	"context"
	"time"

	"downbeat.local/appliance/archive"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cards"
	"downbeat.local/appliance/classlist"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/gateway"
	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/lobby"
	"downbeat.local/appliance/musicroom"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/records"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
	"downbeat.local/appliance/transport"
	"downbeat.local/appliance/web"
	"downbeat.local/webui"
)

// build makes the parts and joins them.
func (a *Appliance) build() error {
	cfg := a.cfg
	err := a.bringLessons()
	if err != nil {
		return err
	}
	if a.archive, err = archive.Open(archive.Config{Store: a.store, Boot: store.BootID(), Uptime: uptime, Log: a.log}); err != nil {
		return err
	}
	a.ledger = cost.New(cost.Config{Bounds: a.limits.Bounds(), Log: a.log})
	if a.classes, err = classlist.Open(classlist.Config{Store: a.store}); err != nil {
		return err
	}
	a.records = records.New(records.Config{Store: a.store, Table: table.Reflections, Sessions: table.Sessions, Keep: cfg.KeepReflections, CheckIns: table.CheckIns, KeepCheckIns: cfg.KeepCheckIns, Visits: a.classes, ClockSet: clockSet, Log: a.log})
	a.hub = realtime.NewHub(realtime.Config{
		Verify: a.signer.Verify,
		Rights: a.rights,
		Direct: func(topic string) realtime.Director { return a.rooms.Director(topic) },
		Tables: tables,
		Read: func(by table.Caller, t *table.Table, rows []table.Row) {
			a.records.Read(by, "live", t, rows)
		},
		Archive: a.archive,
		Grace:   realtime.DefaultGrace,
		Cost:    a.ledger,
		Limits:  realtimeLimits(a.limits),
		Log:     a.log,
	})
	seats, names, visitors := ratelimit.NewSeatBudget(), ratelimit.NewNameBudget(), lobby.New()
	guesses := ratelimit.JoinThrottle()
	guesses.Free = a.limits["failed-codes"]
	codes := ratelimit.NewThrottle(guesses)
	a.rooms = musicroom.New(musicroom.Config{
		Codes: codes,
		Store: a.store, Hub: a.hub, FrameInterval: cfg.FrameInterval, Lanes: cfg.lanes(),
		Limits: a.limits, Door: cfg.Door, Seats: seats, Names: names, Visitors: visitors, Plans: a.lessonPlan, Sessions: a.keepSession, Log: a.log,
	})
	a.transport = transport.NewServer(a.transportLimits(), a.log)
	if err := a.openLanes(); err != nil {
		return err
	}
	sameBoot, err := a.store.SameBoot(context.Background())
	if err != nil {
		return err
	}
	if err := a.rooms.Load(sameBoot); err != nil {
		return err
	}
	if err := a.openMIDI(); err != nil {
		return err
	}
	if cfg.Demo != nil {
		if err := a.prepareDemo(); err != nil {
			return err
		}
	}
	a.gateway, err = gateway.New(gateway.Config{
		Transport: a.transport, Hub: a.hub, Store: a.store, Tables: tables, SignIn: a.signin,
		Verify: a.signer.Verify, VerifySeated: a.verifySeated, VerifyRows: a.verifyRows, Cost: a.ledger, Limits: a.limits, Log: a.log,
		Read: func(by table.Caller, t *table.Table, rows []table.Row) {
			a.records.Read(by, "read", t, rows)
		},
	})
	if err != nil {
		return err
	}
	if err := a.openUpstream(); err != nil {
		return err
	}
	if err := a.openDiscovery(); err != nil {
		return err
	}
	a.cards, err = cards.Open(cards.Config{
		Store: a.store, Addresses: a.addresses, Log: a.log,
	})
	if err != nil {
		return err
	}
	keyboards, outputs := a.midiOfPages()
	deviceKey, err := a.store.Secret(context.Background(), store.DeviceKey, store.SigningKeySize)
	if err != nil {
		return err
	}
	site, err := web.New(web.Config{
		Version: cfg.Version, HeldBack: a.heldBack, Kept: a.kept, Addr: a.Addr().String(), On80: a.short != nil, Hosts: cfg.Hosts, Found: a.found, RenewCards: a.cards.Renew, Storage: a.store.Failing,
		Rooms: a.rooms, Classes: a.classes, Records: a.records, People: a.people, Signer: a.signer, Files: webui.Files(), Keyboards: keyboards, Outputs: outputs,
		Sockets: a.gateway, Metrics: a.metrics(), Sync: a.syncOfPages(), AtSchool: a.atSchool(), DemoKey: a.demoKey, DeviceKey: deviceKey, Codes: codes, Seats: seats, Names: names, Visitors: visitors, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.server = web.Server(site, a.log)
	a.intake = newIntake(a.limits, a.ledger, a.log)
	a.server.ConnState = a.intake.Changed
	return nil
}

// rights is what the policy allows, to members while they have their seat.
func (a *Appliance) rights(c auth.Claims, topic string) auth.Rights {
	if !a.rooms.Seated(c) {
		return auth.Rights{}
	}
	return a.policy.Rights(c, topic)
}

// verifySeated is Verify that refuses members who have lost their seat.
func (a *Appliance) verifySeated(token string) (auth.Claims, error) {
	claims, err := a.signer.Verify(token)
	if err == nil && !a.rooms.Seated(claims) {
		return auth.Claims{}, auth.ErrNoSeat
	}
	return claims, err
}

// verifyRows is Verify for requests about rows. A member who has lost their seat
// has left, and may still send what they wrote in the room. It refuses those whom
// the teacher removed. What a member writes is of the child who sat on their seat in the
// session of the row.
func (a *Appliance) verifyRows(token string) (auth.Claims, error) {
	claims, err := a.signer.Verify(token)
	if err != nil {
		return claims, err
	}
	claims.Session, claims.Sat = a.session(claims.App.Room), seat{a.classes, claims.Subject}
	claims.Child = a.classes.On(claims.Subject, claims.Session)
	claims.Consent = a.classes.MayCheckIn(claims.Child)
	claims.CheckIn, _ = a.rooms.CheckIns(claims.App.Room)
	if a.rooms.Seated(claims) {
		return claims, nil
	}
	if a.rooms.Expelled(claims) {
		return auth.Claims{}, auth.ErrNoSeat
	}
	claims.Left = true
	return claims, nil
}

// seat says who sat on a seat.
type seat struct {
	classes *classlist.Lists
	id      string
}

func (s seat) In(session string) (child string, consent bool) {
	child, _ = s.classes.At(session, s.id)
	return child, s.classes.MayCheckIn(child)
}

// session is the session that a room is in; empty if the room is closed.
func (a *Appliance) session(code string) string {
	session, err := a.rooms.Session(code)
	if err != nil {
		return ""
	}
	return session
}

// transportLimits turns the limits into those on connections.
func (a *Appliance) transportLimits() transport.Limits {
	l := a.limits
	pace := musicroom.PingRate // messages a second that a client may send, of all kinds
	for _, what := range []string{"joins", "broadcasts", "presence", "notes", "events"} {
		pace += l[what]
	}
	return transport.Limits{
		Clients: l["clients"], Each: l["member-clients"], Shared: l["device-clients"], Network: l["address-clients"],
		Bytes: max(transport.DefaultBytes, 2*l["service-frame"]), Total: l["waiting"] << 20, Pace: 2 * pace,
		IdleTimeout: time.Duration(l["idle"]) * time.Second,
		Refused:     a.refused,
	}
}

// realtimeLimits turns the limits into those on one client's channels and
// messages.
func realtimeLimits(l limits.Limits) realtime.Limits {
	rate := func(name string) realtime.Rate { return realtime.Rate(l.Rate(name)) }
	return realtime.Limits{
		Channels: l["channels"], Joins: rate("joins"), Broadcasts: rate("broadcasts"), Bytes: realtime.Rate(l.Bytes(1)),
		Presence: rate("presence"), PresenceSize: l["presence-bytes"], Frame: l["frame"], ServiceFrame: l["service-frame"],
	}
}
