// Package auth says who somebody is: it signs and verifies the tokens that
// open the box's sockets, and keeps the teacher's account and its sessions.
//
// Tokens are JWTs under HS256 with the box's own secret, and where a [KeySet]
// is trusted also under its public keys, each with its own algorithms only: a
// token that names another algorithm, or none, is refused. Of the claims only
// role and exp are required. The errors of [Signer.Verify] carry the literal
// texts that Supabase clients know. [APIKeys] are short and without an end, for
// programs that know no users. What somebody may do in a private channel, a
// [Policy] says.
//
// A box belongs to nobody until it is claimed with a code that is printed at
// start and lies in the data folder; the claim sets a password, of which only
// the argon2id hash is kept. Sessions are 256 random bits of which only the
// SHA-256 is kept. Guessing is slowed by growing delays and never punished
// with a ban: a whole class may share one address.
//
// The package serves no HTTP and logs no names, tokens or passwords.
package auth
