package auth

import (
	"errors"
	"fmt"
	"time"
)

// What is wrong with a token. Programs match on the texts, which are those of
// Supabase Realtime's refused upgrades (its
// lib/realtime_web/channels/user_socket.ex).
var (
	ErrMissing   = errors.New("API key is missing")
	ErrMalformed = errors.New("The token provided is not a valid JWT")
	ErrSignature = errors.New("Failed to validate JWT signature")
	ErrFields    = errors.New("Fields `role` and `exp` are required in JWT")
	// ErrNoSeat is the box's own: a member's token is good while they have their
	// seat in the room.
	ErrNoSeat = errors.New("You are not in this room any more")
)

// ExpiredError is a token that has expired.
type ExpiredError struct {
	Ago time.Duration // since it expired, at least 0
}

// Error tells the age in whole seconds, as a channel's system message does.
func (e *ExpiredError) Error() string {
	return fmt.Sprintf("Token has expired %d seconds ago", int64(e.Ago/time.Second))
}

// UpgradeMessage is the text of a refused WebSocket upgrade or HTTP request
// for an error of [Signer.Verify]. It differs from the error's own text only
// for expired tokens.
func UpgradeMessage(err error) string {
	if _, ok := errors.AsType[*ExpiredError](err); ok {
		return "Token has expired"
	}
	return err.Error()
}

// JoinReason is the reason of a refused phx_join for an error of
// [Signer.Verify]: a code, a colon, the text.
func JoinReason(err error) string {
	code := "InvalidJWTToken"
	switch {
	case errors.Is(err, ErrMalformed):
		code = "MalformedJWT"
	case errors.Is(err, ErrSignature):
		code = "JwtSignatureError"
	}
	return code + ": " + err.Error()
}
