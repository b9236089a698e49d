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
	return keepFile(dir, KeyFile, hex.EncodeToString(secret)+"\n")
}

// keepFile writes a file of the data folder, readable by this user only. It
// renames the file into place, so that a reader sees the old text or the new.
func keepFile(dir, name, text string) error {
	fresh := filepath.Join(dir, name+".new")
	if err := os.WriteFile(fresh, []byte(text), 0o600); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	if err := os.Rename(fresh, filepath.Join(dir, name)); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return nil
}

// ReadKey reads the key that KeepKey wrote. In a folder that no box has used
// yet it returns fs.ErrNotExist.
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
