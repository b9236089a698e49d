package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Bounds of a key set: an issuer has two or three keys, while they rotate.
const (
	maxKeySet = 256 << 10 // bytes
	maxKeys   = 64
	maxKeyID  = 256 // bytes
)

// The accepted sizes of RSA keys, in bits. NIST SP 800-131A asks for 2048.
// Checking a signature under more than 8192 takes milliseconds.
const (
	minRSA = 2048
	maxRSA = 8192
)

// The algorithms that a public key can be for (RFC 7518 §3.1, RFC 8037 §3.1).
var (
	rsaAlgs     = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
	p256Algs    = []string{"ES256"}
	p384Algs    = []string{"ES384"}
	ed25519Algs = []string{"EdDSA"}
)

// publicKey is one key of a set and the algorithms that it may be used with. A
// token cannot choose another, or it could pass a public key off as the secret
// of HS256.
type publicKey struct {
	id   string
	algs []string
	key  any // *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
}

// jwk is the part of a JSON Web Key (RFC 7517 §4) that the box reads.
type jwk struct {
	Type string   `json:"kty"`
	ID   string   `json:"kid"`
	Alg  string   `json:"alg"`
	Use  string   `json:"use"`
	Ops  []string `json:"key_ops"`

	N, E     string // RSA: modulus and exponent
	Curve    string `json:"crv"`
	X, Y     string // of the point; OKP has only x
	Symmetry string `json:"k"` // of a secret key, which is never accepted
}

// parseKeySet reads a JSON Web Key Set (RFC 7517 §5). It leaves out keys that
// the box cannot use: other types, secret keys, and keys for encryption. An
// empty set is no error: its issuer has withdrawn its keys.
func parseKeySet(raw []byte) ([]publicKey, error) {
	if len(raw) > maxKeySet {
		return nil, fmt.Errorf("the key set has more than %d bytes", maxKeySet)
	}
	var set struct {
		Keys *[]json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &set); err != nil || set.Keys == nil {
		return nil, errors.New("that is no JSON Web Key Set")
	}
	if len(*set.Keys) > maxKeys {
		return nil, fmt.Errorf("the key set has more than %d keys", maxKeys)
	}
	var keys []publicKey
	for _, raw := range *set.Keys {
		var k jwk
		if json.Unmarshal(raw, &k) != nil {
			continue
		}
		if key, ok := k.public(); ok {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// public returns the key if signatures can be checked with it.
func (k jwk) public() (publicKey, bool) {
	signs := (k.Use == "" || k.Use == "sig") && (k.Ops == nil || slices.Contains(k.Ops, "verify"))
	if !signs || len(k.ID) > maxKeyID || k.Symmetry != "" {
		return publicKey{}, false
	}
	var key any
	var algs []string
	switch k.Type + " " + k.Curve {
	case "RSA ":
		key, algs = k.rsa(), rsaAlgs
	case "EC P-256":
		key, algs = k.ecdsa(elliptic.P256()), p256Algs
	case "EC P-384":
		key, algs = k.ecdsa(elliptic.P384()), p384Algs
	case "OKP Ed25519":
		key, algs = k.ed25519(), ed25519Algs
	}
	if k.Alg != "" && k.Alg != k.Curve { // RFC 9864 calls EdDSA Ed25519
		algs = only(algs, k.Alg)
	}
	return publicKey{id: k.ID, algs: algs, key: key}, key != nil && len(algs) > 0
}

// only narrows the algorithms to one, if it is among them.
func only(algs []string, alg string) []string {
	if slices.Contains(algs, alg) {
		return []string{alg}
	}
	return nil
}

// rsa returns an *rsa.PublicKey, or nil if the fields are no such key.
func (k jwk) rsa() any {
	n, e := new(big.Int).SetBytes(number(k.N)), new(big.Int).SetBytes(number(k.E))
	if n.BitLen() < minRSA || n.BitLen() > maxRSA || n.Bit(0) == 0 {
		return nil
	}
	if e.BitLen() > 31 || e.Int64() < 3 || e.Bit(0) == 0 {
		return nil
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}
}

// ecdsa returns an *ecdsa.PublicKey, or nil if the fields are no point of the
// curve.
func (k jwk) ecdsa(curve elliptic.Curve) any {
	x, y := number(k.X), number(k.Y)
	if size := (curve.Params().BitSize + 7) / 8; len(x) != size || len(y) != size {
		return nil
	}
	point := slices.Concat([]byte{4}, x, y) // SEC 1 §2.3.3, uncompressed
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil
	}
	return key
}

// ed25519 returns an ed25519.PublicKey, or nil if the field has another
// length.
func (k jwk) ed25519() any {
	x := number(k.X)
	if len(x) != ed25519.PublicKeySize {
		return nil
	}
	return ed25519.PublicKey(x)
}

// number decodes a base64url field. Other text is empty.
func number(field string) []byte {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(field, "="))
	if err != nil {
		return nil
	}
	return raw
}
