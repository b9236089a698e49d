package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/ratelimit"
)

// problem is an error as Supabase Auth tells it: the codes are those that
// auth-js knows (its lib/error-codes.ts), the sentences are what its users
// match on.
type problem struct {
	status  int
	code    string
	message string
}

// Error returns the sentence.
func (p *problem) Error() string { return p.message }

var (
	errNoRoute      = &problem{404, "not_found", "This box has no such page of Supabase Auth."}
	errBadJSON      = &problem{400, "bad_json", "Could not parse request body as JSON"}
	errTooBig       = &problem{413, "validation_failed", "The request is too long."}
	errGrant        = &problem{400, "unsupported_grant_type", "unsupported_grant_type"}
	errCredentials  = &problem{400, "invalid_credentials", "Invalid login credentials"}
	errUnclaimed    = &problem{400, "invalid_credentials", "This box has no teacher yet. Claim it at /teacher first."}
	errSignup       = &problem{422, "signup_disabled", "Signups not allowed for this instance"}
	errRefreshGone  = &problem{400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found"}
	errRefreshUsed  = &problem{400, "refresh_token_already_used", "Invalid Refresh Token: Already Used"}
	errNoBearer     = &problem{401, "no_authorization", "This endpoint requires a valid Bearer token"}
	errNoSubject    = &problem{403, "bad_jwt", "invalid claim: missing sub claim"}
	errNoSession    = &problem{403, "session_not_found", "Session from session_id claim in JWT does not exist"}
	errNoUser       = &problem{403, "user_not_found", "User from sub claim in JWT does not exist"}
	errNotAdmin     = &problem{403, "not_admin", "User not allowed"}
	errUserGone     = &problem{404, "user_not_found", "User not found"}
	errBadID        = &problem{404, "validation_failed", "user_id must be an UUID"}
	errEmailTaken   = &problem{422, "email_exists", "A user with this email address has already been registered"}
	errBadEmail     = &problem{400, "validation_failed", "Unable to validate email address: invalid format"}
	errNoEmail      = &problem{400, "validation_failed", "Cannot create a user without an email"}
	errTooMuchData  = &problem{422, "validation_failed", "The user's data is too long for the box."}
	errTooManyUsers = &problem{422, "validation_failed", "The box holds no more users. Delete some first."}
	errOnlyData     = &problem{422, "validation_failed", "Only data can be changed here."}
	errUnknownHere  = &problem{422, "validation_failed", "The box has no phones and no bans. Delete the user, or give him another password."}
	errTeacher      = &problem{422, "validation_failed", "The box's teacher cannot be changed here."}
	errScope        = &problem{400, "validation_failed", "Unsupported logout scope"}
	errWeak         = &problem{422, "weak_password", "Password should be at least 8 characters."}
	errFault        = &problem{500, "unexpected_failure", "Something went wrong on the box."}
)

// problemOf finds how an error is told. wait is how long to stay away.
func problemOf(err error) (p *problem, wait time.Duration) {
	if known, ok := errors.AsType[*problem](err); ok {
		return known, 0
	}
	if slow, ok := errors.AsType[*ratelimit.SlowDownError](err); ok {
		return &problem{429, "over_request_rate_limit", "Request rate limit reached"}, slow.Wait
	}
	switch {
	case errors.Is(err, auth.ErrWrongPassword):
		return errCredentials, 0
	case errors.Is(err, auth.ErrUnclaimed):
		return errUnclaimed, 0
	case errors.Is(err, auth.ErrWeakPassword):
		return errWeak, 0
	case errors.Is(err, auth.ErrBusy):
		return &problem{429, "over_request_rate_limit", "Too many people are signing in. Try again in a moment."}, 2 * time.Second
	}
	return errFault, 0
}

// badToken is a token that does not verify.
func badToken(err error) error {
	return &problem{403, "bad_jwt", "invalid JWT: " + err.Error()}
}

// The header in which clients ask for a form of errors, and the form that all
// since auth-js 2.58 ask for. Others get the older one.
const (
	versionHeader = "X-Supabase-Api-Version"
	newVersion    = "2024-01-01"
)

// answer is a handler that returns its error, told in the one way there is.
func (s *Server) answer(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, wait := problemOf(err)
	if p == errFault && !errors.Is(err, context.Canceled) {
		s.log.Error("sign-in request failed", "method", r.Method, "route", r.Pattern, "err", err)
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	w.Header().Set("X-Sb-Error-Code", p.code)
	_ = writeJSON(w, p.status, p.body(w, r))
}

// body is the form of a problem that the client asked for.
func (p *problem) body(w http.ResponseWriter, r *http.Request) any {
	type reasons struct {
		Reasons []string `json:"reasons"`
	}
	var weak *reasons
	if p == errWeak {
		weak = &reasons{[]string{"length"}}
	}
	if asked := r.Header.Get(versionHeader); len(asked) == len(newVersion) && asked >= newVersion {
		w.Header().Set(versionHeader, newVersion)
		return struct {
			Code    string   `json:"code"`
			Message string   `json:"message"`
			Weak    *reasons `json:"weak_password,omitempty"`
		}{p.code, p.message, weak}
	}
	return struct {
		Status  int      `json:"code"`
		Code    string   `json:"error_code"`
		Message string   `json:"msg"`
		Weak    *reasons `json:"weak_password,omitempty"`
	}{p.status, p.code, p.message, weak}
}

// writeJSON answers with a value; who somebody is stays in no cache.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone
	return nil
}

// maxBody bounds every request body, in bytes: twice maxData and a password.
const maxBody = 16 << 10

// readBody reads one JSON object into v. Unknown fields are ignored; an empty
// body is an empty object.
func readBody(w http.ResponseWriter, r *http.Request, v any) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooBig
	}
	if err != nil || !utf8.Valid(raw) {
		return errBadJSON
	}
	if len(raw) == 0 {
		return nil
	}
	if json.Unmarshal(raw, v) != nil {
		return errBadJSON
	}
	return nil
}
