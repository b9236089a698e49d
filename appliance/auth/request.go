package auth

import (
	"net/http"
	"strings"
)

// Bearer returns the token of an Authorization header, and an empty string
// without one.
func Bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// APIKey returns the key that Supabase's clients send with every request: in a
// header, or in the address where there are no headers.
func APIKey(r *http.Request) string {
	if key := r.Header.Get("apikey"); key != "" {
		return key
	}
	return r.URL.Query().Get("apikey")
}

// Token returns the token of a request to a Supabase path: its bearer's, or
// else the key.
func Token(r *http.Request) string {
	if token := Bearer(r); token != "" {
		return token
	}
	return APIKey(r)
}
