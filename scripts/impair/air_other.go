//go:build !linux

package impair

import (
	"context"
	"errors"
	"os/exec"
)

var errNoNamespaces = errors.New("only Linux has network namespaces")

// Air needs Linux.
type Air struct{}

// OpenAir says that this is not Linux.
func OpenAir(Conditions, uint64) (*Air, error) { return nil, errNoNamespaces }

// Start is never called.
func (*Air) Start(End, *exec.Cmd) error { return errNoNamespaces }

// Impair is never called.
func (*Air) Impair(Conditions, uint64) error { return errNoNamespaces }

// Counts is never called.
func (*Air) Counts() (up, down Count) { return Count{}, Count{} }

// Run is never called.
func (*Air) Run(context.Context) error { return errNoNamespaces }

// Close is never called.
func (*Air) Close() {}
