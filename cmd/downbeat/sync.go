package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/appliance/web"
)

// syncCmd looks at the sync with the school's Postgres.
type syncCmd struct {
	Status syncStatusCmd `cmd:"" help:"Say what waits for the school's Postgres, and why."`
}

// syncStatusCmd prints how the sync stands. It works while the box runs, and
// while it does not.
type syncStatusCmd struct {
	Data   string     `placeholder:"DIR" help:"The box's data folder."`
	Config configFile `placeholder:"FILE" help:"A file of settings."`
	JSON   bool       `name:"json" help:"Print a JSON object in place of lines."`
}

// Run prints it. Rows that wait and do not move are a failure, so that a cron job
// notices.
func (c *syncStatusCmd) Run(w *world) error {
	if c.Data == "" {
		return errNoData
	}
	s, err := appliance.SyncStatus(w.ctx, c.Data)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(w.stdout).Encode(s)
	} else {
		err = printSync(w.stdout, s)
	}
	if err == nil && s.Stuck {
		err = errors.New("rows wait and none has left for a minute")
	}
	return err
}

func printSync(to io.Writer, s web.Sync) error {
	text := "state: " + s.State + "\n"
	text += fmt.Sprintf("waiting: %d rows", s.Pending)
	if s.Pending > 0 {
		text += fmt.Sprintf(", the first for %v", (time.Duration(s.OldestS) * time.Second))
	}
	text += "\n"
	if s.Aside > 0 {
		text += fmt.Sprintf("set aside: %d rows\n", s.Aside)
	}
	for _, why := range s.Reasons {
		text += "  " + why + "\n"
	}
	if s.Problem != "" {
		text += "problem: " + s.Problem + "\n"
	}
	if s.Warning != "" {
		text += "warning: " + s.Warning + "\n"
	}
	_, err := io.WriteString(to, text)
	return err
}
