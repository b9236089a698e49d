package web

import (
	"net/http"
	"net/url"
	"slices"

	"downbeat.local/appliance/auth"
)

// contentPolicy allows the pages the box's own scripts, styles and
// connections, and nothing else. ws: and wss: are for browsers whose 'self'
// does not cover sockets (Safari before 15.4).
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; " +
	"img-src 'self' data:; media-src 'self'; connect-src 'self' ws: wss:; manifest-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard refuses requests under a foreign name (DNS rebinding) or from another
// site's page, and sets the headers of every page.
func (s *Site) guard(next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(s.answer(func(http.ResponseWriter, *http.Request) error { return errForeign }))
	next = foreign.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w, r)
		if !s.network.goesBy(r.Host) {
			s.fail(w, r, errWrongHost)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers of every page. It sets no opener policy on plain
// http, where browsers ignore it and complain in the console.
func secure(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), midi=(self)")
	if r.TLS != nil {
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
}

// anyOrigin answers pages of any origin, as Supabase does. The token in each
// request guards these paths, and no browser adds it by itself.
func (s *Site) anyOrigin(next http.Handler) http.Handler {
	if next == nil {
		next = s.answer(func(http.ResponseWriter, *http.Request) error { return errNoPage })
	}
	next = s.noSecretKeys(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "Content-Range, X-Total-Count, Location, Retry-After, Link, X-Supabase-Api-Version")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked) // clients add their own over time
		}
		h.Set("Access-Control-Max-Age", "3600")
		w.WriteHeader(http.StatusNoContent)
	})
}

// noSecretKeys refuses a secret key or a service token from another site's
// page. Both open the whole box, and every reader of that page can read them.
// The box's own pages may use them.
func (s *Site) noSecretKeys(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.fromElsewhere(r) && s.hasSecretKey(r) {
			writeJSON(w, http.StatusUnauthorized, leakedKey)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// leakedKey is the answer of Supabase's gateway, with a hint of the box.
var leakedKey = map[string]string{
	"error":   "Forbidden use of secret API key in browser",
	"message": "Forbidden use of secret API key in browser",
	"hint":    "A secret key opens the whole box, and everybody can read the keys of a page. Use the publishable key there, and keep secret keys on servers.",
}

// hasSecretKey looks in all places where a client may put a key.
func (s *Site) hasSecretKey(r *http.Request) bool {
	query, h := r.URL.Query(), r.Header
	keys := []string{auth.Bearer(r), h.Get("apikey"), h.Get("X-Api-Key"), query.Get("apikey")}
	return slices.ContainsFunc(keys, func(key string) bool {
		if auth.IsSecretKey(key) {
			return true
		}
		claims, err := s.cfg.Signer.Verify(key)
		return err == nil && claims.Role == auth.Service
	})
}

// fromElsewhere reports whether the request comes from a page that is not the
// box's own.
func (s *Site) fromElsewhere(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false // no browser, or a page that only reads
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host == "" || u.Host != r.Host || !s.network.goesBy(r.Host)
}
