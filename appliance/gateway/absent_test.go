package gateway

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAbsentServicesSaySo reads the errors as the clients of those services do.
func TestAbsentServicesSaySo(t *testing.T) {
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"Storage":        {noStorage, "no Storage"},
		"Edge Functions": {noFunctions, "no Edge Functions"},
		"GraphQL":        {noGraphQL, "no GraphQL"},
	} {
		w := httptest.NewRecorder()
		tt.answer(w, httptest.NewRequest("POST", "/", nil))
		var got struct {
			Message string
			Errors  []struct{ Message string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusNotImplemented || !strings.Contains(got.Message, tt.want) {
			t.Errorf("%s: got %d %s, %v", name, w.Code, w.Body, err)
		}
		if name == "GraphQL" && (len(got.Errors) != 1 || got.Errors[0].Message != got.Message) {
			t.Errorf("GraphQL: got %s", w.Body)
		}
	}
}
