package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"downbeat.local/appliance"
	"downbeat.local/discovery"
)

// findCmd lists the boxes of the network.
type findCmd struct {
	Wait time.Duration `default:"3s" placeholder:"D" help:"How long to listen for answers (${default})."`
	JSON bool          `name:"json" help:"Print a JSON array in place of a table."`
}

// foundBox is a box as find prints it with --json.
type foundBox struct {
	Name    string   `json:"name"` // "downbeat-x7k2.local"
	ID      string   `json:"id"`
	URLs    []string `json:"urls"` // the likeliest to work first
	Rooms   string   `json:"rooms"`
	Version string   `json:"version"`
}

// Run lists them. No box is a result, not a failure.
func (c *findCmd) Run(w *world) error {
	found, err := appliance.FindBoxes(w.ctx, c.Wait)
	if err != nil {
		return err
	}
	boxes := []foundBox{} // an empty array, not null
	for _, b := range found {
		boxes = append(boxes, describe(b))
	}
	if c.JSON {
		return json.NewEncoder(w.stdout).Encode(boxes)
	}
	if len(boxes) == 0 {
		fmt.Fprintf(w.stderr, "No box answered within %v. This network may drop multicast: open the address that the box printed.\n", c.Wait)
		return nil
	}
	table := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', 0)
	for _, b := range boxes {
		fmt.Fprintf(table, "%s\t%s\trooms: %s\t%s\n", b.Name, strings.Join(b.URLs, " "), b.Rooms, b.Version)
	}
	return table.Flush()
}

// describe reads what a box says of itself. Strangers can say anything, so that
// only what can be printed remains.
func describe(b discovery.Box) foundBox {
	f := foundBox{
		Name: printable(b.Host), ID: printable(b.Text["id"]), URLs: []string{},
		Rooms: printable(b.Text["rooms"]), Version: printable(b.Text["version"]),
	}
	for _, ip := range b.Addresses {
		if !ip.IsLinkLocalUnicast() || ip.Is4() { // browsers cannot open the others
			f.URLs = append(f.URLs, url(ip, b.Port))
		}
	}
	return f
}

func url(ip netip.Addr, port uint16) string {
	host := ip.String()
	if ip.Is6() {
		host = "[" + host + "]"
	}
	if port != 80 {
		host = net.JoinHostPort(ip.String(), strconv.Itoa(int(port)))
	}
	return "http://" + host
}

// printable replaces what would move a terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
