// Package ratelimit slows callers down without shutting anyone out.
//
// A [Throttle] makes an address wait longer after each wrong guess. A [Budget]
// allows each caller so many actions a second, with a burst, and a
// [SeatBudget] does so for new seats. A whole class may share one address, so
// delays have a ceiling, expire, and never become a ban.
//
// Everything is in memory and bounded: a full table forgets. All types are
// safe for concurrent use. [*SlowDownError] tells a caller how long to wait.
package ratelimit
