package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// Boot is one start of the machine, and its clock. A machine without a clock
// battery starts with a wrong wall clock, which is set right at some moment.
type Boot struct {
	ID     string               // store.BootID; empty if there is none
	Uptime func() time.Duration // the time since the start; nil if there is no such clock
}

// bootClaim is the claim of the box's own tokens that says when they expire by
// the clock of the machine's start. Other issuers' tokens are not trusted with it:
// their signer knows no such clock.
const bootClaim = "downbeat_boot"

// bootExpiry is the value of bootClaim.
type bootExpiry struct {
	Boot   string  `json:"id"`  // Boot.mark
	Uptime float64 `json:"exp"` // seconds since the start of the machine
}

// mark names the start in tokens, which pages and programs can read. The machine's
// own name for it is the same for every program on it, so it stays inside.
func (b Boot) mark(secret []byte) string {
	if b.ID == "" {
		return ""
	}
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write([]byte(bootClaim + " " + b.ID)) // never fails
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:markSize])
}

// markSize is the length of a mark in bytes: enough that no two starts share one.
const markSize = 12

// expiry is when a token expires that this start of the machine minted, measured
// from now.
func (b Boot) expiry(all map[string]any, now time.Time) (at time.Time, ok bool) {
	claim, _ := all[bootClaim].(map[string]any)
	id, _ := claim["id"].(string)
	exp, isNumber := claim["exp"].(float64)
	if b.Uptime == nil || id == "" || id != b.ID || !isNumber || exp != exp || exp < 0 || exp > maxUptime {
		return time.Time{}, false
	}
	return now.Add(time.Duration(exp*float64(time.Second)) - b.Uptime()), true
}

// maxUptime bounds exp, in seconds: a century.
const maxUptime = 100 * 365 * 24 * 3600
