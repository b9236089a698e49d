package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// The keys of an issuer. They are made once, because RSA takes long.
var issuerKeys = sync.OnceValue(func() map[string]crypto.Signer {
	r, err1 := rsa.GenerateKey(rand.Reader, 2048)
	p256, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, err3 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, ed, err4 := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		panic(err)
	}
	return map[string]crypto.Signer{"rsa": r, "p256": p256, "p384": p384, "ed": ed}
})

// publish writes a public key as a JSON Web Key.
func publish(id string, key crypto.PublicKey) map[string]any {
	b64 := base64.RawURLEncoding.EncodeToString
	switch k := key.(type) {
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "kid": id, "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())}
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			panic(err)
		}
		half := len(point) / 2
		return map[string]any{"kty": "EC", "kid": id, "crv": k.Curve.Params().Name, "x": b64(point[1 : 1+half]), "y": b64(point[1+half:])}
	case ed25519.PublicKey:
		return map[string]any{"kty": "OKP", "kid": id, "crv": "Ed25519", "x": b64(k)}
	}
	panic(fmt.Sprintf("%T", key))
}

// trusting is a signer that trusts the issuer.
func trusting(t testing.TB) *Signer {
	t.Helper()
	var keys []any
	for id, key := range issuerKeys() {
		keys = append(keys, publish(id, key.Public()))
	}
	raw, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := OpenKeySet(KeySetConfig{Source: path})
	if err != nil {
		t.Fatal(err)
	}
	s := signer(t)
	s.Trust(set)
	return s
}

// issue makes a token with that header, which may lie.
func issue(t testing.TB, header string, method jwt.SigningMethod, key any) string {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64([]byte(header)) + "." + b64([]byte(`{"role":"authenticated","exp":1800000001,"sub":"u"}`))
	sig, err := method.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(sig)
}

func TestTokensOfAnotherIssuer(t *testing.T) {
	s, plain, keys := trusting(t), signer(t), issuerKeys()
	for alg, key := range map[string]string{
		"RS256": "rsa", "RS384": "rsa", "RS512": "rsa", "PS256": "rsa", "PS384": "rsa", "PS512": "rsa",
		"ES256": "p256", "ES384": "p384", "EdDSA": "ed",
	} {
		for header, good := range map[string]bool{
			`{"alg":"` + alg + `","kid":"` + key + `"}`:                                                    true,
			`{"alg":"` + alg + `"}`:                                                                        true,
			`{"alg":"` + alg + `","kid":""}`:                                                               true,
			`{"alg":"` + alg + `","kid":"other"}`:                                                          false,
			`{"alg":"` + alg + `","kid":"../../jwks.json"}`:                                                false,
			`{"alg":"` + alg + `","kid":["` + key + `"]}`:                                                  false,
			`{"alg":"` + alg + `","kid":null}`:                                                             false,
			`{"alg":"` + alg + `","kid":"` + strings.Repeat("k", 300) + `"}`:                               false,
			`{"alg":"` + alg + `","kid":"` + key + `","crit":["exp"]}`:                                     false,
			`{"alg":"HS256","kid":"` + key + `"}`:                                                          false,
			`{"alg":"none","kid":"` + key + `"}`:                                                           false,
			`{"alg":"` + strings.ToLower(alg) + `","kid":"` + key + `"}`:                                   false,
			`{"alg":"` + alg + `","kid":"x","jwk":{"kty":"oct","k":"c2VjcmV0"}}`:                           false,
			`{"alg":"` + alg + `","kid":"x","jku":"https://evil.example/jwks.json"}`:                       false,
			`{"alg":["` + alg + `"],"kid":"` + key + `"}`:                                                  false,
			`{"alg":"` + otherAlg(alg) + `","kid":"` + key + `"}`:                                          false,
			`{"alg":"` + alg + `","kid":"` + map[bool]string{true: "rsa", false: "ed"}[key == "ed"] + `"}`: false,
		} {
			token := issue(t, header, jwt.GetSigningMethod(alg), keys[key])
			claims, err := s.Verify(token)
			if good && (err != nil || claims.Subject != "u") || !good && !errors.Is(err, ErrSignature) {
				t.Errorf("%s: got %+v, %v, good is %v", header, claims, err, good)
			}
			if _, err := plain.Verify(token); !errors.Is(err, ErrSignature) {
				t.Errorf("%s, without a key set: got %v, want %v", header, err, ErrSignature)
			}
		}
	}
}

// otherAlg is an algorithm of the same family under which no signature of the
// first is valid.
func otherAlg(alg string) string {
	switch alg {
	case "RS256", "PS256", "ES256":
		return alg[:2] + "384"
	case "EdDSA":
		return "ES256"
	}
	return alg[:2] + "256"
}

// TestAPublicKeyIsNoSecret signs with HS256 under all that is public of a key.
// Such a token passes wherever the public key is taken for the secret.
func TestAPublicKeyIsNoSecret(t *testing.T) {
	s := trusting(t)
	for id, key := range issuerKeys() {
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		jwk, err := json.Marshal(publish(id, key.Public()))
		if err != nil {
			t.Fatal(err)
		}
		block := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		for name, public := range map[string][]byte{"DER": der, "PEM": block, "PEM without a line end": block[:len(block)-1], "JWK": jwk, "nothing": {}} {
			for _, method := range []jwt.SigningMethod{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512} {
				token := issue(t, `{"alg":"`+method.Alg()+`","kid":"`+id+`"}`, method, public)
				if _, err := s.Verify(token); !errors.Is(err, ErrSignature) {
					t.Errorf("%s under the %s of %s: got %v, want %v", method.Alg(), name, id, err, ErrSignature)
				}
			}
		}
	}
}

func TestTheBoxsOwnTokensStayGood(t *testing.T) {
	s := trusting(t)
	if _, err := s.Verify(issue(t, `{"alg":"HS256","kid":"rsa"}`, jwt.SigningMethodHS256, secret)); err != nil {
		t.Error(err)
	}
}

// FuzzVerifyIssuer looks for a token that is accepted though neither a key of
// the issuer nor the secret signed it.
func FuzzVerifyIssuer(f *testing.F) {
	s, keys := trusting(f), issuerKeys()
	for alg, key := range map[string]string{"RS256": "rsa", "PS512": "rsa", "ES256": "p256", "ES384": "p384", "EdDSA": "ed"} {
		token := issue(f, `{"alg":"`+alg+`","kid":"`+key+`"}`, jwt.GetSigningMethod(alg), keys[key])
		parts := strings.Split(token, ".")
		for i, part := range parts {
			raw, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil {
				f.Fatal(err)
			}
			parts[i] = string(raw)
		}
		f.Add(parts[0], parts[1], []byte(parts[2]))
	}
	f.Fuzz(func(t *testing.T, header, claims string, sig []byte) {
		b64 := base64.RawURLEncoding.EncodeToString
		text := b64([]byte(header)) + "." + b64([]byte(claims))
		if _, err := s.Verify(text + "." + b64(sig)); err == nil && !signed(text, sig) {
			t.Errorf("accepted %s with claims %s", header, claims)
		}
	})
}

// signed reports whether any key of the test made the signature.
func signed(text string, sig []byte) bool {
	for _, alg := range algorithms {
		method := jwt.GetSigningMethod(alg)
		if alg == hs256 && method.Verify(text, sig, secret) == nil {
			return true
		}
		for _, key := range issuerKeys() {
			if method.Verify(text, sig, key.Public()) == nil {
				return true
			}
		}
	}
	return false
}
