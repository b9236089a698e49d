package rest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/rest"
)

// TestSlowBodyIsCutOff starts a body and never ends it.
func TestSlowBodyIsCutOff(t *testing.T) {
	s := newSite(t, func(c *rest.Config) { c.BodyTimeout = 50 * time.Millisecond })
	body, begun := io.Pipe()
	defer begun.Close()
	go func() { _, _ = begun.Write([]byte(`{"id":`)) }() // ends when the transport has read it
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+rest.Prefix+"songs", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("apikey", s.token(t, teacher))
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("status %d, want %d", resp.StatusCode, http.StatusRequestTimeout)
	}
}

// TestAnswerIsBounded asks for one long field under many names, in a read and in
// a write. The write must change nothing.
func TestAnswerIsBounded(t *testing.T) {
	s := newSite(t)
	long := strings.Repeat("a", 900_000)
	s.ask(t, teacher, "POST", "songs", `{"id":1,"title":"`+long+`"}`).is(t, "a long title", 201, "")
	select20 := "select=" + strings.Repeat("title,", 19) + "title"
	s.ask(t, teacher, "GET", "songs?"+select20, "").is(t, "read", 413, "code 54000")
	s.ask(t, teacher, "PATCH", "songs?id=eq.1&"+select20, `{"bpm":1}`, "Prefer", shown).is(t, "write", 413, "code 54000")
	s.ask(t, teacher, "GET", "songs?select=bpm", "").is(t, "what is left", 200, `[{"bpm":null}]`)
}

// TestWriteIsBounded writes a few rows that together are longer than a request
// may write. The write must change nothing.
func TestWriteIsBounded(t *testing.T) {
	s := newSite(t)
	for id := range 10 {
		s.ask(t, teacher, "POST", "songs", fmt.Sprintf(`{"id":%d,"title":"a"}`, id)).is(t, "a song", 201, "")
	}
	long := `{"title":"` + strings.Repeat("a", 900_000) + `"}`
	s.ask(t, teacher, "PATCH", "songs?id=gte.0", long).is(t, "too much", 413, "code 54000")
	s.ask(t, teacher, "GET", "songs?select=id&title=neq.a", "").is(t, "what is left", 200, "[]")
	s.ask(t, teacher, "PATCH", "songs?id=lt.5", long).is(t, "less", 204, "")
}
