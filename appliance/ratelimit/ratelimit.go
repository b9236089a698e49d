// Package ratelimit slows callers down without shutting anyone out: a [Throttle]
// those who guess wrong, a [Budget] those who do too much. A whole class may
// share one address, so delays have a ceiling, and never become a ban.
package ratelimit
