//go:build !linux

package main

import (
	"context"
	"errors"
)

const boxAddress, classAddress, attackerAddress = "", "", ""

var errLinux = errors.New("this needs Linux")

func inNamespace(context.Context) error { return errLinux }

func makeNetwork() error { return errLinux }
