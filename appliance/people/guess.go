package people

import (
	"time"

	"downbeat.local/appliance/ratelimit"
)

// guess checks a guess, unless it comes too early. A wrong guess counts, a
// right one clears the count, and one that could not be checked does neither.
// Errors: ErrWrongPassword, *ratelimit.SlowDownError, and those of check.
func guess(t *ratelimit.Throttle, key string, check func() (bool, error)) error {
	attempt, err := t.Try(key)
	if err != nil {
		return err
	}
	ok, err := check()
	switch {
	case err != nil:
		attempt.Forgive()
		return err
	case !ok:
		return ErrWrongPassword
	}
	t.Clear(key)
	return nil
}

// signupThrottle allows a class behind one address to sign in several times
// over. After that, an address makes at most one user in 15 seconds.
func signupThrottle() ratelimit.ThrottleConfig {
	return ratelimit.ThrottleConfig{Free: 200, Window: 10 * time.Minute, Base: time.Second, Max: 15 * time.Second}
}

// guessThrottle is LoginThrottle with room for a whole class that mistypes at
// one address.
func guessThrottle() ratelimit.ThrottleConfig {
	cfg := ratelimit.LoginThrottle()
	cfg.Free = 20
	return cfg
}
