package appliance

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"downbeat.local/appliance/auth"
)

func TestMetricsAreNotForEverybody(t *testing.T) {
	a := openTestBox(t, Config{})
	for token, want := range map[string]int{
		"": http.StatusUnauthorized, mint(t, a, auth.Claims{Role: auth.Anon}): http.StatusUnauthorized,
		mint(t, a, auth.Claims{Role: auth.Authenticated, App: auth.AppMetadata{Role: "teacher"}}): http.StatusUnauthorized, mint(t, a, auth.Claims{Role: auth.Service}): http.StatusOK,
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
		r.RemoteAddr = "192.0.2.7:4000"
		r.Header.Set("Authorization", "Bearer "+token)
		a.metrics().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("got %d, want %d", w.Code, want)
		}
	}
}
