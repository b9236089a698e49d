package auth

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// KeyFile is the file in the data folder that holds the signing key in use,
// in hexadecimal. The store holds the box's own key, but only one process can
// open the store: the file lets `downbeat token` sign beside a running box.
const KeyFile = "signing-key.txt"

// KeepKey writes the signing key in use to the data folder, readable by this
// user only, unless it is there already.
func KeepKey(dir string, secret []byte) error {
	if kept, err := ReadKey(dir); err == nil && string(kept) == string(secret) {
		return nil
	}
	// Renamed into place: whoever reads beside us sees the old key or the new.
	fresh := filepath.Join(dir, KeyFile+".new")
	if err := os.WriteFile(fresh, []byte(hex.EncodeToString(secret)+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep signing key: %w", err)
	}
	if err := os.Rename(fresh, filepath.Join(dir, KeyFile)); err != nil {
		return fmt.Errorf("keep signing key: %w", err)
	}
	return nil
}

// ReadKey reads the key that KeepKey wrote. A folder that no box has used yet
// gives fs.ErrNotExist.
func ReadKey(dir string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(dir, KeyFile))
	if err != nil {
		return nil, fmt.Errorf("read signing key: %w", err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(secret) == 0 {
		return nil, fmt.Errorf("%s is damaged: remove it and start the box again", filepath.Join(dir, KeyFile))
	}
	return secret, nil
}
