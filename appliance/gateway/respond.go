package gateway

import (
	"encoding/json"
	"net"
	"net/http"
)

func unprocessable(w http.ResponseWriter, field string, problem any) {
	respond(w, http.StatusUnprocessableEntity, map[string]any{"errors": map[string]any{field: problem}})
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

// hostOf is an address without its port.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
