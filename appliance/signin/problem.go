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

	"downbeat.local/appliance/people"
	"downbeat.local/appliance/ratelimit"
)

// problem is an error in Supabase Auth's form. The codes are those that
// auth-js knows (its lib/error-codes.ts), and programs match on the sentences.
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
	errBearerGone   = &problem{403, "user_not_found", "User from sub claim in JWT does not exist"}
	errNotAdmin     = &problem{403, "not_admin", "User not allowed"}
	errUserGone     = &problem{404, "user_not_found", "User not found"}
	errPage         = &problem{400, "validation_failed", "Bad Pagination Parameters: page and per_page are numbers from 1"}
	errBadID        = &problem{404, "validation_failed", "user_id must be an UUID"}
	errEmailTaken   = &problem{422, "email_exists", "A user with this email address has already been registered"}
	errBadEmail     = &problem{400, "validation_failed", "Unable to validate email address: invalid format"}
	errNoEmail      = &problem{400, "validation_failed", "Cannot create a user without an email"}
	errTooMuchData  = &problem{422, "validation_failed", "The user's data is too long for the box."}
	errTooManyUsers = &problem{422, "validation_failed", "The box holds no more users. Delete some first."}
	errUserExists   = &problem{422, "user_already_exists", "User already registered"}
	errNoPassword   = &problem{400, "validation_failed", "Signup requires a valid password"}
	errPhone        = &problem{422, "phone_provider_disabled", "The box has no phones. Sign in with an email address or anonymously."}
	errAnonymous    = &problem{422, "validation_failed", "Updating password of an anonymous user is not possible"}
	errSame         = &problem{422, "same_password", "New password should be different from the old password."}
	errNoOAuth      = &problem{400, "oauth_provider_not_supported", "Unsupported provider: the box has no OAuth. Sign in with a password or anonymously."}
	errNoMail       = &problem{422, "email_provider_disabled", "The box sends no mail. Sign in with a password or anonymously."}
	errNoFactors    = &problem{422, "mfa_totp_enroll_not_enabled", "The box has no second factors and no passkeys."}
	errUnknownHere  = &problem{422, "validation_failed", "The box has no phones and no bans. Delete the user, or give them another password."}
	errTeacher      = &problem{422, "validation_failed", "The box's teacher cannot be changed here."}
	errScope        = &problem{400, "validation_failed", "Unsupported logout scope"}
	errLong         = &problem{400, "validation_failed", fmt.Sprintf("Password cannot be longer than %d characters", people.MaxUserPassword)}
	errUnconfirmed  = &problem{400, "email_not_confirmed", "Email not confirmed"}
	errWeak         = &problem{422, "weak_password", "Password should be at least 6 characters."}
	errNotKept      = &problem{507, "unexpected_failure", "The box could not keep that: its disk is full or failing. Nothing has changed."}
	errFault        = &problem{500, "unexpected_failure", "Something went wrong on the box."}
)

// ofPeople maps the register's errors to problems.
var ofPeople = map[error]*problem{
	people.ErrWrongPassword: errCredentials,
	people.ErrUnclaimed:     errUnclaimed,
	people.ErrWeakPassword:  errWeak,
	people.ErrLongPassword:  errLong,
	people.ErrUnconfirmed:   errUnconfirmed,
	people.ErrFull:          errTooManyUsers,
	people.ErrNoUser:        errUserGone,
	people.ErrNoSession:     errNoSession,
	people.ErrEmail:         errBadEmail,
	people.ErrEmailTaken:    errEmailTaken,
	people.ErrNoEmail:       errAnonymous,
	people.ErrSame:          errSame,
	people.ErrTooLong:       errTooMuchData,
	people.ErrTeacher:       errTeacher,
	people.ErrNotKept:       errNotKept,
	people.ErrUnknownToken:  errRefreshGone,
	people.ErrReusedToken:   errRefreshUsed,
}

// problemOf returns the problem of an error, and how long the caller has to
// wait.
func problemOf(err error) (p *problem, wait time.Duration) {
	if known, ok := errors.AsType[*problem](err); ok {
		return known, 0
	}
	if slow, ok := errors.AsType[*ratelimit.SlowDownError](err); ok {
		return &problem{429, "over_request_rate_limit", "Request rate limit reached"}, slow.Wait
	}
	if errors.Is(err, people.ErrBusy) {
		return &problem{429, "over_request_rate_limit", "Too many people are signing in. Try again in a moment."}, 2 * time.Second
	}
	for known, p := range ofPeople {
		if errors.Is(err, known) {
			return p, 0
		}
	}
	return errFault, 0
}

// badToken is the problem of a token that does not verify.
func badToken(err error) error {
	return &problem{403, "bad_jwt", "invalid JWT: " + err.Error()}
}

// The header in which clients ask for a form of errors, and the newer form,
// which every client since auth-js 2.58 asks for.
const (
	versionHeader = "X-Supabase-Api-Version"
	newVersion    = "2024-01-01"
)

// answer makes a handler of a function that returns its error. All errors are
// answered here.
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

// body returns a problem in the form that the client asked for.
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

// writeJSON answers with a value. Caches must not keep it: it holds who a user
// is.
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

// maxBody bounds every request body, in bytes: both kinds of user data, and a
// password.
const maxBody = 16 << 10

// readBody reads one JSON object into v. It ignores unknown fields, and an
// empty body is an empty object.
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
