package boxtest

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/store"
	"downbeat.local/appliance/web"
)

// breakDisk makes every write to the store of a running box fail, as on a full
// disk, until mend is called. It replaces the box's descriptor with a read-only
// one.
func (b *box) breakDisk() (mend func()) {
	b.t.Helper()
	path := filepath.Join(b.dir, store.FileName)
	fd := descriptorOf(b.t, path)
	whole, err := unix.Dup(fd)
	if err != nil {
		b.t.Fatal(err)
	}
	readOnly, err := os.Open(path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = readOnly.Close() }()
	if err := unix.Dup3(int(readOnly.Fd()), fd, unix.O_CLOEXEC); err != nil {
		b.t.Fatal(err)
	}
	return func() {
		if err := unix.Dup3(whole, fd, unix.O_CLOEXEC); err != nil {
			b.t.Error(err)
		}
		_ = unix.Close(whole)
	}
}

// descriptorOf finds the descriptor of a file that this process has open.
func descriptorOf(t *testing.T, path string) int {
	t.Helper()
	want, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for fd := range 1 << 14 {
		if target, err := os.Stat(filepath.Join("/proc/self/fd", strconv.Itoa(fd))); err == nil && os.SameFile(target, want) {
			return fd
		}
	}
	t.Fatalf("%s is not open", path)
	return 0
}

func TestTheClassGoesOnWithoutTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var log bytes.Buffer // read it after the box has stopped
	b := openBox(t, appliance.Config{DataDir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	b.open("MUSIC-2024")
	early := b.student("MUSIC-2024")

	mend := b.breakDisk()
	late, teacher := b.student("MUSIC-2024"), b.teacher("MUSIC-2024")
	late.must("play_note", object{"midi": 60})
	if on := early.nextNote("student_note"); on.ID != late.id {
		t.Errorf("got %+v", on)
	}
	teacher.must("set_tempo", object{"bpm": 90})
	early.expect("tempo_changed")
	if status := b.staffCall("POST", "/box/v1/rooms", web.CreateRequest{Code: "CHOIR-1000"}, nil); status != http.StatusAccepted {
		t.Errorf("opening a room: %d, want %d", status, http.StatusAccepted)
	}
	b.student("CHOIR-1000")

	mend()
	b.stop()
	if !strings.Contains(log.String(), "cannot save") {
		t.Errorf("the disk did not break:\n%s", &log)
	}
	again := openBox(t, appliance.Config{DataDir: dir})
	for code, want := range map[string]int{"MUSIC-2024": 2, "CHOIR-1000": 1} {
		got := again.teacher(code).roster()
		if students := len(got) - 1; students != want {
			t.Errorf("%s was kept with %d students, want %d", code, students, want)
		}
	}
}

// TestNoAnswerPromisesWhatTheDiskRefused breaks the disk of a running box, and
// mends it.
func TestNoAnswerPromisesWhatTheDiskRefused(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	teacher := b.teacher("MUSIC-2024")
	user := b.admin(t, "POST", "/auth/v1/admin/users", `{"email":"a@school.example","password":"first words"}`, http.StatusOK)
	path := "/auth/v1/admin/users/" + user.ID

	mend := b.breakDisk()
	if got := teacher.ask("set_tempo", object{"bpm": 90}); got.Status != "ok" || got.Response.Kept == nil || *got.Response.Kept {
		t.Errorf("set_tempo was answered with %+v", got)
	}
	b.admin(t, "DELETE", path, "", http.StatusInsufficientStorage)
	b.admin(t, "PUT", path, `{"password":"second words"}`, http.StatusInsufficientStorage)
	b.admin(t, "POST", "/auth/v1/admin/users", `{"email":"b@school.example","password":"first words"}`, http.StatusInsufficientStorage)
	if _, status := b.auth("token?grant_type=password", `{"email":"a@school.example","password":"first words"}`); status != http.StatusOK {
		t.Errorf("signing in: %d", status)
	}
	if got := value(b.scrape(), "store_failing"); got != 1 {
		t.Errorf("store_failing is %v", got)
	}
	b.storage(t, "failing")

	mend()
	if got := teacher.ask("set_tempo", object{"bpm": 91}); got.Status != "ok" || got.Response.Kept != nil {
		t.Errorf("set_tempo was answered with %+v", got)
	}
	b.storage(t, "ok")
	b.admin(t, "DELETE", path, "", http.StatusOK)
}

// admin sends a request of the school's own program to Supabase Auth.
func (b *box) admin(t *testing.T, method, path, body string, want int) (user struct{ ID string }) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	key := b.token(auth.Claims{Role: auth.Service})
	req.Header.Set("Apikey", key)
	req.Header.Set("Authorization", "Bearer "+key)
	if status := b.do(req, &user); status != want {
		t.Errorf("%s %s: %d, want %d", method, path, status, want)
	}
	return user
}

