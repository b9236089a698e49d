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

// SigningKeySize is its length in bytes: what HS256 asks for (RFC 7518 §3.2).
const SigningKeySize = 32

// PublishableKey and SecretKey are the names of the random bytes in the box's
// two keys for programs.
const (
	PublishableKey = "publishable"
	SecretKey      = "secret"
)

// TeacherID is the name of the random bytes in the id of the box's teacher.
const TeacherID = "teacher_id"

// Secret returns the secret of that name. The first call makes one of size
// random bytes and returns it only once it is kept.
func (s *Store) Secret(ctx context.Context, name string, size int) ([]byte, error) {
	return s.Kept(ctx, name, func() ([]byte, error) {
		fresh := make([]byte, size)
		if _, err := rand.Read(fresh); err != nil {
			return nil, fmt.Errorf("make secret: %w", err)
		}
		return fresh, nil
	})
}

// Kept is Secret for what is more than random bytes: the first call keeps what
// invent makes.
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

// BootID names this start of the machine; times on the box clock mean
// something only within one. It is empty where the system does not say.
func BootID() string {
	raw, err := os.ReadFile(bootIDPath)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// SameBoot reports whether the machine has run without a restart since the
// last call on this file, and remembers this start. Where the system does not
// name its starts the answer is no.
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
	return false, s.Put(ctx, Settings, "boot_id", id)
}
