package appliance

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/count"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/transport"
	"downbeat.local/appliance/web"
	"downbeat.local/appliance/wire"
)

// sockets answers the WebSocket paths of Supabase and Phoenix: it checks the
// key and joins a connection to a session.
type sockets struct {
	server *transport.Server
	hub    *realtime.Hub
	signer *auth.Signer
	log    *slog.Logger
	frame  int64 // the longest, in bytes, without a service key
	// refused counts those who never came as far as the server.
	refused *count.Reasons
}

// ServeHTTP upgrades a request, or refuses it as Supabase Realtime does: with
// a JSON object that says why.
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
	claims, err := s.signer.Verify(key)
	if err != nil {
		s.refused.Add("key")
		refuseUpgrade(w, http.StatusUnauthorized, auth.UpgradeMessage(err))
		return
	}
	hello := realtime.Hello{
		Version: version, APIKey: key, Address: r.RemoteAddr,
		Frames:  version == wire.V2 && query.Get("frames") == "1",
		Phoenix: strings.HasPrefix(r.URL.Path, "/socket/"),
	}
	who := callerOf(claims, r.RemoteAddr)
	if who.Link, err = linkOf(r); err != nil {
		refuseUpgrade(w, http.StatusBadRequest, "link too long")
		return
	}
	err = s.server.Serve(w, r, who, func(c *transport.Conn) transport.Receiver {
		c.SetReadLimit(frameLimit(claims, s.frame))
		return s.hub.Open(c, hello)
	})
	if errors.Is(err, transport.ErrFull) {
		refuseUpgrade(w, http.StatusTooManyRequests, "Too many connected users")
	} else if err != nil {
		s.log.Debug("socket not opened", "err", err)
	}
}

// callerOf says whose places a connection takes: a person's, by the subject of
// his token, or else those of his device. Staff with a key alone have places
// of their own, for a class may be behind the same address.
func callerOf(c auth.Claims, address string) transport.Caller {
	staff := c.Teacher(c.App.Room) || c.App.Role == web.RoleStage
	switch {
	case c.Subject != "":
		return transport.Caller{Key: "member " + c.Subject, Staff: staff, Address: hostOf(address)}
	case staff:
		return transport.Caller{Key: "staff at " + hostOf(address), Many: true, Staff: true, Address: hostOf(address)}
	default:
		return transport.Caller{Key: "address " + hostOf(address), Many: true, Address: hostOf(address)}
	}
}

// frameLimit is the longest frame that a client may send, in bytes.
func frameLimit(c auth.Claims, normal int64) int64 {
	if c.Role == auth.Service {
		return wire.MaxServiceFrame
	}
	return normal
}

func refuseUpgrade(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"error": message})
}
