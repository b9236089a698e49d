package main

import (
	"encoding/json"
	"time"

	"downbeat.local/appliance/classroom"
)

// classroomCmd is the load test and the Wi-Fi check.
type classroomCmd struct {
	URL       string        `name:"url" required:"" placeholder:"URL" help:"The box: http://HOST:PORT."`
	Room      string        `required:"" placeholder:"CODE" help:"The room's code."`
	Students  int           `default:"30" placeholder:"N" help:"How many students pretend to play (${default})."`
	Rate      float64       `default:"4" placeholder:"NOTES_PER_S" help:"Notes a second of each (${default})."`
	Duration  time.Duration `default:"10s" placeholder:"D" help:"How long they play (${default})."`
	Transport string        `default:"websocket" enum:"webrtc,websocket" placeholder:"TRANSPORT" help:"webrtc or websocket (${default})."`
	Arrival   string        `default:"beat" enum:"beat,uniform" placeholder:"ARRIVAL" help:"beat: all within 5 ms; uniform: spread evenly (${default})."`
	JSON      bool          `name:"json" help:"Print one JSON object in place of a table."`
	Config    configFile    `placeholder:"FILE" help:"A file of settings."`
}

// Run runs the class and prints its report. Lost notes are a result, not a
// failure.
func (c *classroomCmd) Run(w *world) error {
	report, err := classroom.Run(w.ctx, classroom.Config{
		URL: c.URL, Room: c.Room, Students: c.Students, Rate: c.Rate, Duration: c.Duration,
		Transport: c.Transport, Arrival: c.Arrival,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(w.stdout).Encode(report)
	}
	return report.WriteTable(w.stdout)
}