// storage checks what the box says of its store.
func (b *box) storage(t *testing.T, want string) {
	t.Helper()
	for _, path := range []string{"/healthz", "/box/v1/status"} {
		var got struct{ Storage string }
		if b.call("GET", path, nil, &got); got.Storage != want {
			t.Errorf("%s says %q, want %q", path, got.Storage, want)
		}
	}
}

// TestAnAnsweredCommandIsInTheStore reads the file as it is when the answer of a
// command comes: what kill -9 leaves.
func TestAnAnsweredCommandIsInTheStore(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	teacher, one, two := b.teacher("MUSIC-2024"), b.student("MUSIC-2024"), b.student("MUSIC-2024")
	for _, command := range []struct {
		event   string
		payload object
		want    string // in the row of the room
	}{
		{"set_tempo", object{"bpm": 77}, `"bpm":77`},
		{"mute_student", object{"student_id": one.id, "muted": true}, `"muted":true`},
		{"assign_beat", object{"student_id": one.id, "beat": []int{1, 3}}, `"beats":[1,3]`},
		{"lock_room", object{"locked": true}, `"locked":true`},
		{"remove_student", object{"student_id": two.id}, `"removed":[`},
	} {
		if got := teacher.ask(command.event, command.payload); got.Status != "ok" || got.Response.Kept != nil {
			t.Errorf("%s was answered with %+v", command.event, got)
		}
		if row := rows(t, copyData(t, b.dir))["MUSIC-2024"]; !strings.Contains(row, command.want) {
			t.Errorf("%s was answered and is not in the store:\n%s", command.event, row)
		}
	}
}

// copyData copies the data folder of a running box.
func copyData(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestABoxStartsOnADiskThatCanOnlyBeRead restarts the machine of a box whose card
// is worn out.
func TestABoxStartsOnADiskThatCanOnlyBeRead(t *testing.T) {
	t.Parallel()
	dir, wear := smallDisk(t)
	first := openBox(t, appliance.Config{DataDir: dir})
	first.open("MUSIC-2024")
	first.stop()
	withStore(t, dir, func(s *store.Store) {
		if err := s.Put(t.Context(), store.Settings, "boot_id", "an earlier one"); err != nil {
			t.Fatal(err)
		}
	})
	wear()

	b := runBox(t, appliance.Config{DataDir: dir})
	b.storage(t, "failing")
	player, listener := b.student("MUSIC-2024"), b.student("MUSIC-2024")
	player.must("play_note", object{"midi": 60})
	listener.nextNote("student_note")
	if got := b.teacher("MUSIC-2024").ask("set_tempo", object{"bpm": 90}); got.Status != "ok" || got.Response.Kept == nil {
		t.Errorf("set_tempo was answered with %+v", got)
	}
}

// smallDisk is a folder with a file system of its own, which can only be read
// after wear.
func smallDisk(t *testing.T) (dir string, wear func()) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("mounting needs root: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir, func() {
		if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
	}
}
