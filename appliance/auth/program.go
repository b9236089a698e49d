package auth

import (
	"net/netip"
	"strings"
)

// ProgramNames returns the names of a program on a device, by its key and by
// what its token says. Requests and sockets of one program have at least one
// name in common, although they are different connections and may carry
// different tokens. address is HOST:PORT.
func ProgramNames(address, key string, c Claims) []string {
	device := deviceOf(address)
	names := []string{strings.Join([]string{device, "token", c.Role, c.Subject, c.App.Role, c.App.Room}, " ")}
	if key != "" {
		names = append(names, device+" key "+key)
	}
	return names
}

// deviceOf returns what the connections of one device have in common: its
// address, or "here" for this machine, which has several.
func deviceOf(address string) string {
	at, err := netip.ParseAddrPort(address)
	switch {
	case err != nil:
		return address
	case at.Addr().Unmap().IsLoopback():
		return "here"
	}
	return at.Addr().Unmap().String()
}
