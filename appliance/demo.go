package appliance

import (
	"context"
	"crypto/rand"
	"fmt"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/classroom"
	"downbeat.local/appliance/room"
	"downbeat.local/appliance/web"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// DemoRoom is the code of the demo's room.
const DemoRoom = "MUSIC-2024"

// Demo is a class that is there when the box starts.
type Demo struct {
	Students int // robots that play along, 0 to 40
}

// prepareDemo claims the box, makes the room and lets its beat run: the robots
// play along, and who opens a link hears them at once.
func (a *Appliance) prepareDemo() error {
	ctx := context.Background()
	if !a.accounts.Claimed() {
		if err := a.accounts.SetUp(ctx, rand.Text()); err != nil {
			return err
		}
	}
	a.demoKey = rand.Text()
	r, err := room.New(room.Config{
		Code: DemoRoom, Name: "Demo class", Door: room.DoorOpen, Listening: room.ListenEveryone,
		MaxMembers: a.limits["members"],
	})
	if err != nil {
		return err
	}
	o, err := a.hall.keep(r)
	if err != nil {
		return fmt.Errorf("cannot open room %s in %s, give another folder with --data: %w", DemoRoom, a.cfg.DataDir, err)
	}
	return o.change(func() ([]room.Change, error) {
		return o.room.Control(clock.Now(), "", true, "start", wire.Nothing)
	})
}

// runDemo lets the robots play until ctx ends.
func (a *Appliance) runDemo(ctx context.Context) error {
	band := classroom.Band{URL: a.localURL(), Room: DemoRoom, Players: a.cfg.Demo.Students, Log: a.log}
	if err := band.Run(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("the robots stopped playing", "err", err)
	}
	return nil
}

// localURL is the box as a program on this machine reaches it.
func (a *Appliance) localURL() string { return "http://" + web.LocalAddress(a.Addr().String()) }

// greetDemo prints the links to every view.
func (a *Appliance) greetDemo() {
	anon, err := a.signer.Mint(auth.Claims{Role: auth.Anon}, demoKeyTTL)
	if err != nil {
		a.log.Error("cannot sign the demo's key", "err", err)
	}
	address := web.Addresses(a.Addr().String())[0]
	link := func(to string) string {
		return fmt.Sprintf("http://%s/box/v1/signin?key=%s&to=%s", address, a.demoKey, to)
	}
	fmt.Fprintf(a.cfg.Out, `The demo class plays in room %s.

  Student  http://%s/join?code=%s
  Teacher  %s
  Stage    %s

  Supabase programs: URL http://%s, key
  %s

Ctrl-C stops it.
`, DemoRoom, address, DemoRoom, link("/teacher%3Froom="+DemoRoom), link("/stage%3Fcode="+DemoRoom), address, anon)
}

// demoKeyTTL outlives any demo.
const demoKeyTTL = web.TokenTTL
