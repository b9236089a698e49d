package main

import (
	"errors"
	"fmt"
	"strings"

	"downbeat.local/appliance"
)

// upstreamCmd prepares the school's Postgres. It is an administrator's.
type upstreamCmd struct {
	Migrate migrateCmd `cmd:"" help:"Bring the school's Postgres to the schema of this version."`
}

// migrateCmd applies the schema.
type migrateCmd struct {
	Upstream string     `placeholder:"URL" help:"The school's Postgres, with the login of its owner."`
	Config   configFile `placeholder:"FILE" help:"A file of settings."`
}

// Run applies what is missing, and says how a box gets a login of its own.
func (c *migrateCmd) Run(w *world) error {
	if c.Upstream == "" {
		return errors.New("say which Postgres with --upstream postgres://name:password@host/database")
	}
	applied, err := appliance.MigrateUpstream(w.ctx, c.Upstream)
	if err != nil {
		return err
	}
	if len(applied) == 0 {
		_, err = fmt.Fprintln(w.stdout, "The schema is up to date.")
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "Applied: %s.\n\nGive each box a login of its own (psql):\n"+
		"  create role music1 login password '…';\n  select downbeat.admit('music1');\n", strings.Join(applied, ", "))
	return err
}
