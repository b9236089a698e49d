package signin

import (
	"maps"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/people"
)

// publicUser is a user as clients see them (auth-js, lib/types.ts, User).
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
	Known     []identity     `json:"identities"`
	Created   time.Time      `json:"created_at"`
	Updated   time.Time      `json:"updated_at"`
	Anonymous bool           `json:"is_anonymous"`
}

// identity is a way in which a user signs in (auth-js, lib/types.ts,
// UserIdentity). Every user with an email has one.
type identity struct {
	Key      string         `json:"identity_id"`
	ID       string         `json:"id"`
	User     string         `json:"user_id"`
	Data     map[string]any `json:"identity_data"`
	Provider string         `json:"provider"`
	SignedIn *time.Time     `json:"last_sign_in_at,omitempty"`
	Created  time.Time      `json:"created_at"`
	Updated  time.Time      `json:"updated_at"`
	Email    string         `json:"email"`
}

// identities lists the identities of a user whose other fields are known.
func (p *publicUser) identities() []identity {
	if p.Email == "" {
		return []identity{}
	}
	return []identity{{
		Key: uuid.NewSHA1(uuid.NameSpaceOID, []byte("email "+p.ID)).String(), ID: p.ID, User: p.ID,
		Data:     map[string]any{"sub": p.ID, "email": p.Email, "email_verified": false, "phone_verified": false},
		Provider: "email", SignedIn: p.SignedIn, Created: p.Created, Updated: p.Updated, Email: p.Email,
	}}
}

// audience is the aud of every user.
const audience = "authenticated"

func public(u people.User) publicUser {
	p := publicUser{
		ID: u.ID, Audience: audience, Role: u.Role, Email: u.Email,
		App: app(u), Data: maps.Clone(u.Data),
		Created: u.Created.UTC(), Updated: u.Updated.UTC(), Anonymous: u.Anonymous,
	}
	if p.Data == nil {
		p.Data = map[string]any{}
	}
	if u.Email != "" && !u.Unconfirmed {
		created := u.Created.UTC()
		p.Confirmed = &created // the box sends no mail to confirm it
	}
	if !u.SignedIn.IsZero() {
		at := u.SignedIn.UTC()
		p.SignedIn = &at
	}
	p.Known = p.identities()
	return p
}

// app returns a user's app_metadata.
func app(u people.User) map[string]any {
	fields := map[string]any{}
	if !u.Anonymous {
		fields["provider"], fields["providers"] = "email", []string{"email"}
	}
	maps.Copy(fields, u.App)
	if u.Teacher {
		fields["downbeat_role"] = "teacher"
	}
	return fields
}

// claims returns the claims of a session's access token, as Supabase Auth
// writes them.
func claims(in people.Session) auth.Claims {
	u, p := in.User, public(in.User)
	return auth.Claims{Role: u.Role, Subject: u.ID, All: map[string]any{
		"aud": audience, "email": u.Email, "phone": "",
		"app_metadata": p.App, "user_metadata": p.Data, "is_anonymous": u.Anonymous,
		"session_id": in.ID, "aal": "aal1",
		"amr": []any{map[string]any{"method": method(u), "timestamp": in.Time.Unix()}},
	}}
}

// method returns how the user signs in, in the words of the amr claim.
func method(u people.User) string {
	if u.Anonymous {
		return "anonymous"
	}
	return "password"
}
