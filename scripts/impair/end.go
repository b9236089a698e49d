package impair

import "net/netip"

// End is one side of an [Air].
type End int

// The ends of an Air.
const (
	Clients End = iota
	Server
)

// Addr is the address of an end, the same in every Air. 198.18.0.0/15 is
// reserved for such measurements (RFC 2544).
func (e End) Addr() netip.Addr { return netip.AddrFrom4([4]byte{198, 18, 0, byte(e) + 1}) }
