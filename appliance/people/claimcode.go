package people

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ClaimFile is the file in the data folder that holds the claim code until
// the box is claimed.
const ClaimFile = "claim-code.txt"

// crockford is Crockford's base32 alphabet. It has no I, L, O or U, so that
// people copy a code from a screen without mistakes.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// claimCodeLength gives 40 bits, which the throttle puts out of a guesser's
// reach.
const claimCodeLength = 8

// newClaimCode returns a fresh code.
func newClaimCode() string {
	raw := make([]byte, claimCodeLength)
	_, _ = rand.Read(raw) // never fails since Go 1.24: it ends the program instead
	for i, b := range raw {
		raw[i] = crockford[b%32] // 256 is a multiple of 32: no letter is likelier
	}
	return string(raw)
}

// normalClaimCode undoes lower case, spaces, dashes, and letters typed for
// digits.
func normalClaimCode(typed string) string {
	if len(typed) > 64 {
		return ""
	}
	fold := strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", " ", "")
	return fold.Replace(strings.ToUpper(strings.TrimSpace(typed)))
}

// sameCode compares in constant time.
func sameCode(typed, code string) bool {
	return subtle.ConstantTimeCompare([]byte(normalClaimCode(typed)), []byte(code)) == 1
}

// keepClaimCode returns the code in the data folder, or makes one and puts it
// there, readable by this user only. The code survives restarts, because
// people write it down.
func keepClaimCode(dir string) (string, error) {
	path := filepath.Join(dir, ClaimFile)
	raw, err := os.ReadFile(path)
	if code := normalClaimCode(string(raw)); err == nil && validClaimCode(code) {
		return code, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read claim code: %w", err)
	}
	code := newClaimCode()
	if err := os.WriteFile(path, []byte(code+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep claim code: %w", err)
	}
	return code, nil
}

func validClaimCode(code string) bool {
	return len(code) == claimCodeLength && strings.Trim(code, crockford) == ""
}

// dropClaimCode removes the file once the box is claimed.
func dropClaimCode(dir string) error {
	path := filepath.Join(dir, ClaimFile)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil // on a disk that can only be read, removing nothing fails too
	}
	err := os.Remove(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove claim code: %w", err)
	}
	return nil
}
