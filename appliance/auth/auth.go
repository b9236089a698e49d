// Package auth mints and verifies the tokens that open the box's sockets.
//
// Tokens are JWTs under HS256 with the box's own secret. If a [KeySet] is
// trusted, tokens under its public keys count as well. Each key fits its own
// algorithms only: a token that names another algorithm, or none, is refused.
// Of the claims only role and exp are required. The errors of [Signer.Verify]
// carry the literal texts that Supabase clients know.
//
// [APIKeys] are short, never expire, and are for programs that know no users. A
// [Policy] says what a caller may do in a private channel.
//
// The package serves no HTTP and logs no names or tokens.
package auth
