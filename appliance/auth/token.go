package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The roles of a token, as Supabase names them.
const (
	Anon          = "anon"
	Authenticated = "authenticated"
	Service       = "service_role"
)

// StrongSecret is the number of bytes a signing key should have at least
// (RFC 7518 §3.2: as many as the hash is wide). Shorter ones work, because
// projects bring their own; whoever starts the box should warn.
const StrongSecret = 32

// maxToken bounds what is parsed: far above any real token, far below a frame.
const maxToken = 16 << 10

// Claims are what a token says. Mint writes every field that is not zero.
type Claims struct {
	Role      string    // anon, authenticated, service_role or a project's own
	Subject   string    // sub: the student_id of a member
	ExpiresAt time.Time // set by Mint from its ttl; zero in what a key says: never
	App       AppMetadata
	// All holds every claim of a verified token by name, for policies that
	// read others. Mint starts from it: the fields above win.
	All map[string]any
}

// AppMetadata is the part of the app_metadata claim that means something here.
type AppMetadata struct {
	Role string `json:"downbeat_role,omitempty"` // teacher, student or stage
	Room string `json:"room,omitempty"`          // the one room a member's token is for
}

// Teacher reports whether the token makes its bearer the teacher of any room
// it may enter: the role service_role, or downbeat_role teacher with no other
// room named.
func (c Claims) Teacher(room string) bool {
	if c.Role == Service {
		return true
	}
	return c.App.Role == "teacher" && (c.App.Room == "" || c.App.Room == room)
}

// Member returns the claims of a member's token: the student_id, the code of
// the room and the role it was entered with.
func Member(studentID, room, role string) Claims {
	return Claims{Role: Authenticated, Subject: studentID, App: AppMetadata{Role: role, Room: room}}
}

// Signer mints and verifies the box's tokens. It is safe for concurrent use.
type Signer struct {
	secret []byte
	keys   APIKeys
	others *KeySet // nil: only the box's own tokens
	now    func() time.Time
	parser *jwt.Parser
}

// Accept makes Verify take the box's keys as well. It is called before the
// first Verify.
func (s *Signer) Accept(keys APIKeys) { s.keys = keys }

// Trust makes Verify take tokens of the issuer whose public keys those are, as
// well as the box's own. It is called before the first Verify.
func (s *Signer) Trust(others *KeySet) { s.others = others }

// NewSigner returns a Signer over the raw bytes of an HS256 key. An empty key
// is an error.
func NewSigner(secret []byte) (*Signer, error) {
	if len(secret) == 0 {
		return nil, errors.New("the JWT secret is empty")
	}
	return &Signer{
		secret: append([]byte(nil), secret...),
		now:    time.Now,
		parser: jwt.NewParser(
			jwt.WithValidMethods(algorithms),
			jwt.WithoutClaimsValidation(), // check below speaks Supabase's texts
		),
	}, nil
}

// Mint returns a signed token with those claims that expires after ttl. A
// ttl of 0 or less makes a token that has already expired.
func (s *Signer) Mint(c Claims, ttl time.Duration) (string, error) {
	if c.Role == "" {
		return "", errors.New("a token needs a role")
	}
	now := s.now()
	claims := jwt.MapClaims{}
	for name, value := range c.All {
		claims[name] = value
	}
	claims["role"] = c.Role
	claims["iat"] = now.Unix()
	claims["exp"] = now.Add(ttl).Unix()
	if c.Subject != "" {
		claims["sub"] = c.Subject
	}
	if c.App != (AppMetadata{}) {
		claims["app_metadata"] = c.App.over(claims["app_metadata"])
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(s.secret)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return token, nil
}

// over lays m over another app_metadata claim, whose other fields stay.
func (m AppMetadata) over(other any) map[string]any {
	merged := map[string]any{}
	if fields, ok := other.(map[string]any); ok {
		for name, value := range fields {
			merged[name] = value
		}
	}
	if m.Role != "" {
		merged["downbeat_role"] = m.Role
	}
	if m.Room != "" {
		merged["room"] = m.Room
	}
	return merged
}

// Verify checks a token's signature, then its fields, then its time, and
// returns what it says; a key of the box says its role and nothing else. The
// errors are ErrMissing, ErrMalformed, ErrSignature, ErrFields and
// *ExpiredError. nbf is not looked at, because a box without a clock battery
// starts in the past, and neither are aud and iss: a school has one issuer.
func (s *Signer) Verify(token string) (Claims, error) {
	if token == "" {
		return Claims{}, ErrMissing
	}
	if len(token) > maxToken {
		return Claims{}, ErrMalformed
	}
	if strings.HasPrefix(token, KeyPrefix) {
		return s.verifyKey(token)
	}
	all := jwt.MapClaims{}
	_, err := s.parser.ParseWithClaims(token, all, s.keyOf)
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return Claims{}, ErrMalformed
	case err != nil: // another algorithm, a key that nobody knows, or not its signature
		return Claims{}, ErrSignature
	}
	return s.read(all)
}

// hs256 is the algorithm of the box's own tokens.
const hs256 = "HS256"

// algorithms are those that a token may name, and no others: not none, and
// none that takes another secret.
var algorithms = slices.Concat([]string{hs256}, rsaAlgs, p256Algs, p384Algs, ed25519Algs)

// keyOf finds what a token's signature is checked with. The box's secret is
// for HS256 only and a public key for its own algorithms only, whatever the
// token says of itself.
func (s *Signer) keyOf(token *jwt.Token) (any, error) {
	if _, ok := token.Header["crit"]; ok {
		return nil, jwt.ErrTokenUnverifiable // RFC 7515 §4.1.11: we understand none of it
	}
	alg := token.Method.Alg()
	if alg == hs256 {
		return s.secret, nil
	}
	id, named := token.Header["kid"].(string)
	if _, given := token.Header["kid"]; s.others == nil || given != named || len(id) > maxKeyID {
		return nil, jwt.ErrTokenUnverifiable
	}
	var set jwt.VerificationKeySet
	for _, key := range s.others.find(alg, id) {
		set.Keys = append(set.Keys, key.key)
	}
	return set, nil // an empty one verifies nothing
}

// verifyKey checks a key of the new style.
func (s *Signer) verifyKey(key string) (Claims, error) {
	claims, ok := s.keys.claims(key)
	if !ok {
		return Claims{}, ErrMalformed
	}
	return claims, nil
}

// read takes the known claims out of a token that is the box's own.
func (s *Signer) read(all map[string]any) (Claims, error) {
	role, _ := all["role"].(string)
	exp, ok := all["exp"].(float64)
	if role == "" || !ok || math.Abs(exp) > 1<<53 {
		return Claims{}, ErrFields
	}
	whole, part := math.Modf(exp) // exp may be fractional
	expires := time.Unix(int64(whole), int64(part*1e9))
	if past := s.now().Sub(expires); past >= 0 {
		return Claims{}, &ExpiredError{Ago: past}
	}
	subject, _ := all["sub"].(string)
	return Claims{Role: role, Subject: subject, ExpiresAt: expires, App: appMetadata(all), All: all}, nil
}

// appMetadata reads the claim of that name; what does not fit is left out.
func appMetadata(all map[string]any) AppMetadata {
	fields, _ := all["app_metadata"].(map[string]any)
	role, _ := fields["downbeat_role"].(string)
	room, _ := fields["room"].(string)
	return AppMetadata{Role: role, Room: room}
}

// ParseClaims reads a JSON object of extra claims, as `downbeat token` and
// tests give them.
func ParseClaims(text string) (map[string]any, error) {
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("claims are not a JSON object: %w", err)
	}
	return all, nil
}
