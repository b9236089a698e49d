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
)

// DemoRoom is the code of the demo's room.
const DemoRoom = "MUSIC-2024"

// Demo is a class that plays as soon as the box starts.
type Demo struct {
	Students int // robots that play along, 0 to 40
}

// prepareDemo claims the box, opens the room and starts its beat. The robots play
// along, so that a visitor hears them at once.
func (a *Appliance) prepareDemo() error {
	ctx := context.Background()
	if !a.people.Claimed() {
		if err := a.people.SetUp(ctx, rand.Text()); err != nil {
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
	opened, err := a.rooms.Add(r)
	if err != nil {
		return fmt.Errorf("cannot open room %s in %s, give another folder with --data: %w", DemoRoom, a.cfg.DataDir, err)
	}
	return opened.Control("start", wire.Nothing)
}

// runDemo makes the robots play until ctx ends.
func (a *Appliance) runDemo(ctx context.Context) error {
	band := classroom.Band{URL: a.localURL(), Room: DemoRoom, Players: a.cfg.Demo.Students, Log: a.log}
	if err := band.Run(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("the robots stopped playing", "err", err)
	}
	return nil
}

// localURL is the URL of the box for programs on this machine.
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
