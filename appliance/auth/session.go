package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"sync"
	"time"

	"downbeat.local/appliance/store"
)

// SessionIdle ends a session that nobody has used for a school day.
const SessionIdle = 8 * time.Hour

// maxSessions bounds the table; the one unused longest goes first.
const maxSessions = 64

// touchEvery bounds how often a session's use is written to the disk: an SD
// card lives longer when it is not written on every click.
const touchEvery = 10 * time.Minute

// moment is a point in time that means something on a machine without a
// clock battery: within one start of the machine it is told by Up, across
// starts by the wall clock, which may be wrong.
type moment struct {
	Boot string        `json:"boot"` // store.BootID
	Up   time.Duration `json:"up"`   // since the machine started
	Wall time.Time     `json:"wall"`
}

// since returns how long ago earlier was, never less than 0.
func (m moment) since(earlier moment) time.Duration {
	if m.Boot != "" && m.Boot == earlier.Boot {
		return max(0, m.Up-earlier.Up)
	}
	return max(0, m.Wall.Sub(earlier.Wall))
}

// session is one signed-in browser, kept under the SHA-256 of its secret.
type session struct {
	User string `json:"user"`
	Used moment `json:"used"`
}

// sessions is the table of them: memory in front of the store.
type sessions struct {
	store *store.Store
	now   func() moment

	mu   sync.Mutex          // guards byID
	byID map[string]*session // by the hex SHA-256 of the secret
}

// openSessions reads those that are kept and still fresh.
func openSessions(s *store.Store, now func() moment) (*sessions, error) {
	rows, err := s.List(store.Sessions)
	if err != nil {
		return nil, err
	}
	t := &sessions{store: s, now: now, byID: map[string]*session{}}
	for _, row := range rows {
		var kept session
		if ok, err := s.Get(store.Sessions, row.Key, &kept); err != nil || !ok {
			continue // a damaged session is a signed-out browser, no more
		}
		if t.now().since(kept.Used) < SessionIdle {
			t.byID[row.Key] = &kept
		}
	}
	return t, nil
}

// open starts a session and returns its secret. With an error the session holds
// too, until the box restarts.
func (t *sessions) open(ctx context.Context, user string) (string, error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	secret := base64.RawURLEncoding.EncodeToString(raw)
	if err := t.keep(ctx, sessionID(secret), session{User: user, Used: t.now()}); err != nil {
		return secret, fmt.Errorf("keep session: %w", err)
	}
	return secret, nil
}

// keep writes a new session and deletes the rows of forgotten ones. It is in
// memory first: a sweep beside this one must not take its row for a stale one.
func (t *sessions) keep(ctx context.Context, id string, fresh session) error {
	t.take(id, &fresh)
	stale, err := t.stale()
	if err != nil {
		return err
	}
	put, err := store.JSON(store.Sessions, id, fresh)
	if err != nil {
		return err
	}
	return t.store.Write(ctx, append(stale, put)...)
}

// drop forgets a session in memory.
func (t *sessions) drop(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byID, id)
}

// take takes in a fresh session and forgets idle ones and the longest unused of
// a full table.
func (t *sessions) take(id string, fresh *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	maps.DeleteFunc(t.byID, func(_ string, s *session) bool { return now.since(s.Used) >= SessionIdle })
	for len(t.byID) >= maxSessions {
		delete(t.byID, t.longestUnusedLocked(now))
	}
	t.byID[id] = fresh
}

// stale returns the ops that delete the rows of all sessions that are forgotten.
func (t *sessions) stale() ([]store.Op, error) {
	rows, err := t.store.List(store.Sessions)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var ops []store.Op
	for _, row := range rows {
		if t.byID[row.Key] == nil {
			ops = append(ops, store.Op{Bucket: store.Sessions, Key: row.Key})
		}
	}
	return ops, nil
}

func (t *sessions) longestUnusedLocked(now moment) string {
	oldest, age := "", time.Duration(-1)
	for id, s := range t.byID {
		if a := now.since(s.Used); a > age {
			oldest, age = id, a
		}
	}
	return oldest
}

// check returns whose session it is and marks it used.
func (t *sessions) check(ctx context.Context, secret string) (user string, ok bool) {
	id := sessionID(secret)
	used, touched, ok := t.use(id)
	if !ok {
		return "", false
	}
	if touched {
		t.touch(ctx, id, used)
	}
	return used.User, true
}

// use looks a session up; touched says that its use is worth writing down.
func (t *sessions) use(id string) (used session, touched, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.byID[id]
	if s == nil {
		return session{}, false, false
	}
	now := t.now()
	idle := now.since(s.Used)
	if idle >= SessionIdle {
		delete(t.byID, id)
		return session{}, false, false
	}
	if touched = idle >= touchEvery || now.Boot != s.Used.Boot; touched {
		s.Used = now
	}
	return *s, touched, true
}

// touch writes a session's use down. A lost touch only ends the session
// sooner; one that crosses a logout must not bring the row back.
func (t *sessions) touch(ctx context.Context, id string, used session) {
	_ = t.store.Put(ctx, store.Sessions, id, used)
	t.mu.Lock()
	_, open := t.byID[id]
	t.mu.Unlock()
	if !open {
		_ = t.store.Delete(ctx, store.Sessions, id)
	}
}

// close ends a session; one that is not there is no error.
func (t *sessions) close(ctx context.Context, secret string) error {
	id := sessionID(secret)
	t.drop(id)
	return t.store.Delete(ctx, store.Sessions, id)
}

// sessionID is what is kept of a secret: whoever reads the file cannot use it.
func sessionID(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
