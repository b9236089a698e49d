package people

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"regexp"
	"strings"
	"time"
)

// Bounds of the data of a user.
const (
	maxData  = 4 << 10 // bytes of JSON, each
	maxEmail = 254     // bytes (RFC 5321 §4.5.3.1.3)
	maxRole  = 64      // bytes
)

// User is a person who signs in. Its maps are replaced, never changed, so a
// copy of a User stays as it is.
type User struct {
	ID        string `json:"id"`
	Email     string `json:"email,omitempty"` // lower case
	Role      string `json:"role"`
	Teacher   bool   `json:"teacher,omitempty"` // their password is the box's
	Anonymous bool   `json:"anonymous,omitempty"`
	// Unconfirmed users cannot sign in until an administrator confirms their email.
	Unconfirmed bool           `json:"unconfirmed,omitempty"`
	App         map[string]any `json:"app,omitempty"`  // what an administrator says of them
	Data        map[string]any `json:"data,omitempty"` // what they say of themselves
	Created     time.Time      `json:"created"`
	Updated     time.Time      `json:"updated"`
	SignedIn    time.Time      `json:"signed_in,omitzero"`
	Used        time.Time      `json:"used"` // signed in or refreshed
}

// user is a User as the store keeps it.
type user struct {
	User
	Hash string `json:"hash,omitempty"` // of the password; empty: no password signs in

	// Gone is the SHA-256 of a deleted user's email, and all that is kept of
	// them. A sign-in under that email must not become the teacher's.
	Gone string `json:"gone,omitempty"`
}

// Attributes are what an administrator sets of a user, or users of themselves.
// An empty field changes nothing.
type Attributes struct {
	Email    string
	Role     string
	Password string
	App      map[string]any
	Data     map[string]any
	// Confirmed says whether the email is theirs. The box cannot check that, so a
	// new user's is, unless this says otherwise. Nil changes nothing.
	Confirmed *bool
}

// checked returns the attributes with a normal email, and the hash of the
// password if there is one. Errors: ErrEmail, ErrTooLong, ErrWeakPassword,
// ErrLongPassword, ErrBusy.
func (g *Register) checked(ctx context.Context, a Attributes) (checked Attributes, hash string, err error) {
	if a.Email != "" {
		ok := false
		if a.Email, ok = normalEmail(a.Email); !ok {
			return a, "", ErrEmail
		}
	}
	if len(a.Role) > maxRole {
		return a, "", ErrTooLong
	}
	if len(a.Password) > MaxUserPassword {
		return a, "", ErrLongPassword
	}
	if a.Password != "" {
		hash, err = g.hasher.hash(ctx, a.Password, MinUserPassword)
	}
	return a, hash, err
}

// apply puts attributes into a user. Errors: ErrTooLong.
func (u *user) apply(a Attributes, hash string) error {
	app, data := merge(u.App, a.App), merge(u.Data, a.Data)
	if app == nil || data == nil {
		return ErrTooLong
	}
	u.App, u.Data = app, data
	u.Email, u.Role, u.Hash = cmp.Or(a.Email, u.Email), cmp.Or(a.Role, u.Role), cmp.Or(hash, u.Hash)
	u.Anonymous = u.Anonymous && u.Email == ""
	if a.Confirmed != nil {
		u.Unconfirmed = !*a.Confirmed
	}
	return nil
}

// merge applies changes to data. A null removes a field. It returns nil if the
// outcome is too long.
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

// emailForm is a valid email address in lower case, as browsers and Supabase Auth
// define it (HTML, section "Email state").
var emailForm = regexp.MustCompile("^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@" + hostLabel + `(?:\.` + hostLabel + ")*$")

const hostLabel = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"

// normalEmail undoes capitals and spaces. It returns false if the text is no
// address.
func normalEmail(typed string) (string, bool) {
	email := strings.ToLower(strings.TrimSpace(typed))
	return email, len(email) <= maxEmail && emailForm.MatchString(email)
}

// emailHash is kept in place of a deleted user's email.
func emailHash(email string) string {
	sum := sha256.Sum256([]byte(email))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
