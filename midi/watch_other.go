//go:build !linux

package midi

import (
	"context"
	"errors"
)

func watchFolder(context.Context, string, func()) error { return errors.ErrUnsupported }
