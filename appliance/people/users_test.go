package people

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"downbeat.local/appliance/ratelimit"
	"downbeat.local/appliance/store"
)

// must ends the test if a call fails.
func must[T any](t testing.TB, out T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (b *box) student(t testing.TB) Session {
	t.Helper()
	in, err := b.SignUp(t.Context(), alice, nil)
	return must(t, in, err)
}

func (b *box) teacher(t testing.TB, email string) Session {
	t.Helper()
	in, err := b.SignIn(t.Context(), alice, email, pass)
	return must(t, in, err)
}

func (b *box) make(t testing.TB, email string) User {
	t.Helper()
	u, err := b.Create(t.Context(), uuid.NewString(), Attributes{Email: email, Password: pass})
	return must(t, u, err)
}

// refreshed fails unless a token is good.
func (b *box) refreshed(t testing.TB, in Session) Session {
	t.Helper()
	out, err := b.Refresh(t.Context(), in.RefreshToken)
	return must(t, out, err)
}

// refused fails unless a token gives that error.
func (b *box) refused(t testing.TB, in Session, want error) {
	t.Helper()
	if _, err := b.Refresh(t.Context(), in.RefreshToken); !errors.Is(err, want) {
		t.Errorf("Refresh: got %v, want %v", err, want)
	}
}

func (b *box) setUp(t testing.TB) {
	t.Helper()
	if err := b.SetUp(t.Context(), pass); err != nil {
		t.Fatal(err)
	}
}

func TestUsersAndSessionsOutliveARestart(t *testing.T) {
	b := newBox(t)
	b.setUp(t)
	teacher, student := b.teacher(t, "me@school.example"), b.student(t)
	gone := b.make(t, "gone@school.example")
	if err := b.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	old := student
	student = b.refreshed(t, old)
	b.refreshed(t, student)

	b.restart(t)
	got, err := b.User(teacher.User.ID, teacher.ID)
	if err != nil || got.Email != "me@school.example" || !got.Teacher {
		t.Errorf("the teacher is now %+v, %v", got, err)
	}
	b.refreshed(t, teacher)
	if _, err := b.SignIn(t.Context(), alice, "gone@school.example", pass); !errors.Is(err, ErrWrongPassword) {
		t.Errorf("a deleted user: got %v", err)
	}
	b.refused(t, old, ErrReusedToken)
	b.restart(t)
	if _, err := b.User(student.User.ID, student.ID); !errors.Is(err, ErrNoSession) {
		t.Errorf("a stolen session: got %v", err)
	}
}

func TestDamagedRowsAreLeftOut(t *testing.T) {
	b := newBox(t)
	for key, row := range map[string]string{"a": "{", "b": `{"id":"x"}`, "c": `{"id":"c"}`} {
		for _, bucket := range []store.Bucket{store.Users, store.Families} {
			if err := b.store.Write(t.Context(), store.Op{Bucket: bucket, Key: key, Value: []byte(row)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.restart(t)
	if n := len(b.users.families); n != 0 {
		t.Errorf("%d damaged families are taken", n)
	}
	b.student(t)
}

// TestRowsOfOlderBoxesAreRead reads a row as earlier versions wrote it.
func TestRowsOfOlderBoxesAreRead(t *testing.T) {
	b := newBox(t)
	row := `{"id":"6234bc9a-1f48-4691-8f6a-4fcb7b0a5d18","email":"a@b.c","hash":"h","role":"authenticated",` +
		`"app":{"room":"MUSIC-2024"},"created":"2026-01-02T03:04:05Z","updated":"2026-01-02T03:04:05Z","used":"2026-01-02T03:04:05Z"}`
	id := "6234bc9a-1f48-4691-8f6a-4fcb7b0a5d18"
	if err := b.store.Write(t.Context(), store.Op{Bucket: store.Users, Key: id, Value: []byte(row)}); err != nil {
		t.Fatal(err)
	}
	b.restart(t)
	u, err := b.Get(id)
	if err != nil || u.Email != "a@b.c" || u.App["room"] != "MUSIC-2024" || u.Created.Year() != 2026 || b.users.byID[id].Hash != "h" {
		t.Errorf("got %+v, %v", u, err)
	}
}

func TestIdleUsersAreForgotten(t *testing.T) {
	b := newBox(t)
	b.setUp(t)
	idle, busy, teacher := b.student(t), b.student(t), b.teacher(t, "")
	b.later(anonymousIdle - time.Hour)
	busy = b.refreshed(t, busy)
	b.later(time.Hour)
	b.users.sweep(t.Context())
	if _, err := b.User(idle.User.ID, idle.ID); !errors.Is(err, ErrNoUser) {
		t.Errorf("an idle user: got %v", err)
	}
	busy, teacher = b.refreshed(t, busy), b.refreshed(t, teacher)
	b.later(FamilyIdle)
	b.users.sweep(t.Context())
	b.refused(t, teacher, ErrUnknownToken)
	b.refused(t, busy, ErrUnknownToken)
	for bucket, want := range map[store.Bucket]int{store.Users: 1, store.Families: 0} {
		if rows, err := b.store.List(bucket); err != nil || len(rows) != want {
			t.Errorf("%s: %d rows, %v, want %d", bucket, len(rows), err, want)
		}
	}
}

func TestRunSweeps(t *testing.T) {
	b := newBox(t)
	b.student(t)
	late := time.Now().Add(anonymousIdle)
	b.users.now = func() time.Time { return late }
	if err := b.store.Close(); err != nil { // a bubble waits for no disk
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- b.Run(ctx) }()
		time.Sleep(sweepEvery + time.Second)
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: got %v", err)
		}
	})
	if n := len(b.users.anonymousLocked()); n != 0 {
		t.Errorf("%d are left", n)
	}
}

func TestAnonymousUsersAreBounded(t *testing.T) {
	b := newBox(t)
	first := b.student(t)
	now := b.now()
	for i := range maxAnonymous - 1 {
		id := fmt.Sprint("u", i)
		b.users.byID[id] = &user{User: User{ID: id, Anonymous: true, Used: now.Add(time.Minute)}}
	}
	last := b.student(t)
	if _, err := b.Get(first.User.ID); !errors.Is(err, ErrNoUser) {
		t.Errorf("the one unused longest: got %v", err)
	}
	if _, err := b.Get(last.User.ID); err != nil {
		t.Errorf("the newest: %v", err)
	}
	if n := len(b.users.anonymousLocked()); n != maxAnonymous {
		t.Errorf("%d users, want %d", n, maxAnonymous)
	}
}

func TestMadeUsersAndSessionsAreBounded(t *testing.T) {
	b := newBox(t)
	b.setUp(t)
	first := b.teacher(t, "")
	for range maxFamilies {
		b.teacher(t, "")
	}
	b.refused(t, first, ErrUnknownToken)
	if n := len(b.users.families); n != maxFamilies {
		t.Errorf("%d sessions, want %d", n, maxFamilies)
	}
	for i := range maxUsers {
		id := fmt.Sprint("u", i)
		b.users.byID[id] = &user{User: User{ID: id}}
	}
	one := Attributes{Email: "a@b.c"}
	if _, err := b.Create(t.Context(), uuid.NewString(), one); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: got %v", err)
	}
	for i, id := range []string{"u9", "u8", "u7"} {
		b.users.byID[id].Gone, b.users.byID[id].Created = emailHash(id), time.Unix(int64(i), 0)
	}
	if _, err := b.Create(t.Context(), uuid.NewString(), one); err != nil {
		t.Errorf("in the place of a deleted one: %v", err)
	}
	if b.users.byID["u9"] != nil || b.users.byID["u8"] != nil || b.users.byID["u7"] == nil {
		t.Error("not the traces of those deleted longest ago gave way")
	}
}

func TestGuessesAtOneUserAreSlowed(t *testing.T) {
	b := newBox(t)
	b.setUp(t)
	b.make(t, "zoe@school.example")
	b.make(t, "ben@school.example")
	for email, key := range map[string]string{TeacherEmail: "", "zoe@school.example": "zoe@school.example"} {
		for range guessThrottle().Free + 1 {
			if _, err := b.guesses.Try("192.168.1.20 " + key); err != nil {
				t.Fatal(err)
			}
		}
		_, err := b.SignIn(t.Context(), alice, email, pass)
		if slow, ok := errors.AsType[*ratelimit.SlowDownError](err); !ok || slow.Wait <= 0 || slow.Wait > time.Second {
			t.Errorf("%s: got %v", email, err)
		}
	}
	if _, err := b.SignIn(t.Context(), alice, "ben@school.example", "wrong horse"); !errors.Is(err, ErrWrongPassword) {
		t.Errorf("another user: got %v", err)
	}
	if _, err := b.SignIn(t.Context(), alice, "ben@school.example", pass); err != nil {
		t.Errorf("another user: %v", err)
	}
}

// duringHash is a context that calls a function once a hash is under way, which
// looks at Done first.
type duringHash struct {
	context.Context
	call func()
}

func (d duringHash) Done() <-chan struct{} {
	d.call()
	return d.Context.Done()
}

// TestSignInWhileThePasswordChanges signs in with the old password. The sign-in
// must not outlive the change, which ends all sessions.
func TestSignInWhileThePasswordChanges(t *testing.T) {
	b := newBox(t)
	const email, next = "zoe@school.example", "another horse"
	u := b.make(t, email)
	ctx := duringHash{t.Context(), sync.OnceFunc(func() {
		if _, err := b.Edit(t.Context(), u.ID, Attributes{Password: next}); err != nil {
			t.Error(err)
		}
	})}
	if _, err := b.SignIn(ctx, alice, email, pass); !errors.Is(err, ErrWrongPassword) {
		t.Errorf("got %v, want %v", err, ErrWrongPassword)
	}
	if n := len(b.users.families); n != 0 {
		t.Errorf("%d sessions, want none", n)
	}
	if _, err := b.SignIn(t.Context(), alice, email, next); err != nil {
		t.Errorf("with the new password: %v", err)
	}
}

func TestADiskThatFailsShutsNobodyOut(t *testing.T) {
	b := newBox(t)
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b.refreshed(t, b.student(t))
	if !bytes.Contains(b.log.Bytes(), []byte("only until the next start")) {
		t.Errorf("the log says %s", b.log.String())
	}
}
