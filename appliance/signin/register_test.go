package signin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"downbeat.local/appliance/store"
)

func TestUsersAndSessionsOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	b := openIn(t, dir)
	b.claim()
	teacher, student := b.signIn("me@school.example", password), b.newcomer()
	gone := b.make(`{"email":"gone@school.example","password":"` + password + `"}`)
	b.ask("DELETE", "admin/users/"+gone.ID, b.admin, "").expect(t, 200, "")
	old := student.RefreshToken
	student = b.refresh(old)
	b.refresh(student.RefreshToken).expect(t, 200, "")
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}

	b = openIn(t, dir)
	got := b.ask("GET", "user", teacher.AccessToken, "").expect(t, 200, "")
	if got.ID != teacher.User.ID || got.Email != "me@school.example" {
		t.Errorf("the teacher is now %s", got.body)
	}
	b.refresh(teacher.RefreshToken).expect(t, 200, "")
	b.signIn("gone@school.example", password).expect(t, 400, "invalid_credentials")
	b.refresh(old).expect(t, 400, "refresh_token_already_used")
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b = openIn(t, dir)
	b.ask("GET", "user", student.AccessToken, "").expect(t, 403, "session_not_found")
}

func TestDamagedRowsAreLeftOut(t *testing.T) {
	dir := t.TempDir()
	b := openIn(t, dir)
	for key, row := range map[string]string{"a": "{", "b": `{"id":"x"}`, "c": `{"id":"c"}`} {
		for _, bucket := range []store.Bucket{store.Users, store.Families} {
			if err := b.store.Write(t.Context(), store.Op{Bucket: bucket, Key: key, Value: []byte(row)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b = openIn(t, dir)
	if n := len(b.people.families); n != 0 {
		t.Errorf("%d damaged families are taken", n)
	}
	b.newcomer()
}

func TestIdleUsersAreForgotten(t *testing.T) {
	b := openBox(t)
	b.claim()
	idle, busy, teacher := b.newcomer(), b.newcomer(), b.signIn("", password)
	b.later(anonymousIdle - time.Hour)
	busy = b.refresh(busy.RefreshToken).expect(t, 200, "")
	b.later(time.Hour)
	b.people.sweep(t.Context())
	b.ask("GET", "user", idle.AccessToken, "").expect(t, 403, "user_not_found")
	busy = b.refresh(busy.RefreshToken).expect(t, 200, "")
	teacher = b.refresh(teacher.RefreshToken).expect(t, 200, "")
	b.later(familyIdle)
	b.people.sweep(t.Context())
	b.refresh(teacher.RefreshToken).expect(t, 400, "refresh_token_not_found")
	b.refresh(busy.RefreshToken).expect(t, 400, "refresh_token_not_found")
	for bucket, want := range map[store.Bucket]int{store.Users: 1, store.Families: 0} {
		if rows, err := b.store.List(bucket); err != nil || len(rows) != want {
			t.Errorf("%s: %d rows, %v, want %d", bucket, len(rows), err, want)
		}
	}
}

func TestRunSweeps(t *testing.T) {
	b := openBox(t)
	b.newcomer()
	late := time.Now().Add(anonymousIdle)
	b.people.now = func() time.Time { return late }
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
	if n := len(b.people.anonymousLocked()); n != 0 {
		t.Errorf("%d are left", n)
	}
}

func TestAnonymousUsersAreBounded(t *testing.T) {
	b := openBox(t)
	first := b.newcomer()
	now := b.people.now()
	for i := range maxAnonymous - 1 {
		id := fmt.Sprint("u", i)
		b.people.users[id] = &user{ID: id, Anonymous: true, Used: now.Add(time.Minute)}
	}
	last := b.newcomer()
	b.ask("GET", "user", first.AccessToken, "").expect(t, 403, "user_not_found")
	b.ask("GET", "user", last.AccessToken, "").expect(t, 200, "")
	if n := len(b.people.anonymousLocked()); n != maxAnonymous {
		t.Errorf("%d users, want %d", n, maxAnonymous)
	}
}

func TestMadeUsersAndSessionsAreBounded(t *testing.T) {
	b := openBox(t)
	b.claim()
	first := b.signIn("", password)
	for range maxFamilies {
		b.signIn("", password).expect(t, 200, "")
	}
	b.refresh(first.RefreshToken).expect(t, 400, "refresh_token_not_found")
	if n := len(b.people.families); n != maxFamilies {
		t.Errorf("%d sessions, want %d", n, maxFamilies)
	}
	for i := range maxUsers {
		id := fmt.Sprint("u", i)
		b.people.users[id] = &user{ID: id}
	}
	b.make(`{"email":"a@b.c"}`).expect(t, 422, "validation_failed")
	for i, id := range []string{"u9", "u8", "u7"} {
		b.people.users[id].Gone, b.people.users[id].Created = emailHash(id), time.Unix(int64(i), 0)
	}
	b.make(`{"email":"a@b.c"}`).expect(t, 200, "")
	if b.people.users["u9"] != nil || b.people.users["u8"] != nil || b.people.users["u7"] == nil {
		t.Error("not the traces of those deleted longest ago gave way")
	}
}

func TestADiskThatFailsShutsNobodyOut(t *testing.T) {
	b := openBox(t)
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	me := b.newcomer()
	b.refresh(me.RefreshToken).expect(t, 200, "")
	if !bytes.Contains(b.log.Bytes(), []byte("only until the next start")) {
		t.Errorf("the log says %s", b.log)
	}
}
