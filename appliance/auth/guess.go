package auth

import "downbeat.local/appliance/ratelimit"

// Guess checks a guess unless it comes before its time. A wrong one counts, a
// right one clears what counted before, and one that could not be checked does
// neither. ErrWrongPassword, *ratelimit.SlowDownError, or check's own error.
func Guess(t *ratelimit.Throttle, key string, check func() (bool, error)) error {
	if wait := t.Wait(key); wait > 0 {
		return &ratelimit.SlowDownError{Wait: wait}
	}
	// Counted before it is checked, so that guesses sent side by side count.
	t.Fail(key)
	ok, err := check()
	switch {
	case err != nil:
		t.Forgive(key)
		return err
	case !ok:
		return ErrWrongPassword
	}
	t.Clear(key)
	return nil
}
