//go:build !linux

package discovery

import (
	"context"
	"errors"
)

// watchInterfaces says that changes must be looked for.
func watchInterfaces(context.Context, func()) error {
	return errors.New("this system does not say when an interface changes")
}
