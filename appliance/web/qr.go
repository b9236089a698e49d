package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rsc.io/qr"

	"downbeat.local/appliance/names"
)

// qr draws the way into a room for phones and tablets: http://IP:PORT/join
// with the code. It does not say whether there is such a room.
func (s *Site) qr(w http.ResponseWriter, r *http.Request) error {
	code, ok := names.ParseCode(r.PathValue("code"))
	if !ok {
		return errNoCode
	}
	link := "http://" + s.bestAddress(r.Host) + "/join?code=" + url.QueryEscape(code)
	svg, err := drawQR(link)
	if err != nil {
		return fmt.Errorf("draw qr: %w", err)
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "no-cache") // the address may change
	_, _ = w.Write([]byte(svg))
	return nil
}

// bestAddress returns the address to show to a page that has reached the box
// as host. That is host itself if it is a plain address on the local network,
// because it is known to work from there.
func (s *Site) bestAddress(host string) string {
	all := s.network.addresses()
	if slices.Contains(all, host) {
		return host
	}
	return all[0]
}

// quietZone is the white border that readers need, in modules (ISO 18004).
const quietZone = 4

// drawQR draws text with error correction M: a projector's picture is washed
// out, not torn.
func drawQR(text string) (string, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", err
	}
	side := code.Size + 2*quietZone
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, side, side)
	fmt.Fprintf(&svg, `<rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`, side, side)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if run := x - start; run > 0 {
				fmt.Fprintf(&svg, "M%d %dh%dv1h-%dz", start+quietZone, y+quietZone, run, run)
			}
		}
	}
	svg.WriteString(`"/></svg>`)
	return svg.String(), nil
}
