package appliance

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/realtime"
	"downbeat.local/appliance/wire"
	"downbeat.local/sync/clock"
)

// Limits on broadcasts over HTTP.
const (
	maxBatch       = 100 // messages in one request
	postsPerSecond = 20  // messages from one address, without a service key
	postsBurst     = 2 * maxBatch
	postsMembers   = 4 // as many members' bytes, of one address
)

// posts answers Supabase's broadcasts over HTTP: a batch as JSON, and one
// event as JSON or bytes. Statuses and bodies are those of supabase/realtime.
type posts struct {
	hub    *realtime.Hub
	verify func(token string) (auth.Claims, error)
	log    *slog.Logger
	budget *ratelimit.Budget // by address, of messages
	bytes  *ratelimit.Budget // by address
	frame  int64             // the longest body, in bytes, without a service key
}

func newPosts(hub *realtime.Hub, allowed limits, verify func(string) (auth.Claims, error), log *slog.Logger) *posts {
	bytes := allowed.bytes(postsMembers)
	return &posts{
		hub: hub, verify: verify, log: log, frame: int64(allowed["frame"]),
		budget: ratelimit.NewBudget(postsPerSecond, postsBurst), bytes: ratelimit.NewBudget(bytes.PerSecond, bytes.Burst),
	}
}

// routes adds the paths that Supabase's gateway has and those behind it.
func (p *posts) routes(mux *http.ServeMux) {
	for _, prefix := range []string{"/realtime/v1/api", "/api"} {
		mux.HandleFunc("POST "+prefix+"/broadcast", p.batch)
		mux.HandleFunc("POST "+prefix+"/broadcast/{topic}/events/{event}", p.event)
	}
}

// posted is one of a batch.
type posted struct {
	Topic   string          `json:"topic"`
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
	Private bool            `json:"private"`
}

// problems says what is wrong with a message, as Supabase words it.
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
	return wrong
}

func (m posted) post() realtime.Post {
	b := realtime.Broadcast{Event: m.Event, Encoding: wire.JSON, Payload: m.Payload, At: clock.Now()}
	return realtime.Post{Topic: m.Topic, Private: m.Private, Broadcast: b}
}

// batch takes many messages. Those that the caller may not send are left out,
// and the answer is the same: that is how its clients know it.
func (p *posts) batch(w http.ResponseWriter, r *http.Request) {
	claims, body, ok := p.open(w, r)
	if !ok {
		return
	}
	var request struct {
		Messages []posted `json:"messages"`
	}
	if !wire.ValidJSON(body) || json.Unmarshal(body, &request) != nil {
		answer(w, http.StatusBadRequest, map[string]any{"message": "The body is not the JSON expected."})
		return
	}
	switch n := len(request.Messages); {
	case n == 0:
		unprocessable(w, "messages", []string{"can't be blank"})
		return
	case n > maxBatch:
		answer(w, http.StatusTooManyRequests, map[string]any{"message": "Too many messages to broadcast, please reduce the batch size"})
		return
	case !p.allow(r, claims, n, len(body)):
		answer(w, http.StatusTooManyRequests, map[string]any{"message": "You have exceeded your rate limit"})
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

// event takes one event, whose body is its payload.
func (p *posts) event(w http.ResponseWriter, r *http.Request) {
	claims, body, ok := p.open(w, r)
	if !ok {
		return
	}
	m := posted{
		Topic: r.PathValue("topic"), Event: r.PathValue("event"), Payload: body,
		Private: r.URL.Query().Get("private") == "true",
	}
	post := m.post()
	keep, err := persistOf(r.URL.Query())
	if err != nil {
		answer(w, http.StatusUnprocessableEntity, map[string]any{"error": "invalid_persist_ttl"})
		return
	}
	post.Persist = keep
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case kind == "application/octet-stream":
		post.Encoding = wire.Binary
	case kind != "application/json":
		answer(w, http.StatusUnsupportedMediaType, map[string]any{"error": "Unsupported Media Type. Use application/json or application/octet-stream"})
		return
	case !wire.ValidJSON(body):
		unprocessable(w, "payload", []string{"is invalid"})
		return
	}
	problems := m.problems()
	if post.Encoding == wire.Binary {
		delete(problems, "payload") // no bytes at all are bytes too
	}
	if len(problems) > 0 {
		answer(w, http.StatusUnprocessableEntity, map[string]any{"errors": problems})
		return
	}
	if !p.allow(r, claims, 1, len(body)+len(m.Event)) {
		answer(w, http.StatusTooManyRequests, map[string]any{"message": "You have exceeded your rate limit"})
		return
	}
	if err := p.hub.Post(claims, post); err != nil {
		refusePost(w, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// persistOf reads persist=true and persist[ttl]=60.
func persistOf(q url.Values) (realtime.Persist, error) {
	if q.Has("persist[ttl]") {
		return realtime.PersistFor(q.Get("persist[ttl]"))
	}
	return realtime.Persist{Wanted: q.Get("persist") == "true"}, nil
}

// refusePost answers what may not be posted. The sentence of a room's own
// refusal goes along.
func refusePost(w http.ResponseWriter, err error) {
	refused, ok := errors.AsType[*realtime.Refusal](err)
	switch {
	case !ok:
		answer(w, http.StatusInternalServerError, map[string]any{"message": "Something went wrong on the box."})
	case refused.Reason == realtime.ErrUnauthorized.Reason:
		answer(w, http.StatusForbidden, map[string]any{"message": "Unauthorized"})
	default:
		answer(w, http.StatusUnprocessableEntity, map[string]any{"message": refused.Message, "reason": refused.Reason})
	}
}

// open checks who asks and reads the body; false means that it has answered.
func (p *posts) open(w http.ResponseWriter, r *http.Request) (claims auth.Claims, body []byte, ok bool) {
	claims, err := p.verify(auth.Token(r))
	if err != nil {
		answer(w, http.StatusUnauthorized, map[string]any{"message": "Unauthorized"})
		return claims, nil, false
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, frameLimit(claims, p.frame)))
	if err != nil {
		refuseBody(w, err)
		return claims, nil, false
	}
	return claims, body, true
}

// refuseBody answers a body that is too long, or that did not come.
func refuseBody(w http.ResponseWriter, err error) {
	if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
		unprocessable(w, "payload", []string{"Payload size exceeds tenant limit"})
		return
	}
	w.Header().Set("Connection", "close") // what comes now would be read as another request
	answer(w, http.StatusRequestTimeout, map[string]any{"message": "The body did not come."})
}

// allow takes messages, and the bytes of them all, from the budgets of the
// caller's address. Programs with a service key have none.
func (p *posts) allow(r *http.Request, claims auth.Claims, messages, bytes int) bool {
	if claims.Role == auth.Service {
		return true
	}
	address := ratelimit.AddressKey(r.RemoteAddr)
	return p.budget.Spend(address, messages) == nil && p.bytes.Spend(address, bytes) == nil
}

func unprocessable(w http.ResponseWriter, field string, problem any) {
	answer(w, http.StatusUnprocessableEntity, map[string]any{"errors": map[string]any{field: problem}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

// hostOf is an address without its port.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
