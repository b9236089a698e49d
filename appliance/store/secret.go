package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
)

// SigningKey is the name of the secret that signs the box's tokens.
const SigningKey = "jwt"

// SigningKeySize is its length in bytes, the minimum of HS256 (RFC 7518 §3.2).
const SigningKeySize = 32

// PublishableKey and SecretKey are the names of the random bytes in the box's
// two keys for programs.
const (
	PublishableKey = "publishable"
	SecretKey      = "secret"
)

// DeviceKey is the name of the secret that signs the cookies of browsers.
const DeviceKey = "device"

// TeacherID is the name of the random bytes in the id of the box's teacher.
const TeacherID = "teacher_id"

// Secret returns the secret of that name. The first call makes one of size
// random bytes, and returns it once it is stored.
func (s *Store) Secret(ctx context.Context, name string, size int) ([]byte, error) {
	return s.Kept(ctx, name, func() ([]byte, error) {
		fresh := make([]byte, size)
		if _, err := rand.Read(fresh); err != nil {
			return nil, fmt.Errorf("make secret: %w", err)
		}
		return fresh, nil
	})
}

// Kept is Secret for other values than random bytes: the first call stores what
// invent returns.
func (s *Store) Kept(ctx context.Context, name string, invent func() ([]byte, error)) ([]byte, error) {
	kept, err := s.raw(Secrets, name)
	if err != nil || len(kept) > 0 {
		return kept, err
	}
	fresh, err := invent()
	if err != nil {
		return nil, err
	}
	if err := s.Write(ctx, Op{Bucket: Secrets, Key: name, Value: fresh}); err != nil {
		return nil, err
	}
	return fresh, nil
}

// bootIDPath is Linux's name for this start of the machine.
const bootIDPath = "/proc/sys/kernel/random/boot_id"

// BootID names this start of the machine. Times on the box clock are valid only
// within one start. It is empty on systems without such a name.
func BootID() string {
	raw, err := os.ReadFile(bootIDPath)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// SameBoot reports whether the machine has run without a restart since the last
// call on this file, and stores this start. Without a BootID it reports false. On
// a full disk the stored start is an older one, so that the next call reports
// false too.
func (s *Store) SameBoot(ctx context.Context) (bool, error) {
	return s.sameBoot(ctx, BootID())
}

func (s *Store) sameBoot(ctx context.Context, id string) (bool, error) {
	var last string
	if _, err := s.Get(Settings, "boot_id", &last); err != nil {
		return false, err
	}
	if last == id {
		return id != "", nil
	}
	if err := s.Put(ctx, Settings, "boot_id", id); err != nil {
		s.log.Error("the store cannot be written, the box starts without it", "err", err)
	}
	return false, nil
}
