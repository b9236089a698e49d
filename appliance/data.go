package appliance

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/people"
	"downbeat.local/appliance/signin"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
	"downbeat.local/sync/clock"
	"downbeat.local/sync/hlc"
)

// openData opens the store and everything kept in it.
func (a *Appliance) openData() (err error) {
	a.store, err = store.Open(store.Config{
		Path: filepath.Join(a.cfg.DataDir, store.FileName), Tables: tables, Clock: a.stamps, Log: a.log,
	})
	if err != nil {
		return err
	}
	if err := a.openKeys(); err != nil {
		return err
	}
	a.people, err = people.Open(context.Background(), people.Config{
		Store: a.store, Dir: a.cfg.DataDir, Uptime: uptime, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.signin, err = signin.New(signin.Config{
		People: a.people, Signer: a.signer, EmailSignUp: a.cfg.EmailSignUp, Version: a.cfg.Version, Log: a.log,
	})
	return err
}

// openKeys reads the keys that check tokens. It writes to files what
// `downbeat token` needs, which runs as another process.
func (a *Appliance) openKeys() (err error) {
	secret := []byte(a.cfg.JWTSecret)
	if len(secret) == 0 {
		if secret, err = a.store.Secret(context.Background(), store.SigningKey, store.SigningKeySize); err != nil {
			return err
		}
	}
	if a.signer, err = auth.NewSigner(secret); err != nil {
		return err
	}
	a.signer.During(auth.Boot{ID: store.BootID(), Uptime: uptime})
	keys, err := auth.OpenAPIKeys(context.Background(), a.store)
	if err != nil {
		return err
	}
	a.signer.Accept(keys)
	if err := errors.Join(auth.KeepKey(a.cfg.DataDir, secret), auth.KeepAPIKeys(a.cfg.DataDir, keys)); err != nil {
		a.log.Error("the keys for `downbeat token` cannot be written", "err", err)
	}
	if a.cfg.JWKS == "" {
		return nil
	}
	if a.issuer, err = auth.OpenKeySet(auth.KeySetConfig{Source: a.cfg.JWKS, Dir: a.cfg.DataDir, Log: a.log}); err != nil {
		return err
	}
	a.signer.Trust(a.issuer)
	return nil
}

// stamps is the clock that orders this box's writes among those of others.
func (a *Appliance) stamps(last hlc.Time) *hlc.Clock {
	return hlc.New(hlc.Config{Last: last, Wall: a.cfg.Wall, Uptime: uptime})
}

// uptime is the time since the machine started.
func uptime() time.Duration { return time.Duration(float64(clock.Now()) * float64(time.Millisecond)) }

// tables are the tables that every box has.
var tables = []*table.Table{table.LessonPlans, table.LessonLibrary, table.Sessions, table.Reflections, table.CheckIns}
