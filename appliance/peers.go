package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/transport"
	"downbeat.local/appliance/wire"
)

// OfferPath is where a client posts the offer of a WebRTC peer.
const OfferPath = "/rtc/v1/offer"

const (
	// maxOffer is far more than a browser's offer of two channels, bytes.
	maxOffer = 16 << 10
	// A client offers once, and again after a loss or when its network has
	// changed; each offer costs the box a handshake.
	offersPerSecond = 0.5
	offersBurst     = 5
	// A device with a program's key may stand for a class.
	classOffersPerSecond = 10
	classOffersBurst     = 128
)

// Why an offer is refused before the transport sees it.
var (
	errTooFast  = errors.New("too many offers")
	errNoSDP    = errors.New("not application/sdp")
	errLongLink = errors.New("link too long")
	errLane     = errors.New("not the number of a lane")
)

// offers answers OfferPath: one POST of an SDP offer, one answer.
type offers struct {
	*sockets
	own, shared *ratelimit.Budget // of a person, and of a device with a key alone
}

func newOffers(s *sockets) *offers {
	return &offers{
		sockets: s,
		own:     ratelimit.NewBudget(offersPerSecond, offersBurst),
		shared:  ratelimit.NewBudget(classOffersPerSecond, classOffersBurst),
	}
}

func (o *offers) budgetOf(who transport.Caller) *ratelimit.Budget {
	if who.Many {
		return o.shared
	}
	return o.own
}

// ServeHTTP makes a peer: the lane of the WebSocket with the query's link, or
// a connection of its own.
func (o *offers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := o.answer(w, r)
	switch {
	case r.Context().Err() != nil:
		return // nobody waits for it any more
	case err != nil:
		o.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/sdp")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
}

// tokenError is what is wrong with an offer's token.
type tokenError struct{ error }

func (o *offers) answer(w http.ResponseWriter, r *http.Request) (answer string, err error) {
	token := auth.Token(r)
	claims, err := o.signer.Verify(token)
	if err != nil {
		return "", &tokenError{err}
	}
	who := callerOf(claims, r.RemoteAddr)
	if o.budgetOf(who).Spend(who.Key, 1) != nil {
		return "", errTooFast
	}
	if who.Link, err = linkOf(r); err != nil {
		return "", err
	}
	if who.Lane, err = laneOf(r); err != nil {
		return "", err
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/sdp" {
		return "", errNoSDP
	}
	offer, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOffer))
	if err != nil {
		return "", transport.ErrBadOffer
	}
	hello := realtime.Hello{Version: wire.V2, APIKey: token, Frames: true, Address: r.RemoteAddr}
	return o.server.Offer(r.Context(), string(offer), who, func(c *transport.Conn) transport.Receiver {
		c.SetReadLimit(frameLimit(claims, o.frame))
		return o.hub.Open(c, hello)
	})
}

// maxLink is the longest link, bytes.
const maxLink = 64

// linkOf is what the client calls its connection; empty if it does not.
func linkOf(r *http.Request) (string, error) {
	link := r.URL.Query().Get("link")
	if len(link) > maxLink {
		return "", errLongLink
	}
	return link, nil
}

// laneOf is what the client calls the lane that he offers; 0 if he does not.
func laneOf(r *http.Request) (uint32, error) {
	said := r.URL.Query().Get("lane")
	if said == "" {
		return 0, nil
	}
	number, err := strconv.ParseUint(said, 10, 32)
	if err != nil {
		return 0, errLane
	}
	return uint32(number), nil
}

// refusedOffers says how each refusal is told. A token that is not taken has
// words of its own.
var refusedOffers = []struct {
	err           error
	status        int
	code, message string
}{
	{errTooFast, http.StatusTooManyRequests, "too_fast", "Too many offers. Wait a moment."},
	{errNoSDP, http.StatusUnsupportedMediaType, "no_sdp", "Post an SDP offer as application/sdp."},
	{errLongLink, http.StatusBadRequest, "bad_link", "A link has at most " + strconv.Itoa(maxLink) + " bytes."},
	{errLane, http.StatusBadRequest, "bad_lane", "A lane's number is one of 32 bits."},
	{transport.ErrBadOffer, http.StatusBadRequest, "bad_offer", "That is not an SDP offer of data channels."},
	{transport.ErrNoLink, http.StatusNotFound, "no_link", "No open socket has that link. Open the socket first."},
	{transport.ErrNotYours, http.StatusForbidden, "not_yours", "That link is somebody else's."},
	{transport.ErrFull, http.StatusTooManyRequests, "full", "Too many connections."},
	{transport.ErrStopped, http.StatusServiceUnavailable, "stopped", "The box stops. Come again when it is back."},
	{transport.ErrNoLane, http.StatusServiceUnavailable, "no_lane", "This box has no UDP port for WebRTC. The WebSocket does everything."},
}

func (o *offers) refuse(w http.ResponseWriter, err error) {
	for _, known := range refusedOffers {
		if errors.Is(err, known.err) {
			tellProblem(w, known.status, known.code, known.message)
			return
		}
	}
	if bad, ok := errors.AsType[*tokenError](err); ok {
		tellProblem(w, http.StatusUnauthorized, "bad_token", auth.UpgradeMessage(bad.error))
		return
	}
	o.log.Error("cannot answer an offer", "err", err)
	tellProblem(w, http.StatusInternalServerError, "internal", "The box could not make a peer. The WebSocket does everything.")
}

// tellProblem answers with a word for programs and a sentence for people.
func tellProblem(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, map[string]string{"code": code, "message": message})
}

// openLanes takes the UDP port of the data channels: the one that was asked
// for, or that of the pages, or any. A box that cannot have one does without,
// unless it was asked for.
func (a *Appliance) openLanes() error {
	certificate, err := a.store.Kept(context.Background(), laneCertificate, func() ([]byte, error) {
		pem, err := transport.NewCertificate()
		return []byte(pem), err
	})
	if err != nil {
		return err
	}
	host, same := laneHost(a.listener.Addr())
	ports := []int{same, 0}
	if a.cfg.RTCPort != 0 {
		ports = []int{int(a.cfg.RTCPort)}
	}
	for _, port := range ports {
		cfg := transport.LaneConfig{Addr: net.JoinHostPort(host, strconv.Itoa(port)), Certificate: string(certificate)}
		if err = a.sockets.server.OpenLanes(context.Background(), cfg); err == nil {
			return nil
		}
	}
	if a.cfg.RTCPort != 0 {
		return fmt.Errorf("give another UDP port with --rtc-port: %w", err)
	}
	a.log.Warn("no WebRTC: the WebSocket does everything", "err", err)
	return nil
}

// laneCertificate is the name of the secret that peers know the box by.
const laneCertificate = "lane"

// laneHost is where peers are to reach a box that listens there, and the port
// that is most likely open for them too.
func laneHost(listening net.Addr) (host string, port int) {
	addr, ok := listening.(*net.TCPAddr)
	if !ok {
		return "", 0
	}
	if ip := addr.IP.To4(); ip != nil && !ip.IsUnspecified() {
		return ip.String(), addr.Port
	}
	return "", addr.Port // every address: peers speak IPv4
}
