package auth

import (
	"net/http"
	"strings"
)

// Bearer is the token of an Authorization header, empty without one.
func Bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// APIKey is the key that Supabase's clients send with every request: as a
// header, or in the address where there are no headers.
func APIKey(r *http.Request) string {
	if key := r.Header.Get("apikey"); key != "" {
		return key
	}
	return r.URL.Query().Get("apikey")
}

// Token is what a request to a Supabase path shows: its bearer's token, or
// else the key.
func Token(r *http.Request) string {
	if token := Bearer(r); token != "" {
		return token
	}
	return APIKey(r)
}
