package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The bounds on passwords. NIST SP 800-63B §5.1.1.2 asks for 8 characters and no
// other rules. Programs written for Supabase expect its 6 for their users.
const (
	MinPassword     = 8    // characters of the teacher's
	MinUserPassword = 6    // characters of a user's
	MaxPassword     = 1024 // bytes of the teacher's
	MaxUserPassword = 72   // bytes of a user's: Supabase Auth takes no more
)

var (
	// ErrWeakPassword is a password with too few characters, or not in UTF-8. A
	// teacher's is also weak with more than MaxPassword bytes.
	ErrWeakPassword = errors.New("the password is too short, too long or not text")
	// ErrLongPassword is a user's password of more than MaxUserPassword bytes.
	ErrLongPassword = errors.New("the password is too long")
)

// The cost of one argon2id hash is OWASP's second choice: 19 MiB, 2 passes, 1
// lane. It takes 48 ms here and about 250 ms on a Raspberry Pi 4 (2026-11).
// With 64 MiB a 1 GB Pi would run out of memory when a class guesses at once.
const (
	argonMemory  = 19 << 10 // KiB
	argonTime    = 2
	argonThreads = 1
	argonKey     = 32 // bytes
	argonSalt    = 16 // bytes
)

// hashesAtOnce and hashesWaiting bound the memory and the queue of hashing.
const (
	hashesAtOnce  = 2
	hashesWaiting = 16
)

// ErrBusy refuses a password because too many others are being checked.
var ErrBusy = errors.New("too many sign-ins at once")

// hasher hashes passwords, two at a time.
type hasher struct {
	queue chan struct{} // waiting or running
	slots chan struct{} // running
}

func newHasher() *hasher {
	return &hasher{
		queue: make(chan struct{}, hashesAtOnce+hashesWaiting),
		slots: make(chan struct{}, hashesAtOnce),
	}
}

// hash returns the PHC string of a password with a fresh salt. least is how many
// characters it needs. Errors: ErrWeakPassword, ErrBusy.
func (h *hasher) hash(ctx context.Context, password string, least int) (string, error) {
	if utf8.RuneCountInString(password) < least || len(password) > MaxPassword || !utf8.ValidString(password) {
		return "", ErrWeakPassword
	}
	p := phc{memory: argonMemory, time: argonTime, threads: argonThreads, salt: make([]byte, argonSalt)}
	_, _ = rand.Read(p.salt) // never fails since Go 1.24
	key, err := h.derive(ctx, password, p, argonKey)
	p.key = key
	return p.String(), err
}

// matches reports whether the password is the one that was hashed. Errors:
// ErrBusy.
func (h *hasher) matches(ctx context.Context, password, encoded string) (bool, error) {
	p, err := parsePHC(encoded)
	if err != nil {
		return false, err
	}
	if len(password) > MaxPassword {
		return false, nil
	}
	key, err := h.derive(ctx, password, p, uint32(len(p.key)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, p.key) == 1, nil
}

// pretend takes as long as matches does, and matches nothing. So how long an
// answer takes does not tell whether there is a hash.
func (h *hasher) pretend(ctx context.Context, password string) error {
	if len(password) > MaxPassword {
		return nil
	}
	p := phc{memory: argonMemory, time: argonTime, threads: argonThreads, salt: make([]byte, argonSalt)}
	_, err := h.derive(ctx, password, p, argonKey)
	return err
}

// derive runs argon2id once a slot is free. It returns ErrBusy if too many
// wait.
func (h *hasher) derive(ctx context.Context, password string, p phc, size uint32) ([]byte, error) {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return nil, ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	// NFKC, so that é typed on another keyboard is the same é (RFC 8265 §4.2).
	return argon2.IDKey(norm.NFKC.Bytes([]byte(password)), p.salt, p.time, p.memory, p.threads, size), nil
}

// phc is an argon2id hash in the string format of the password hashing
// competition: $argon2id$v=19$m=19456,t=2,p=1$<salt>$<key>.
type phc struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

func (p phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.memory, p.time, p.threads, b64.EncodeToString(p.salt), b64.EncodeToString(p.key))
}

// parsePHC reads a string that String wrote. It refuses costs far from ours: a
// damaged row must not ask for all memory.
func parsePHC(text string) (phc, error) {
	bad := errors.New("password hash is damaged")
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, bad
	}
	var p phc
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); n != 3 || err != nil {
		return phc{}, bad
	}
	if p.memory < 8 || p.memory > 256<<10 || p.time < 1 || p.time > 16 || p.threads < 1 {
		return phc{}, bad
	}
	var saltErr, keyErr error
	p.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	p.key, keyErr = base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(p.salt) < 8 || len(p.key) < 16 || len(p.key) > 64 {
		return phc{}, bad
	}
	return p, nil
}
