package appliance

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/signin"
	"downbeat.local/appliance/store"
	"downbeat.local/sync/clock"
)

// openData opens the store and what lies in it.
func (a *Appliance) openData() (err error) {
	a.store, err = store.Open(store.Config{Path: filepath.Join(a.cfg.DataDir, store.FileName), Tables: tables, Log: a.log})
	if err != nil {
		return err
	}
	if err := a.openKeys(); err != nil {
		return err
	}
	a.accounts, err = auth.OpenAccounts(auth.AccountsConfig{
		Store: a.store, Dir: a.cfg.DataDir, Uptime: uptime, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.signin, err = signin.Open(context.Background(), signin.Config{
		Store: a.store, Accounts: a.accounts, Signer: a.signer, Version: a.cfg.Version, Log: a.log,
	})
	return err
}

// openKeys reads everything that tokens and keys are checked with, and keeps
// in files what `downbeat token` needs beside this process.
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
	keys, err := auth.OpenAPIKeys(context.Background(), a.store)
	if err != nil {
		return err
	}
	a.signer.Accept(keys)
	if err := errors.Join(auth.KeepKey(a.cfg.DataDir, secret), auth.KeepAPIKeys(a.cfg.DataDir, keys)); err != nil {
		return err
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

// uptime is the time since the machine started.
func uptime() time.Duration { return time.Duration(float64(clock.Now()) * float64(time.Millisecond)) }
