package people

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

// SessionIdle ends a session that was not used for a school day.
const SessionIdle = 8 * time.Hour

// maxSessions bounds the table. The session unused longest goes first.
const maxSessions = 64

// touchEvery bounds how often a session's use is written to the disk: an SD
// card lasts longer without a write on every click.
const touchEvery = 10 * time.Minute

// moment is a point in time on a machine that may have no clock battery.
// Within one start of the machine Up tells the time; across starts the wall
// clock does, which may be wrong.
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

// webSession is one signed-in browser, kept under the SHA-256 of its secret.
type webSession struct {
	User string `json:"user"`
	Used moment `json:"used"`
}

// webSessions is the table of sessions: memory in front of the store.
type webSessions struct {
	store *store.Store
	now   func() moment

	mu   sync.Mutex             // guards byID
	byID map[string]*webSession // by the hex SHA-256 of the secret
}

// openWebSessions reads the sessions that are still fresh.
func openWebSessions(s *store.Store, now func() moment) (*webSessions, error) {
	rows, err := s.List(store.Sessions)
	if err != nil {
		return nil, err
	}
	t := &webSessions{store: s, now: now, byID: map[string]*webSession{}}
	for _, row := range rows {
		var kept webSession
		if ok, err := s.Get(store.Sessions, row.Key, &kept); err != nil || !ok {
			continue // a damaged row only signs a browser out
		}
		if t.now().since(kept.Used) < SessionIdle {
			t.byID[row.Key] = &kept
		}
	}
	return t, nil
}

// open starts a session and returns its secret. If it returns an error the
// session is good too, until the box restarts.
func (t *webSessions) open(ctx context.Context, user string) (string, error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	secret := base64.RawURLEncoding.EncodeToString(raw)
	if err := t.keep(ctx, sessionID(secret), webSession{User: user, Used: t.now()}); err != nil {
		return secret, fmt.Errorf("keep session: %w", err)
	}
	return secret, nil
}

// keep writes a new session and deletes the rows of forgotten ones. The
// session is in memory first, so that a sweep beside this one does not take
// its row for a stale one.
func (t *webSessions) keep(ctx context.Context, id string, fresh webSession) error {
	t.add(id, &fresh)
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
func (t *webSessions) drop(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byID, id)
}

// add adds a session, and forgets idle ones. If the table is full, it forgets
// the one unused longest.
func (t *webSessions) add(id string, fresh *webSession) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	maps.DeleteFunc(t.byID, func(_ string, s *webSession) bool { return now.since(s.Used) >= SessionIdle })
	for len(t.byID) >= maxSessions {
		delete(t.byID, t.longestUnusedLocked(now))
	}
	t.byID[id] = fresh
}

// stale returns the ops that delete the rows of forgotten sessions.
func (t *webSessions) stale() ([]store.Op, error) {
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

func (t *webSessions) longestUnusedLocked(now moment) string {
	oldest, age := "", time.Duration(-1)
	for id, s := range t.byID {
		if a := now.since(s.Used); a > age {
			oldest, age = id, a
		}
	}
	return oldest
}

// check returns the user of a session and marks it used.
func (t *webSessions) check(ctx context.Context, secret string) (user string, ok bool) {
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

// use looks a session up. touched reports that its use should be written down.
func (t *webSessions) use(id string) (used webSession, touched, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.byID[id]
	if s == nil {
		return webSession{}, false, false
	}
	now := t.now()
	idle := now.since(s.Used)
	if idle >= SessionIdle {
		delete(t.byID, id)
		return webSession{}, false, false
	}
	if touched = idle >= touchEvery || now.Boot != s.Used.Boot; touched {
		s.Used = now
	}
	return *s, touched, true
}

// touch writes a session's use down. A lost write only ends the session
// sooner. If a logout came meanwhile, touch deletes the row again.
func (t *webSessions) touch(ctx context.Context, id string, used webSession) {
	_ = t.store.Put(ctx, store.Sessions, id, used)
	t.mu.Lock()
	_, open := t.byID[id]
	t.mu.Unlock()
	if !open {
		_ = t.store.Delete(ctx, store.Sessions, id)
	}
}

// close ends a session. An unknown secret is no error.
func (t *webSessions) close(ctx context.Context, secret string) error {
	id := sessionID(secret)
	t.drop(id)
	return t.store.Delete(ctx, store.Sessions, id)
}

// sessionID is the hash under which a session is kept: the file alone opens
// nothing.
func sessionID(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
