package rest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/table"
)

// TestInsertsWaitForNoSlot takes every slot: a read waits, an insert does not.
func TestInsertsWaitForNoSlot(t *testing.T) {
	tables := []*table.Table{table.LessonPlans}
	st, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), store.FileName), Tables: tables})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	h, err := New(Config{Store: st, Tables: tables, Verify: func(string) (auth.Claims, error) {
		return auth.Claims{Role: auth.Service}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for range maxScans() {
		h.slots <- struct{}{}
	}
	ask := func(ctx context.Context, method, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, method, Prefix+"lesson_plans", strings.NewReader(body)))
		return w
	}
	if w := ask(t.Context(), "POST", `{"title":"Clapping"}`); w.Code != http.StatusCreated {
		t.Errorf("insert: %d %s", w.Code, w.Body)
	}
	impatient, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if w := ask(impatient, "GET", ""); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), codeTimeout) {
		t.Errorf("read without a slot: %d %s", w.Code, w.Body)
	}
	<-h.slots
	for range 2 { // the first read frees its slot
		if w := ask(t.Context(), "GET", ""); w.Code != http.StatusOK {
			t.Errorf("read with a slot: %d %s", w.Code, w.Body)
		}
	}
}
