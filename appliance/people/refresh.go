package people

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// reuseInterval is how long a refresh token stays good after its use, as in
// Supabase Auth (REFRESH_TOKEN_REUSE_INTERVAL). Two tabs refresh at the same
// moment, and answers get lost.
const reuseInterval = 10 * time.Second

// family is one sign-in: all refresh tokens that follow from it.
type family struct {
	ID      string    `json:"id"` // session_id in access tokens
	User    string    `json:"user"`
	Key     []byte    `json:"key"`    // signs the tokens
	Count   uint32    `json:"count"`  // of the token that is good now
	Turned  time.Time `json:"turned"` // when it replaced the last one
	Created time.Time `json:"created"`
}

// newFamily starts a family.
func newFamily(user string, now time.Time) *family {
	f := &family{ID: uuid.NewString(), User: user, Key: make([]byte, sha256.Size), Turned: now, Created: now}
	_, _ = rand.Read(f.Key) // never fails since Go 1.24
	return f
}

// A refresh token is the family's id, the token's number in it, and a
// signature of both. The box recognises old tokens without keeping them.
const (
	idSize    = 16
	countSize = 4
	macSize   = 16 // 128 bits, as many as a UUID
)

// refreshToken returns the token that is good now.
func (f *family) refreshToken() string {
	id := uuid.MustParse(f.ID) // newFamily and load made sure
	raw := binary.BigEndian.AppendUint32(id[:], f.Count)
	return base64.RawURLEncoding.EncodeToString(append(raw, f.mac(raw)...))
}

func (f *family) mac(body []byte) []byte {
	h := hmac.New(sha256.New, f.Key)
	h.Write(body)
	return h.Sum(nil)[:macSize]
}

// presented is a refresh token of a request, not checked yet.
type presented struct {
	family string
	count  uint32
	body   []byte
	mac    []byte
}

// parseRefreshToken takes a token apart. It returns false for any other text.
func parseRefreshToken(text string) (presented, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != idSize+countSize+macSize {
		return presented{}, false
	}
	return presented{
		family: uuid.UUID(raw[:idSize]).String(),
		count:  binary.BigEndian.Uint32(raw[idSize:]),
		body:   raw[:idSize+countSize],
		mac:    raw[idSize+countSize:],
	}, true
}

// outcome is what a refresh token is worth.
type outcome int

const (
	forged   outcome = iota // not the family's
	current                 // the one that is good now
	repeated                // the last one, a moment after it was used
	stolen                  // an older one
)

// judge decides what a token is worth.
func (f *family) judge(p presented, now time.Time) outcome {
	switch {
	case !hmac.Equal(p.mac, f.mac(p.body)) || p.count > f.Count:
		return forged
	case p.count == f.Count:
		return current
	case p.count == f.Count-1 && now.Sub(f.Turned) < reuseInterval:
		return repeated
	}
	return stolen
}

// rotate replaces the good token with the next.
func (f *family) rotate(now time.Time) {
	f.Count++
	f.Turned = now
}
