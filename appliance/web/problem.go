package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/classlist"
	"downbeat.local/appliance/names"
	"downbeat.local/appliance/people"
	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/records"
	"downbeat.local/appliance/room"
)

// Reasons to refuse a request before it is handled.
var (
	errSignedOut = errors.New("no session")
	errWrongHost = errors.New("asked under a name that is not this box's")
	errForeign   = errors.New("asked by another site's page")
	errNoPage    = errors.New("no such page")
	errMethod    = errors.New("method not allowed")
	errBody      = errors.New("body is not the JSON expected")
	errTooBig    = errors.New("body too big")
	errNotBuilt  = errors.New("web app not built")
	errNoCode    = errors.New("code cannot be drawn")
)

// problem is an error as people and programs read it.
type problem struct {
	status  int
	code    string // the word for programs
	message string // the sentence for people
	wait    time.Duration
}

// known maps errors to answers. Any other error is a fault of the box: 500,
// with the details only in the log.
var known = []struct {
	err error
	problem
}{
	{room.ErrNoRoom, problem{404, "not_found", "No room has that code. Look at the board.", 0}},
	{room.ErrLocked, problem{423, "locked", "The room is locked. Ask your teacher to open it.", 0}},
	{room.ErrFull, problem{409, "full", "The room is full.", 0}},
	{room.ErrRemoved, problem{403, "removed", "Your teacher has taken you out of this room.", 0}},
	{names.ErrName, problem{422, "bad_name", "That name does not work here. Try another one.", 0}},
	{room.ErrNoMember, problem{404, "no_member", "You are not in this room any more. Join again.", 0}},
	{room.ErrNoOutput, problem{404, "no_output", "That output is not plugged in any more.", 0}},
	{room.ErrBadOutput, problem{422, "bad_output", "An output plays the notes of nobody, of everybody, or of chosen students.", 0}},
	{records.ErrNoStudent, problem{404, "no_student", "The box knows no such student.", 0}},
	{records.ErrNoTalk, problem{404, "no_talk", "That student does not ask to talk any more.", 0}},
	{records.ErrBadState, problem{422, "bad_state", "The box did not understand that.", 0}},
	{classlist.ErrNoClass, problem{404, "no_class", "The box has no such class.", 0}},
	{classlist.ErrNoChild, problem{404, "no_child", "That child is not in the class any more.", 0}},
	{classlist.ErrName, problem{422, "bad_name", "A name has from 1 to 60 letters.", 0}},
	{classlist.ErrTooMany, problem{422, "too_many", "That is not a class list: it has too few or too many names.", 0}},
	{classlist.ErrFile, problem{422, "no_names", "The box found no names there. Save the list as CSV, or paste it.", 0}},
	{classlist.ErrChanged, problem{409, "changed", "The list has changed meanwhile. Look at it again.", 0}},
	{classlist.ErrNoMusic, problem{404, "no_music", "Those pictures open nothing. Look at your card.", 0}},
	{classlist.ErrElsewhere, problem{409, "elsewhere", "Your pictures are open on another device. Ask your teacher.", 0}},
	{classlist.ErrNothing, problem{409, "nothing", "There is nothing to undo any more.", 0}},
	{classlist.ErrNotEmpty, problem{409, "not_empty", "The class still has children. Forget them first.", 0}},
	{classlist.ErrNotKept, problem{507, "not_kept", "The box could not keep that: its disk is full or failing. Nothing has changed.", 0}},
	{room.ErrNoKeyboard, problem{404, "no_keyboard", "That keyboard is not plugged in any more.", 0}},
	{room.ErrNoStudent, problem{404, "no_student", "That student is not in the room any more.", 0}},
	{room.ErrTuning, problem{422, "bad_tuning", "A keyboard cannot be tuned like that.", 0}},
	{room.ErrCode, problem{422, "bad_code", "A code is a word, a dash and four digits, like MUSIC-2024.", 0}},
	{room.ErrCodeTaken, problem{409, "code_taken", "Another room has that code. Choose another one.", 0}},
	{room.ErrTooManyRooms, problem{409, "too_many_rooms", "The box holds no more rooms. Close one first.", 0}},

	{people.ErrClaimed, problem{409, "claimed", "This box already has a teacher. Sign in instead.", 0}},
	{people.ErrUnclaimed, problem{409, "unclaimed", "This box has no teacher yet. Claim it first.", 0}},
	{people.ErrWrongCode, problem{403, "wrong_code", "That is not the claim code. It was printed when the box started.", 0}},
	{people.ErrWrongPassword, problem{401, "wrong_password", "That is not the password.", 0}},
	{people.ErrWeakPassword, problem{422, "weak_password", "Use a password of at least 8 characters.", 0}},
	{people.ErrNotKept, problem{507, "not_kept", "The box could not keep that: its disk is full or failing. Nothing has changed.", 0}},
	{people.ErrBusy, problem{503, "busy", "Too many people are signing in. Try again in a moment.", 2 * time.Second}},

	{errSignedOut, problem{401, "signed_out", "Sign in as the teacher first.", 0}},
	{auth.ErrMissing, problem{401, "bad_token", "This page needs you to join a room first.", 0}},
	{auth.ErrMalformed, problem{401, "bad_token", "Your ticket for the room is not valid. Join again.", 0}},
	{auth.ErrSignature, problem{401, "bad_token", "Your ticket for the room is not valid. Join again.", 0}},
	{auth.ErrFields, problem{401, "bad_token", "Your ticket for the room is not valid. Join again.", 0}},

	{errWrongHost, problem{421, "wrong_host", "This box does not go by that name. Use the address on the board.", 0}},
	{errForeign, problem{403, "cross_origin", "Another website asked for this, so the box said no.", 0}},
	{errNoPage, problem{404, "no_page", "There is no such page on this box.", 0}},
	{errMethod, problem{405, "bad_method", "This page cannot be used that way.", 0}},
	{errBody, problem{400, "bad_request", "The box did not understand that.", 0}},
	{errTooBig, problem{413, "too_big", "That is too long for the box.", 0}},
	{errNotBuilt, problem{503, "not_built", "interface not built: run make webui", 0}},
	{errNoCode, problem{422, "bad_code", "A code is a word, a dash and four digits, like MUSIC-2024.", 0}},
}

