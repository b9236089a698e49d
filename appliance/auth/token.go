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

	"downbeat.local/appliance/table"
)

// The roles of a token, as Supabase names them.
const (
	Anon          = "anon"
	Authenticated = "authenticated"
	Service       = "service_role"
)

// StrongSecret is how many bytes a signing key should have (RFC 7518 §3.2: as
// many as the hash). Shorter keys work, because projects bring their own, and
// the command warns of them.
const StrongSecret = 32

// maxToken bounds the text that is parsed: far above any real token, far below
// a frame.
const maxToken = 16 << 10

// Claims are what a token says. Mint writes every field that is not zero.
type Claims struct {
	Role      string    // anon, authenticated, service_role or a project's own
	Subject   string    // sub: the student_id of a member
	ExpiresAt time.Time // Mint sets it from its ttl; a key never expires and has zero
	App       AppMetadata
	Left      bool // no claim: the box sets it if a member has lost their seat
	// Child is no claim: the box sets it to the child of a class list who sits on
	// the member's seat.
	Child string
	// Consent, CheckIn, Session and Sat are no claims: see [table.Caller].
	Consent bool
	CheckIn string
	Session string
	Sat     table.Sat
	// All holds every claim of a verified token by name, for policies that
	// read others. Mint starts from it, and the fields above win.
	All map[string]any
}

// AppMetadata is the part of the app_metadata claim that the box reads.
type AppMetadata struct {
	Role string `json:"downbeat_role,omitempty"` // teacher, student or stage
	Room string `json:"room,omitempty"`          // the one room a member's token is for
	// Device tells a member's browser from others behind the same address.
	Device string `json:"device,omitempty"`
}

// Teacher reports whether the token makes its bearer the teacher of a room: by
// the role service_role, or by the downbeat_role teacher if the token names no
// other room.
func (c Claims) Teacher(room string) bool {
	if c.Role == Service {
		return true
	}
	return c.App.Role == "teacher" && (c.App.Room == "" || c.App.Room == room)
}

// Member returns the claims of a member's token: the student_id, the room's
// code, and the role of the seat.
func Member(studentID, room, role string) Claims {
	return Claims{Role: Authenticated, Subject: studentID, App: AppMetadata{Role: role, Room: room}}
}

// Signer mints and verifies the box's tokens. It is safe for concurrent use.
type Signer struct {
	secret []byte
	keys   APIKeys
	others *KeySet // nil: only the box's own tokens
	now    func() time.Time
	boot   Boot
	parser *jwt.Parser
}

// Accept makes Verify accept the box's keys as well. Call it before the first
// Verify.
func (s *Signer) Accept(keys APIKeys) { s.keys = keys }

// Trust makes Verify accept tokens of another issuer, under its public keys.
// Call it before the first Verify.
func (s *Signer) Trust(others *KeySet) { s.others = others }

// During makes tokens expire by the clock of this start of the machine as long as
// it lasts: setting the wall clock right in the middle of a lesson ends no token
// and lengthens none. Call it before the first Mint.
func (s *Signer) During(boot Boot) {
	boot.ID = boot.mark(s.secret)
	s.boot = boot
}

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

// Mint returns a signed token with those claims that expires after ttl. With a
// ttl of 0 or less it has expired already.
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
	if s.boot.Uptime != nil {
		claims[bootClaim] = bootExpiry{Boot: s.boot.ID, Uptime: (s.boot.Uptime() + ttl).Seconds()}
	}
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

// over merges m into another app_metadata claim, whose other fields stay.
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
	if m.Device != "" {
		merged["device"] = m.Device
	}
	return merged
}

// Verify checks a token's signature, then its fields, then its time, and
// returns its claims. A key of the box has a role and no other claim. It
// ignores nbf, because a box without a clock battery starts in the past, and
// aud and iss, because a school has one issuer. Errors: ErrMissing,
// ErrMalformed, ErrSignature, ErrFields, *ExpiredError.
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
	parsed, err := s.parser.ParseWithClaims(token, all, s.keyOf)
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return Claims{}, ErrMalformed
	case err != nil: // another algorithm, an unknown key, or a wrong signature
		return Claims{}, ErrSignature
	}
	return s.read(all, parsed.Method.Alg() == hs256)
}

// hs256 is the algorithm of the box's own tokens.
const hs256 = "HS256"

// algorithms are the only ones that a token may name. None of them is "none",
// and none takes another secret.
var algorithms = slices.Concat([]string{hs256}, rsaAlgs, p256Algs, p384Algs, ed25519Algs)

// keyOf finds the key that checks a token's signature. The box's secret is for
// HS256 only, and a public key for its own algorithms only, whatever the token
// says.
func (s *Signer) keyOf(token *jwt.Token) (any, error) {
	if _, ok := token.Header["crit"]; ok {
		return nil, jwt.ErrTokenUnverifiable // RFC 7515 §4.1.11: the box understands no extension
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
	return set, nil // an empty set verifies nothing
}

// verifyKey checks a key of the new style.
func (s *Signer) verifyKey(key string) (Claims, error) {
	claims, ok := s.keys.claims(key)
	if !ok {
		return Claims{}, ErrMalformed
	}
	return claims, nil
}

// read returns the known claims of a token whose signature is good. own says that
// the box's secret signed it.
func (s *Signer) read(all map[string]any, own bool) (Claims, error) {
	role, _ := all["role"].(string)
	exp, ok := all["exp"].(float64)
	if role == "" || !ok || math.Abs(exp) > 1<<53 {
		return Claims{}, ErrFields
	}
	now := s.now()
	expires, ofBoot := s.boot.expiry(all, now)
	if !own || !ofBoot {
		whole, part := math.Modf(exp) // exp may be fractional
		expires = time.Unix(int64(whole), int64(part*1e9))
	}
	if past := now.Sub(expires); past >= 0 {
		return Claims{}, &ExpiredError{Ago: past}
	}
	subject, _ := all["sub"].(string)
	return Claims{Role: role, Subject: subject, ExpiresAt: expires, App: appMetadata(all), All: all}, nil
}

// appMetadata reads the claim of that name. It leaves out fields of other
// types.
func appMetadata(all map[string]any) AppMetadata {
	fields, _ := all["app_metadata"].(map[string]any)
	role, _ := fields["downbeat_role"].(string)
	room, _ := fields["room"].(string)
	device, _ := fields["device"].(string)
	return AppMetadata{Role: role, Room: room, Device: device}
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
