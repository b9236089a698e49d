package gateway

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/rtc"
	"downbeat.local/appliance/transport"
	"downbeat.local/appliance/wire"
)

// OfferPath is where a client posts the offer of a WebRTC peer.
const OfferPath = "/rtc/v1/offer"

const (
	// maxOffer, bytes, is far more than a browser's offer of two channels.
	maxOffer = 16 << 10
	// A client offers once, and again when it loses the lane or its network
	// changes. Each offer costs the box a handshake.
	offersPerSecond = 0.5
	offersBurst     = 5
	// A device with a program's key may stand for a class.
	classOffersPerSecond = 10
	classOffersBurst     = 128
)

// Why an offer is refused before it reaches package transport.
var (
	errTooFast  = errors.New("too many offers")
	errNoSDP    = errors.New("not application/sdp")
	errLongLink = errors.New("link too long")
	errLane     = errors.New("not the number of a lane")
)

// offers answers OfferPath: a POST of an SDP offer gets an SDP answer.
type offers struct {
	*sockets
	own, shared *ratelimit.Budget // of a person, and of a device with only a key
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

// ServeHTTP makes a peer. It is the lane of the WebSocket that the query's link
// names, or a connection of its own.
func (o *offers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := o.answer(w, r)
	switch {
	case r.Context().Err() != nil:
		return // the client has gone
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
	claims, err := o.verify(token)
	if err != nil {
		return "", &tokenError{err}
	}
	who := callerOf(claims, r.RemoteAddr)
	if o.budgetOf(who).Spend(who.Key, 1) != nil {
		return "", errTooFast
	}
	if who.ConnName, err = linkOf(r); err != nil {
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
		return "", rtc.ErrBadOffer
	}
	hello := realtime.Hello{Version: wire.V2, APIKey: token, Service: claims.Role == auth.Service, Frames: true, Address: r.RemoteAddr, Payer: claims.Payer(r.RemoteAddr)}
	return o.server.Offer(r.Context(), string(offer), who, o.accept(hello))
}

// maxLink is the longest link, in bytes.
const maxLink = 64

// linkOf is the client's name for its connection, or empty.
func linkOf(r *http.Request) (string, error) {
	link := r.URL.Query().Get("link")
	if len(link) > maxLink {
		return "", errLongLink
	}
	return link, nil
}

// laneOf is the client's number for the lane that it offers, or 0.
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

// refusedOffers is the answer to each refusal. A bad token has messages of its
// own.
var refusedOffers = []struct {
	err           error
	status        int
	code, message string
}{
	{errTooFast, http.StatusTooManyRequests, "too_fast", "Too many offers. Wait a moment."},
	{errNoSDP, http.StatusUnsupportedMediaType, "no_sdp", "Post an SDP offer as application/sdp."},
	{errLongLink, http.StatusBadRequest, "bad_link", "A link has at most " + strconv.Itoa(maxLink) + " bytes."},
	{errLane, http.StatusBadRequest, "bad_lane", "A lane's number is one of 32 bits."},
	{rtc.ErrBadOffer, http.StatusBadRequest, "bad_offer", "That is not an SDP offer of data channels."},
	{transport.ErrNoConn, http.StatusNotFound, "no_link", "No open socket has that link. Open the socket first."},
	{transport.ErrNotYours, http.StatusForbidden, "not_yours", "That link is somebody else's."},
	{transport.ErrFull, http.StatusTooManyRequests, "full", "Too many connections."},
	{transport.ErrStopped, http.StatusServiceUnavailable, "stopped", "The box stops. Come again when it is back."},
	{transport.ErrNoLane, http.StatusServiceUnavailable, "no_lane", "This box has no UDP port for WebRTC. The WebSocket does everything."},
}

func (o *offers) refuse(w http.ResponseWriter, err error) {
	for _, known := range refusedOffers {
		if errors.Is(err, known.err) {
			respondProblem(w, known.status, known.code, known.message)
			return
		}
	}
	if bad, ok := errors.AsType[*tokenError](err); ok {
		respondProblem(w, http.StatusUnauthorized, "bad_token", auth.UpgradeMessage(bad.error))
		return
	}
	o.log.Error("cannot answer an offer", "err", err)
	respondProblem(w, http.StatusInternalServerError, "internal", "The box could not make a peer. The WebSocket does everything.")
}

// respondProblem responds with a word for programs and a sentence for people.
func respondProblem(w http.ResponseWriter, status int, code, message string) {
	respond(w, status, map[string]string{"code": code, "message": message})
}
