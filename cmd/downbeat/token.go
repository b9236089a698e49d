package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/store"
)

// tokenCmd prints a token. It works while the box runs, and before its first
// start.
type tokenCmd struct {
	Data      string        `placeholder:"DIR" help:"The box's data folder."`
	JWTSecret string        `name:"jwt-secret" placeholder:"S" help:"The HS256 key, as given to serve; by default the one the box last used."`
	Config    configFile    `placeholder:"FILE" help:"A file of settings."`
	Role      string        `required:"" enum:"anon,authenticated,service_role" placeholder:"ROLE" help:"anon, authenticated or service_role."`
	Claims    string        `placeholder:"JSON" help:"More claims, as a JSON object."`
	Key       bool          `help:"Print the box's own key for anon or service_role, short and without an end, in place of a token."`
	TTL       time.Duration `name:"ttl" default:"24h" placeholder:"D" help:"How long the token holds (${default})."`
}

// Run signs the token, or finds the key, and prints it.
func (c *tokenCmd) Run(w *world) error {
	find := c.token
	if c.Key {
		find = c.key
	}
	text, err := find(w)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.stdout, text)
	return err
}

func (c *tokenCmd) token(w *world) (string, error) {
	claims := auth.Claims{Role: c.Role}
	if c.Claims != "" {
		all, err := auth.ParseClaims(c.Claims)
		if err != nil {
			return "", fmt.Errorf("--claims: %w", err)
		}
		claims.All = all
	}
	secret, err := c.secret(w)
	if err != nil {
		return "", err
	}
	signer, err := auth.NewSigner(secret)
	if err != nil {
		return "", err
	}
	return signer.Mint(claims, c.TTL)
}

// key finds the key of the role: the one that the box last used, or a new one
// from the store.
func (c *tokenCmd) key(w *world) (string, error) {
	if c.Data == "" {
		return "", errNoData
	}
	if c.Claims != "" {
		return "", errors.New("a key carries no claims: leave out --claims or --key")
	}
	keys, err := auth.ReadAPIKeys(c.Data)
	if errors.Is(err, fs.ErrNotExist) {
		keys, err = c.storedKeys(w)
	}
	if err != nil {
		return "", err
	}
	return keys.ForRole(c.Role)
}

func (c *tokenCmd) storedKeys(w *world) (auth.APIKeys, error) {
	st, err := c.open(w)
	if err != nil {
		return auth.APIKeys{}, err
	}
	defer func() { _ = st.Close() }()
	return auth.OpenAPIKeys(w.ctx, st)
}

func (c *tokenCmd) open(w *world) (*store.Store, error) {
	return store.Open(store.Config{Path: filepath.Join(c.Data, store.FileName), Log: w.log})
}

// secret finds the signing key: the given one, the one that the box last used,
// or a new one from the store.
func (c *tokenCmd) secret(w *world) ([]byte, error) {
	if c.JWTSecret != "" {
		return []byte(c.JWTSecret), nil
	}
	if c.Data == "" {
		return nil, errNoData
	}
	secret, err := auth.ReadKey(c.Data)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	st, err := c.open(w)
	if err != nil {
		return nil, err
	}
	defer func() { _ = st.Close() }()
	return st.Secret(w.ctx, store.SigningKey, store.SigningKeySize)
}

// errNoData is the error of a command without the box's folder.
var errNoData = errors.New("say where the box keeps its data with --data DIR")
