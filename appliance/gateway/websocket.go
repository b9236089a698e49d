package gateway

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/count"
	"downbeat.local/appliance/frames"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/transport"
	"downbeat.local/appliance/wire"
)

// sockets answers the WebSocket paths of Supabase and Phoenix. It checks the key
// and opens a session on the connection.
type sockets struct {
	server *transport.Server
	hub    *realtime.Hub
	verify func(token string) (auth.Claims, error)
	log    *slog.Logger
	// refused counts upgrades that never reached the server.
	refused *count.Reasons
}

func newSockets(cfg Config) *sockets {
	return &sockets{
		server: cfg.Transport, hub: cfg.Hub, verify: cfg.Verify, log: cfg.Log,
		refused: count.ByReason("key", "version"),
	}
}

// ServeHTTP upgrades a request. A refusal is a JSON object that says why, as in
// Supabase Realtime.
func (s *sockets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	version, ok := wire.ParseVersion(query.Get("vsn"))
	if !ok {
		s.refused.Add("version")
		refuseUpgrade(w, http.StatusForbidden, "unsupported vsn")
		return
	}
	key := r.Header.Get("X-Api-Key")
	if key == "" {
		key = query.Get("apikey")
	}
	claims, err := s.verify(key)
	if err != nil {
		s.refused.Add("key")
		refuseUpgrade(w, http.StatusUnauthorized, auth.UpgradeMessage(err))
		return
	}
	hello := realtime.Hello{
		Version: version, APIKey: key, Service: claims.Role == auth.Service, Address: r.RemoteAddr, Payer: claims.Payer(r.RemoteAddr),
		Frames:  version == wire.V2 && query.Get("frames") == "1",
		Phoenix: strings.HasPrefix(r.URL.Path, "/socket/"),
	}
	who := callerOf(claims, r.RemoteAddr)
	if who.ConnName, err = linkOf(r); err != nil {
		refuseUpgrade(w, http.StatusBadRequest, "link too long")
		return
	}
	err = s.server.Serve(w, r, who, s.accept(hello))
	if errors.Is(err, transport.ErrFull) {
		refuseUpgrade(w, http.StatusTooManyRequests, "Too many connected users")
	} else if err != nil {
		s.log.Debug("socket not opened", "err", err)
	}
}

// Rooms send frames over the connections of package transport.
var _ frames.Conn = (*transport.Conn)(nil)

// accept opens a session on a connection.
func (s *sockets) accept(hello realtime.Hello) func(*transport.Conn) transport.Receiver {
	return func(c *transport.Conn) transport.Receiver {
		hello.Control = func(event string, payload []byte) bool { return laneDown(c, event, payload) }
		return s.hub.Open(c, hello)
	}
}

// laneDown ends the lane that a client has given up, if that is the event.
func laneDown(c interface{ DropLane(number uint32) }, event string, payload []byte) bool {
	if event != "lane_down" {
		return false
	}
	var about struct {
		Lane uint32 `json:"lane"`
	}
	_ = json.Unmarshal(payload, &about) // without a number it is lane 0
	c.DropLane(about.Lane)
	return true
}

// callerOf says whose places a connection takes: those of the person, by the
// subject of the token, or else those of the device. Staff with only a key have
// places of their own, for a class may share their address.
func callerOf(c auth.Claims, address string) transport.Caller {
	who := transport.Caller{
		Subject: c.Subject, Staff: c.Staff(), Seated: c.App.Room != "",
		Address: hostOf(address), Network: c.Payer(address).Address, Device: c.Payer(address).Device,
	}
	switch {
	case c.Subject != "":
		who.Key = "member " + c.Subject
	case who.Staff:
		who.Key, who.Many = "staff at "+who.Address, true
	default:
		who.Key, who.Many = "address "+who.Address, true
	}
	return who
}

func refuseUpgrade(w http.ResponseWriter, status int, message string) {
	respond(w, status, map[string]string{"error": message})
}
