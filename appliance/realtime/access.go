package realtime

import (
	"sync/atomic"

	"downbeat.local/appliance/auth"
)

// access is what a member may do in their channel, by their token.
type access struct {
	hello *Hello
	// rightsOf asks the policy. Public channels are open to everyone, and channels
	// with a director have their own rules: see everything.
	rightsOf func(auth.Claims) auth.Rights
	grants   atomic.Pointer[grants]
}

// grants is what a member's token says and allows. A new token replaces all of
// it.
type grants struct {
	claims auth.Claims
	rights auth.Rights
	names  []string // of the client's program
}

// everything allows everything.
func everything(auth.Claims) auth.Rights { return auth.AllRights }

// setGrants takes what a token says, and works out what it allows.
func (a *access) setGrants(claims auth.Claims) {
	a.grants.Store(&grants{
		claims: claims, rights: a.rightsOf(claims), names: auth.ProgramNames(a.hello.Address, a.hello.APIKey, claims),
	})
}

// Claims is what the member's token says.
func (a *access) Claims() auth.Claims { return a.grants.Load().claims }

// rights is what the member may do in their channel.
func (a *access) rights() auth.Rights { return a.grants.Load().rights }
