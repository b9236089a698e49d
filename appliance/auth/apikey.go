package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"downbeat.local/appliance/store"
)

// The prefixes of keys in Supabase's new style. Clients send a key where a
// token could stand; text that begins with KeyPrefix is a key.
const (
	KeyPrefix         = "sb_"
	publishablePrefix = "sb_publishable_"
	secretPrefix      = "sb_secret_"
)

// APIKeySize is the number of random bytes in a key.
const APIKeySize = 24

// APIKeys are the box's two keys in Supabase's new style. They stand for an
// anon and a service_role token, but are short, opaque and never expire.
type APIKeys struct {
	Publishable string // anon: may stand in a page
	Secret      string // service_role: for servers only
}

// NewAPIKeys writes random bytes as keys.
func NewAPIKeys(publishable, secret []byte) APIKeys {
	b64 := base64.RawURLEncoding.EncodeToString
	return APIKeys{Publishable: publishablePrefix + b64(publishable), Secret: secretPrefix + b64(secret)}
}

// OpenAPIKeys reads the box's keys from the store, and makes them the first
// time.
func OpenAPIKeys(ctx context.Context, st *store.Store) (APIKeys, error) {
	publishable, err := st.Secret(ctx, store.PublishableKey, APIKeySize)
	if err != nil {
		return APIKeys{}, err
	}
	secret, err := st.Secret(ctx, store.SecretKey, APIKeySize)
	if err != nil {
		return APIKeys{}, err
	}
	return NewAPIKeys(publishable, secret), nil
}

// claims returns the claims of a key. It returns false for a key that is not
// the box's.
func (k APIKeys) claims(key string) (Claims, bool) {
	switch {
	case same(key, k.Publishable):
		return Claims{Role: Anon}, true
	case same(key, k.Secret):
		return Claims{Role: Service}, true
	}
	return Claims{}, false
}

// IsKey reports whether the claims are those of a program's key: service_role, or
// anon and nobody's in particular.
func (c Claims) IsKey() bool {
	return c.Role == Service || c.Role == Anon && c.Subject == "" && c.App.Room == ""
}

// same compares in constant time. An empty key equals nothing.
func same(given, key string) bool {
	return key != "" && subtle.ConstantTimeCompare([]byte(given), []byte(key)) == 1
}

// IsSecretKey reports whether a key looks like one that no browser should
// hold, of this box or another.
func IsSecretKey(key string) bool { return strings.HasPrefix(key, secretPrefix) }

// ForRole returns the key for a role. Only anon and service_role have one.
func (k APIKeys) ForRole(role string) (string, error) {
	switch role {
	case Anon:
		return k.Publishable, nil
	case Service:
		return k.Secret, nil
	}
	return "", fmt.Errorf("there are keys for anon and service_role, none for %s", role)
}

// APIKeyFile is the file in the data folder that holds the keys, for
// `downbeat token --key` beside a running box.
const APIKeyFile = "api-keys.txt"

// KeepAPIKeys writes the keys to the data folder, readable by this user only.
func KeepAPIKeys(dir string, k APIKeys) error {
	if kept, err := ReadAPIKeys(dir); err == nil && kept == k {
		return nil
	}
	return keepFile(dir, APIKeyFile, k.Publishable+"\n"+k.Secret+"\n")
}

// ReadAPIKeys reads what KeepAPIKeys wrote. In a folder that no box has used
// yet it returns fs.ErrNotExist.
func ReadAPIKeys(dir string) (APIKeys, error) {
	path := filepath.Join(dir, APIKeyFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		return APIKeys{}, fmt.Errorf("read keys: %w", err)
	}
	words := strings.Fields(string(raw))
	if len(words) != 2 || !strings.HasPrefix(words[0], publishablePrefix) || !IsSecretKey(words[1]) {
		return APIKeys{}, errors.New(path + " is damaged: remove it and start the box again")
	}
	return APIKeys{Publishable: words[0], Secret: words[1]}, nil
}
