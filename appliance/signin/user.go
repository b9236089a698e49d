package signin

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"time"
	"unicode"

	"downbeat.local/appliance/auth"
)

// Bounds of what a user says of himself and an administrator of him.
const (
	maxData  = 4 << 10 // bytes of JSON, each
	maxEmail = 254     // bytes (RFC 5321 §4.5.3.1.3)
	maxRole  = 64      // bytes
)

// user is one row of the users.
type user struct {
	ID        string         `json:"id"`
	Email     string         `json:"email,omitempty"` // lower case
	Hash      string         `json:"hash,omitempty"`  // of the password; empty: signs in with none
	Role      string         `json:"role"`
	Teacher   bool           `json:"teacher,omitempty"` // her password is the box's
	Anonymous bool           `json:"anonymous,omitempty"`
	App       map[string]any `json:"app,omitempty"`  // what an administrator says of him
	Data      map[string]any `json:"data,omitempty"` // what he says of himself
	Created   time.Time      `json:"created"`
	Updated   time.Time      `json:"updated"`
	SignedIn  time.Time      `json:"signed_in,omitzero"`
	Used      time.Time      `json:"used"` // signed in or refreshed

	// Gone is the SHA-256 of the email of a user who was deleted, the only
	// thing that is kept of him: whoever signs in under it is not taken for
	// the teacher.
	Gone string `json:"gone,omitempty"`
}

// publicUser is a user as clients see him (auth-js, lib/types.ts, User).
type publicUser struct {
	ID        string         `json:"id"`
	Audience  string         `json:"aud"`
	Role      string         `json:"role"`
	Email     string         `json:"email"`
	Confirmed *time.Time     `json:"email_confirmed_at,omitempty"`
	Phone     string         `json:"phone"`
	SignedIn  *time.Time     `json:"last_sign_in_at,omitempty"`
	App       map[string]any `json:"app_metadata"`
	Data      map[string]any `json:"user_metadata"`
	Known     []any          `json:"identities"`
	Created   time.Time      `json:"created_at"`
	Updated   time.Time      `json:"updated_at"`
	Anonymous bool           `json:"is_anonymous"`
}

// audience is the aud of everybody who has signed in.
const audience = "authenticated"

func (u *user) public() publicUser {
	p := publicUser{
		ID: u.ID, Audience: audience, Role: u.Role, Email: u.Email,
		App: u.app(), Data: maps.Clone(u.Data), Known: []any{},
		Created: u.Created.UTC(), Updated: u.Updated.UTC(), Anonymous: u.Anonymous,
	}
	if p.Data == nil {
		p.Data = map[string]any{}
	}
	if u.Email != "" {
		created := u.Created.UTC()
		p.Confirmed = &created // nobody writes to the box's users to ask
	}
	if !u.SignedIn.IsZero() {
		at := u.SignedIn.UTC()
		p.SignedIn = &at
	}
	return p
}

// app is the user's app_metadata.
func (u *user) app() map[string]any {
	app := map[string]any{}
	if !u.Anonymous {
		app["provider"], app["providers"] = "email", []string{"email"}
	}
	maps.Copy(app, u.App)
	if u.Teacher {
		app["downbeat_role"] = "teacher"
	}
	return app
}

// claims are what the user's access token says, as Supabase Auth writes it.
func (u *user) claims(session, method string, now time.Time) auth.Claims {
	p := u.public()
	return auth.Claims{Role: u.Role, Subject: u.ID, All: map[string]any{
		"aud": audience, "email": u.Email, "phone": "",
		"app_metadata": p.App, "user_metadata": p.Data, "is_anonymous": u.Anonymous,
		"session_id": session, "aal": "aal1",
		"amr": []any{map[string]any{"method": method, "timestamp": now.Unix()}},
	}}
}

// method is how the user signs in, as the amr claim calls it.
func (u *user) method() string {
	if u.Anonymous {
		return "anonymous"
	}
	return "password"
}

// merge lays changes over a user's data; null takes a field away. It returns
// nil where the outcome would be too long.
func merge(data, changes map[string]any) map[string]any {
	merged := map[string]any{}
	maps.Copy(merged, data)
	for name, value := range changes {
		if value == nil {
			delete(merged, name)
		} else {
			merged[name] = value
		}
	}
	if raw, err := json.Marshal(merged); err != nil || len(raw) > maxData {
		return nil
	}
	return merged
}

// normalEmail undoes case and spaces, and reports false for what is no
// address.
func normalEmail(typed string) (string, bool) {
	email := strings.ToLower(strings.TrimSpace(typed))
	name, host, ok := strings.Cut(email, "@")
	odd := strings.ContainsFunc(email, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return email, ok && name != "" && host != "" && !strings.Contains(host, "@") && !odd && len(email) <= maxEmail
}

// emailHash is what is kept of the email of a user who was deleted.
func emailHash(email string) string {
	sum := sha256.Sum256([]byte(email))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
