package people

import (
	"errors"
	"testing"

	"downbeat.local/appliance/ratelimit"
)

const fresh = "battery staple"

func (b *box) login(t *testing.T, password string) string {
	t.Helper()
	secret, err := b.Login(t.Context(), alice, password)
	return must(t, secret, err)
}

// change tries to change the password, and fails unless that gives an error.
func (b *box) change(t *testing.T, session, old, password string, want error) {
	t.Helper()
	if err := b.ChangePassword(t.Context(), alice, session, old, password); !errors.Is(err, want) {
		t.Errorf("changing %q to %q: got %v, want %v", old, password, err, want)
	}
}

func TestANewPasswordSignsOthersOut(t *testing.T) {
	b := newBox(t)
	b.setUp(t)
	own, other := b.login(t, pass), b.login(t, pass)
	program, student := b.teacher(t, "me@school.example"), b.student(t)

	b.change(t, own, "wrong horse", fresh, ErrWrongPassword)
	b.change(t, own, pass, "short", ErrWeakPassword)
	if !b.CheckSession(t.Context(), other) {
		t.Error("a refused change signed somebody out")
	}
	b.change(t, own, pass, fresh, nil)

	for range 2 {
		if !b.CheckSession(t.Context(), own) || b.CheckSession(t.Context(), other) {
			t.Error("the wrong browser is signed out")
		}
		b.refused(t, program, ErrUnknownToken)
		student = b.refreshed(t, student)
		if _, err := b.Login(t.Context(), alice, pass); !errors.Is(err, ErrWrongPassword) {
			t.Errorf("the old password: got %v", err)
		}
		b.login(t, fresh)
		b.teacherWith(t, fresh)
		b.restart(t)
	}
}

func (b *box) teacherWith(t *testing.T, password string) {
	t.Helper()
	in, err := b.SignIn(t.Context(), alice, "teacher@box", password)
	must(t, in, err)
}

func TestGuessesAtTheOldPasswordAreSlowed(t *testing.T) {
	b := newBox(t)
	b.setUp(t)
	own := b.login(t, pass)
	slow := false
	for range 30 {
		err := b.ChangePassword(t.Context(), bored, own, "wrong horse", fresh)
		_, isSlow := errors.AsType[*ratelimit.SlowDownError](err)
		slow = slow || isSlow
	}
	if !slow {
		t.Error("thirty wrong passwords, and none was too soon")
	}
}

// TestADiskThatFailsKeepsTheOldPassword closes the store under the register.
func TestADiskThatFailsKeepsTheOldPassword(t *testing.T) {
	b := newBox(t)
	b.setUp(t)
	own, other := b.login(t, pass), b.login(t, pass)
	program := b.teacher(t, "")
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b.change(t, own, pass, fresh, ErrNotKept)
	if !b.CheckSession(t.Context(), other) {
		t.Error("a refused change signed a browser out")
	}
	b.refreshed(t, program)
	b.login(t, pass)
}
