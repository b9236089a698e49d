package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"downbeat.local/appliance/rest"
	"downbeat.local/appliance/table"
)

// TestTheAnswerLeavesBeforeTheRequestCountsAsAnswered watches the changes of
// writes. At the moment in which a change may leave, the answer has left whole.
func TestTheAnswerLeavesBeforeTheRequestCountsAsAnswered(t *testing.T) {
	s := newSite(t)
	changes := make(chan table.Change, 10)
	defer s.store.Watch(func(c table.Change) { changes <- c })()
	for _, tt := range []struct{ method, query, body string }{
		{"POST", "", `{"id":1,"title":"Clap"}`},
		{"POST", "?select=id", `{"id":2,"title":"Stomp"}`},
		{"PATCH", "?id=eq.2", `{"title":"Hum"}`},
		{"DELETE", "?id=eq.2", ``},
	} {
		for _, prefer := range []string{"return=minimal", "return=representation"} {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), tt.method, rest.Prefix+"songs"+tt.query, strings.NewReader(tt.body))
			r.Header.Set("apikey", s.token(t, teacher))
			r.Header.Set("Prefer", prefer+",resolution=merge-duplicates")
			s.Config.Handler.ServeHTTP(flusher{t, w, nil}, r)
			if w.Code >= 300 {
				t.Fatalf("%s%s: %d %s", tt.method, tt.query, w.Code, w.Body)
			}
			if tt.method == "DELETE" && prefer == "return=representation" {
				continue // nothing is left to delete
			}
			c := <-changes
			answered := false
			if c.Request.AfterAnswer(func() { answered = true }); !answered || !w.Flushed {
				t.Errorf("%s%s: answered %v, left %v", tt.method, tt.query, answered, w.Flushed)
			}
		}
	}
}

// TestAnAnswerStillInHand looks at a request from inside its answer.
func TestAnAnswerStillInHand(t *testing.T) {
	s := newSite(t)
	changes := make(chan table.Change, 1)
	defer s.store.Watch(func(c table.Change) { changes <- c })()
	looked := false
	w := flusher{t, httptest.NewRecorder(), func() {
		c := <-changes
		c.Request.AfterAnswer(func() { looked = true })
		if looked {
			t.Error("the request counts as answered before its answer has left")
		}
	}}
	r := httptest.NewRequestWithContext(t.Context(), "POST", rest.Prefix+"songs", strings.NewReader(`{"id":1,"title":"Clap"}`))
	r.Header.Set("apikey", s.token(t, teacher))
	s.Config.Handler.ServeHTTP(w, r)
	if !looked {
		t.Error("the request never counts as answered")
	}
}

// flusher calls back before it flushes an answer.
type flusher struct {
	t *testing.T
	*httptest.ResponseRecorder
	before func()
}

func (f flusher) Flush() {
	if f.before != nil {
		f.before()
	}
	if length := f.Header().Get("Content-Length"); f.Code != http.StatusNoContent && length == "" {
		f.t.Error("the answer has no length, so it leaves in pieces")
	}
	f.ResponseRecorder.Flush()
}
