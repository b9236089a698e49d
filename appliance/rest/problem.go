package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/cost"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// The codes of this package, beside those of package table. They are from
// PostgREST's error reference, v14, and the PostgreSQL manual, appendix A.
const (
	codeBody       = "PGRST102" // the body is not the JSON expected
	codeRange      = "PGRST103" // an impossible limit or range
	codeSchema     = "PGRST106" // a profile header names another schema
	codeMedia      = "PGRST107" // an unknown media type
	codeSingular   = "PGRST116" // not exactly one row
	codeMethod     = "PGRST117"
	codePrefer     = "PGRST122" // handling=strict and an unknown preference
	codeAggregate  = "PGRST123"
	codeAffected   = "PGRST124" // more rows than max-affected
	codePath       = "PGRST125"
	codeNoRoot     = "PGRST126"
	codeRelation   = "PGRST200" // an embedded table
	codeNoFunction = "PGRST202"
	codeNoTable    = "PGRST205"
	codeToken      = "PGRST301" // not a token of the box
	codeNoToken    = "PGRST302"
	codeClaims     = "PGRST303" // an expired token, or one without needed claims
	codeRole       = "22023"    // an unknown role
	codeConflict   = "42P10"    // on_conflict does not name the key
	codeNoWhere    = "21000"    // a change of every row, refused as pg-safeupdate does
	codeTimeout    = "57014"    // the work took too long
	codeSlowBody   = "08006"    // the body took too long
	codeDisk       = "58030"    // the disk failed
	codeBusy       = "53400"    // the caller or the box is at its bound: configuration_limit_exceeded
	codeInternal   = "XX000"
)

// statuses maps a code to its HTTP status, as in PostgREST's error reference.
// The exceptions are 54000 and 08006, which are the client's fault here. A code
// that is not in the map has status 400.
var statuses = map[string]int{
	table.CodeDuplicate:  http.StatusConflict,
	table.CodeForbidden:  http.StatusForbidden,
	table.CodeNoOperator: http.StatusNotFound,
	table.CodeTooMuch:    http.StatusRequestEntityTooLarge,
	codeRange:            http.StatusRequestedRangeNotSatisfiable,
	codeSchema:           http.StatusNotAcceptable,
	codeMedia:            http.StatusNotAcceptable,
	codeSingular:         http.StatusNotAcceptable,
	codeMethod:           http.StatusMethodNotAllowed,
	codePath:             http.StatusNotFound,
	codeNoRoot:           http.StatusNotFound,
	codeNoFunction:       http.StatusNotFound,
	codeNoTable:          http.StatusNotFound,
	codeToken:            http.StatusUnauthorized,
	codeNoToken:          http.StatusUnauthorized,
	codeClaims:           http.StatusUnauthorized,
	codeRole:             http.StatusUnauthorized,
	codeSlowBody:         http.StatusRequestTimeout,
	codeBusy:             http.StatusTooManyRequests,
	codeTimeout:          http.StatusInternalServerError,
	codeDisk:             http.StatusInternalServerError,
	codeInternal:         http.StatusInternalServerError,
}

// tokenProblem turns the error of a token into one for the client.
func tokenProblem(err error) error {
	_, expired := errors.AsType[*auth.ExpiredError](err)
	switch {
	case errors.Is(err, auth.ErrMissing):
		return &table.Error{Code: codeNoToken, Message: "No API key found in request", Hint: "No `apikey` request header or url param was found."}
	case expired:
		return &table.Error{Code: codeClaims, Message: "JWT expired"}
	case errors.Is(err, auth.ErrFields):
		return &table.Error{Code: codeClaims, Message: err.Error()}
	}
	return &table.Error{Code: codeToken, Message: err.Error()}
}

// problemOf turns an error into one for the client. Faults of the box have no
// details.
func problemOf(err error) *table.Error {
	if problem, ok := errors.AsType[*table.Error](err); ok {
		return problem
	}
	if refused, ok := errors.AsType[*cost.RefusedError](err); ok {
		return &table.Error{Code: codeBusy, Message: refused.Error()}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &table.Error{Code: codeTimeout, Message: "canceling statement due to statement timeout"}
	case errors.Is(err, store.ErrBroken):
		return &table.Error{Code: codeDisk, Message: "The box's disk failed. It keeps nothing new until it is restarted."}
	}
	return &table.Error{Code: codeInternal, Message: "Something went wrong on the box."}
}

// fail answers with an error.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, who table.Caller, err error) {
	problem := problemOf(err)
	status, known := statuses[problem.Code]
	switch {
	case !known:
		status = http.StatusBadRequest
	case problem.Code == table.CodeForbidden && who.Role == auth.Anon:
		status = http.StatusUnauthorized // a user who signs in may have the right
	}
	if status == http.StatusInternalServerError && problem.Code != codeTimeout && r.Context().Err() == nil {
		h.cfg.Log.Error("request to a table failed", "method", r.Method, "err", err)
	}
	if status == http.StatusUnauthorized && strings.HasPrefix(problem.Code, "PGRST3") {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	body, err := json.Marshal(struct {
		Code    string  `json:"code"`
		Details *string `json:"details"`
		Hint    *string `json:"hint"`
		Message string  `json:"message"`
	}{problem.Code, orNull(problem.Details), orNull(problem.Hint), problem.Message})
	if err != nil {
		panic(err) // strings are always JSON
	}
	send(w, status, "application/json; charset=utf-8", body)
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// send answers with a body, if there is one. Caches must not keep rows.
func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.Header().Set("Cache-Control", "no-store")
	if status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(body))) // known, though it leaves at once
	}
	w.WriteHeader(status)
	if len(body) > 0 {
		_, _ = w.Write(body) // an error means that the client is gone
	}
}
