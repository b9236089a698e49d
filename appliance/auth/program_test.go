package auth

import (
	"slices"
	"testing"
)

func TestProgramNames(t *testing.T) {
	type program struct {
		address, key string
		claims       Claims
	}
	user, other := Claims{Role: Authenticated, Subject: "ann"}, Claims{Role: Authenticated, Subject: "ben"}
	for name, tt := range map[string]struct {
		a, b program
		same bool
	}{
		"one program":                        {program{"10.0.0.7:1", "k", user}, program{"10.0.0.7:2", "k", user}, true},
		"a socket from before the sign-in":   {program{"10.0.0.7:1", "k", user}, program{"10.0.0.7:2", "k", Claims{Role: Anon}}, true},
		"a request with the token alone":     {program{"10.0.0.7:1", "", user}, program{"10.0.0.7:2", "k", user}, true},
		"both families of this machine":      {program{"127.0.0.1:1", "k", user}, program{"[::1]:2", "k", user}, true},
		"an IPv4 address in IPv6":            {program{"10.0.0.7:1", "k", user}, program{"[::ffff:10.0.0.7]:2", "k", user}, true},
		"another device with the same key":   {program{"10.0.0.7:1", "k", user}, program{"10.0.0.8:1", "k", user}, false},
		"another program on the same device": {program{"10.0.0.7:1", "k", user}, program{"10.0.0.7:2", "l", other}, false},
		"no keys":                            {program{"10.0.0.7:1", "", user}, program{"10.0.0.7:2", "", other}, false},
	} {
		a, b := ProgramNames(tt.a.address, tt.a.key, tt.a.claims), ProgramNames(tt.b.address, tt.b.key, tt.b.claims)
		if got := slices.ContainsFunc(a, func(n string) bool { return slices.Contains(b, n) }); got != tt.same {
			t.Errorf("%s: the same program %v, want %v: %v, %v", name, got, tt.same, a, b)
		}
	}
}
