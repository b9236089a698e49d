package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// The codes that this package gives beside those of package table: PostgREST's
// error reference, v14, and the PostgreSQL manual, appendix A.
const (
	codeBody       = "PGRST102" // the body is not the JSON expected
	codeRange      = "PGRST103" // a limit or range that cannot be
	codeSchema     = "PGRST106" // a profile header names another schema
	codeMedia      = "PGRST107" // a media type that there is none of
	codeSingular   = "PGRST116" // not exactly one row
	codeMethod     = "PGRST117"
	codePrefer     = "PGRST122" // handling=strict and a preference unknown
	codeAggregate  = "PGRST123"
	codeAffected   = "PGRST124" // more rows than max-affected
	codePath       = "PGRST125"
	codeNoRoot     = "PGRST126"
	codeRelation   = "PGRST200" // an embedded table
	codeNoFunction = "PGRST202"
	codeNoTable    = "PGRST205"
	codeToken      = "PGRST301" // a token that is not the box's
	codeNoToken    = "PGRST302"
	codeClaims     = "PGRST303" // a token that has expired, or lacks claims
	codeRole       = "22023"    // a role that there is none of
	codeConflict   = "42P10"    // on_conflict does not name the key
	codeNoWhere    = "21000"    // a change of every row, refused as by pg-safeupdate
	codeTimeout    = "57014"    // the work took too long
	codeSlowBody   = "08006"    // the body took too long
	codeDisk       = "58030"    // the disk failed
	codeInternal   = "XX000"
)

// statuses say with which HTTP status a code is told: PostgREST's error
// reference, but for 54000 and 08006, which here are the client's doing. Codes
// that are not here are told with 400.
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
	codeTimeout:          http.StatusInternalServerError,
	codeDisk:             http.StatusInternalServerError,
	codeInternal:         http.StatusInternalServerError,
}

// tokenProblem tells why a token does not open the box.
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

// problemOf finds how an error is told; faults of the box without details.
func problemOf(err error) *table.Error {
	if problem, ok := errors.AsType[*table.Error](err); ok {
		return problem
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
		status = http.StatusUnauthorized // who signs in may be let in
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

// send answers with a body, if there is one. What is in a table does not stay
// in caches.
func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if len(body) > 0 {
		_, _ = w.Write(body) // the client may be gone
	}
}