// problemOf returns the answer to an error.
func problemOf(err error) problem {
	if slow, ok := errors.AsType[*ratelimit.SlowDownError](err); ok {
		return problem{429, "slow_down", "Too many tries. Wait a moment, then try again.", slow.Wait}
	}
	if _, ok := errors.AsType[*auth.ExpiredError](err); ok {
		return problem{401, "bad_token", "Your ticket for the room has run out. Join again.", 0}
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			return k.problem
		}
	}
	return problem{500, "internal", "Something went wrong on the box.", 0}
}

// answer makes a handler of a function that returns its error. All errors are
// answered here.
func (s *Site) answer(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// fail answers with an error.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.status == http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		s.log.Error("request failed", "method", r.Method, "route", r.Pattern, "err", err)
	}
	if p.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.wait.Seconds()))))
	}
	if errors.Is(err, errNotBuilt) || strings.Contains(r.Header.Get("Accept"), "text/html") {
		writePage(w, p)
		return
	}
	writeJSON(w, p.status, map[string]string{"error": p.code, "message": p.message})
}

// writePage answers a browser's address bar with a page: the problem, and a
// link to the start if that helps.
func writePage(w http.ResponseWriter, p problem) {
	way := `<p><a href="/">Go to the start</a></p>`
	if p.status == http.StatusMisdirectedRequest {
		way = "" // it would lead here again
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", problemPolicy)
	w.WriteHeader(p.status)
	_, _ = fmt.Fprintf(w, problemPage, html.EscapeString(p.message), way) // the client may be gone
}

// problemStyle has the web app's background, ink and primary colour. The page
// must work without any file of the web app.
const problemStyle = `body{font:1.25rem/1.4 system-ui,sans-serif;background:#f7f4ee;color:#1d2433;` +
	`max-width:32rem;margin:20vh auto 0;padding:0 1.5rem}h1{font-size:1.75rem;line-height:1.2}` +
	`a{color:#1f4fd8;display:inline-block;padding:.75rem 0}`

const problemPage = `<!doctype html><html lang="en"><meta charset="utf-8">` +
	`<meta name="viewport" content="width=device-width"><title>Downbeat</title>` +
	"<style>" + problemStyle + "</style><h1>%s</h1>%s\n"

// problemPolicy allows the page its own style and nothing else.
var problemPolicy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; frame-ancestors 'none'",
	base64.StdEncoding.EncodeToString(sum([]byte(problemStyle))))

func sum(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}

// writeJSON answers with a value. Browsers must not cache it: it holds names
// of rooms and people.
func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // a type of this package that JSON cannot hold
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone
}
