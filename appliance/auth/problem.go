package auth

import (
	"errors"
	"fmt"
	"time"
)

// What is wrong with a token. The texts are the ones that Supabase Realtime
// answers a refused upgrade with (its lib/realtime_web/channels/user_socket.ex),
// because programs match on them.
var (
	ErrMissing   = errors.New("API key is missing")
	ErrMalformed = errors.New("The token provided is not a valid JWT")
	ErrSignature = errors.New("Failed to validate JWT signature")
	ErrFields    = errors.New("Fields `role` and `exp` are required in JWT")
)

// ExpiredError is a token that was good once.
type ExpiredError struct {
	Ago time.Duration // since it expired, at least 0
}

// Error tells the age in whole seconds, as a channel's system message does.
func (e *ExpiredError) Error() string {
	return fmt.Sprintf("Token has expired %d seconds ago", int64(e.Ago/time.Second))
}

// UpgradeMessage is the text that a refused WebSocket upgrade or HTTP request
// carries for an error of [Signer.Verify]; it differs from the error's own
// text only for expired tokens.
func UpgradeMessage(err error) string {
	if _, ok := errors.AsType[*ExpiredError](err); ok {
		return "Token has expired"
	}
	return err.Error()
}

// JoinReason is the reason that a refused phx_join carries for an error of
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
