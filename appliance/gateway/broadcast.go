package gateway

import (
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/url"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/limits"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Limits on broadcasts over HTTP.
const (
	maxBatch     = 100 // messages in one request
	postsMembers = 4   // members whose bytes one address may send
)

// posts answers broadcasts over HTTP: a batch as JSON, or one event as JSON or
// bytes. Statuses and bodies are those of supabase/realtime.
type posts struct {
	hub    *realtime.Hub
	verify func(token string) (auth.Claims, error)
	log    *slog.Logger
	ledger *cost.Ledger
	budget *ratelimit.Budget // by address, of messages
	bytes  *ratelimit.Budget // by address
	limits limits.Limits
}

func newPosts(cfg Config) *posts {
	messages, bytes := cfg.Limits.Rate("posts"), cfg.Limits.Bytes(postsMembers)
	return &posts{
		hub: cfg.Hub, verify: cfg.VerifySeated, log: cfg.Log, ledger: cfg.Cost, limits: cfg.Limits,
		budget: ratelimit.NewBudget(messages.PerSecond, max(messages.Burst, maxBatch)),
		bytes:  ratelimit.NewBudget(bytes.PerSecond, bytes.Burst),
	}
}

// routes adds the public paths of Supabase, and those behind its gateway.
func (p *posts) routes(mux *http.ServeMux) {
	for _, prefix := range []string{"/realtime/v1/api", "/api"} {
		handle(mux, "POST "+prefix+"/broadcast", http.HandlerFunc(p.batch))
		handle(mux, "POST "+prefix+"/broadcast/{topic}/events/{event}", http.HandlerFunc(p.event))
	}
}

// posted is one message of a batch.
type posted struct {
	Topic   string          `json:"topic"`
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
	Private json.RawMessage `json:"private"` // see private
	Persist json.RawMessage `json:"persist"` // see realtime.ReadPersist
}

// private reads whether the message is for the private channel. It reports false
// for what does not say so clearly: the public channel would be the wrong guess.
func (m posted) private() (private, ok bool) { return wire.ReadFlag(m.Private, false) }

// problems says what is wrong with a message, in Supabase's words.
func (m posted) problems() map[string][]string {
	wrong := map[string][]string{}
	for field, empty := range map[string]bool{
		"topic": m.Topic == "", "event": m.Event == "", "payload": len(m.Payload) == 0 || string(m.Payload) == "null",
	} {
		if empty {
			wrong[field] = []string{"can't be blank"}
		}
	}
	if len(m.Topic) > wire.MaxTopic-len(wire.TopicPrefix) {
		wrong["topic"] = []string{"is too long"}
	}
	if len(m.Event) > wire.MaxTopic {
		wrong["event"] = []string{"is too long"}
	}
	if _, ok := m.private(); !ok {
		wrong["private"] = []string{"is invalid"}
	}
	if _, err := realtime.ReadPersist(m.Persist); err != nil {
		wrong["persist"] = []string{"is invalid"}
	}
	return wrong
}

func (m posted) post() realtime.Post {
	private, _ := m.private() // problems has checked both
	keep, _ := realtime.ReadPersist(m.Persist)
	b := realtime.Broadcast{Event: m.Event, Encoding: wire.JSON, Payload: m.Payload, At: clock.Now()}
	return realtime.Post{Topic: m.Topic, Private: private, Persist: keep, Broadcast: b}
}

// batch takes many messages. It drops those that the caller may not send, and the
// answer does not say so, as with Supabase.
func (p *posts) batch(w http.ResponseWriter, r *http.Request) {
	claims, body, release, ok := p.open(w, r)
	if !ok {
		return
	}
	defer release()
	var request struct {
		Messages []posted `json:"messages"`
	}
	if !wire.ValidJSON(body) || json.Unmarshal(body, &request) != nil {
		respond(w, http.StatusBadRequest, map[string]any{"message": "The body is not the JSON expected."})
		return
	}
	switch n := len(request.Messages); {
	case n == 0:
		unprocessable(w, "messages", []string{"can't be blank"})
		return
	case n > maxBatch:
		respond(w, http.StatusTooManyRequests, map[string]any{"message": "Too many messages to broadcast, please reduce the batch size"})
		return
	case !p.allow(r, claims, n, len(body)):
		respond(w, http.StatusTooManyRequests, map[string]any{"message": "You have exceeded your rate limit"})
		return
	}
	if problems, any := problemsOf(request.Messages); any {
		unprocessable(w, "messages", problems)
		return
	}
	for _, m := range request.Messages {
		if err := p.hub.Post(claims, m.post()); err != nil {
			p.log.Debug("a broadcast over HTTP was refused", "topic", m.Topic, "event", m.Event, "err", err)
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

func problemsOf(messages []posted) (problems []map[string][]string, any bool) {
	for _, m := range messages {
		found := m.problems()
		problems = append(problems, found)
		any = any || len(found) > 0
	}
	return problems, any
}

// event takes one event. The body is its payload.
func (p *posts) event(w http.ResponseWriter, r *http.Request) {
	claims, body, release, ok := p.open(w, r)
	if !ok {
		return
	}
	defer release()
	m := posted{
		Topic: r.PathValue("topic"), Event: r.PathValue("event"), Payload: body,
		Private: textJSON(r.URL.Query().Get("private")),
	}
	post := m.post()
	post.Address = r.RemoteAddr
	keep, err := persistOf(r.URL.Query())
	if err != nil {
		respond(w, http.StatusUnprocessableEntity, map[string]any{"error": "invalid_persist_ttl"})
		return
	}
	post.Persist = keep
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case kind == "application/octet-stream":
		post.Encoding = wire.Binary
	case kind != "application/json":
		respond(w, http.StatusUnsupportedMediaType, map[string]any{"error": "Unsupported Media Type. Use application/json or application/octet-stream"})
		return
	case !wire.ValidJSON(body):
		unprocessable(w, "payload", []string{"is invalid"})
		return
	}
	problems := m.problems()
	if post.Encoding == wire.Binary {
		delete(problems, "payload") // an empty payload is one too
	}
	if len(problems) > 0 {
		respond(w, http.StatusUnprocessableEntity, map[string]any{"errors": problems})
		return
	}
	if !p.allow(r, claims, 1, len(body)+len(m.Event)) {
		respond(w, http.StatusTooManyRequests, map[string]any{"message": "You have exceeded your rate limit"})
		return
	}
	if err := p.hub.Post(claims, post); err != nil {
		refusePost(w, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// textJSON is a text as JSON.
func textJSON(text string) json.RawMessage {
	quoted, _ := json.Marshal(text) // a string always marshals
	return quoted
}

// persistOf reads persist=true and persist[ttl]=60.
func persistOf(q url.Values) (realtime.Persist, error) {
	if q.Has("persist[ttl]") {
		return realtime.PersistFor(q.Get("persist[ttl]"))
	}
	wanted, _ := wire.ParseFlag(q.Get("persist"))
	return realtime.Persist{Wanted: wanted}, nil
}

// refusePost answers a broadcast that was refused, with the room's own sentence
// if it has one.
func refusePost(w http.ResponseWriter, err error) {
	refused, ok := errors.AsType[*realtime.Refusal](err)
	switch {
	case !ok:
		respond(w, http.StatusInternalServerError, map[string]any{"message": "Something went wrong on the box."})
	case refused.Reason == realtime.ErrUnauthorized.Reason:
		respond(w, http.StatusForbidden, map[string]any{"message": "Unauthorized"})
	default:
		respond(w, http.StatusUnprocessableEntity, map[string]any{"message": refused.Message, "reason": refused.Reason})
	}
}

// open checks the token and reads the body. If it reports false, it has answered.
// release ends what the body costs.
func (p *posts) open(w http.ResponseWriter, r *http.Request) (claims auth.Claims, body []byte, release func(), ok bool) {
	claims, err := p.verify(auth.Token(r))
	if err != nil {
		cost.Unread(w)
		respond(w, http.StatusUnauthorized, map[string]any{"message": "Unauthorized"})
		return claims, nil, nil, false
	}
	body, release, err = p.ledger.ReadBody(w, r, claims.Payer(r.RemoteAddr), p.longest(claims))
	if err != nil {
		refuseBody(w, err)
		return claims, nil, nil, false
	}
	return claims, body, release, true
}

// longest is how long a body may be, in bytes.
func (p *posts) longest(claims auth.Claims) int64 {
	if claims.Role == auth.Service {
		return int64(p.limits["service-frame"])
	}
	return int64(p.limits["frame"])
}

// refuseBody answers a body that is too long or did not arrive.
func refuseBody(w http.ResponseWriter, err error) {
	if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
		unprocessable(w, "payload", []string{"Payload size exceeds tenant limit"})
		return
	}
	if refused, ok := errors.AsType[*cost.RefusedError](err); ok {
		cost.Unread(w)
		respond(w, http.StatusTooManyRequests, map[string]any{"message": refused.Error()})
		return
	}
	w.Header().Set("Connection", "close") // the rest of the body would be read as the next request
	respond(w, http.StatusRequestTimeout, map[string]any{"message": "The body did not come."})
}

// allow takes messages and their bytes from the budgets of the caller's address.
// A service key has no such limit.
func (p *posts) allow(r *http.Request, claims auth.Claims, messages, bytes int) bool {
	if claims.Role == auth.Service {
		return true
	}
	address := ratelimit.AddressKey(r.RemoteAddr)
	return p.budget.Spend(address, messages) == nil && p.bytes.Spend(address, bytes) == nil
}
