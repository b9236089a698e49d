package boxtest

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/web"
)

// lockedBuffer is a log in memory.
type lockedBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestNothingOfStudentsIsLogged plays what students and teachers do, right and
// wrong, and looks for names, words and tokens in every line of the log and in
// every figure.
func TestNothingOfStudentsIsLogged(t *testing.T) {
	log := &lockedBuffer{}
	data := t.TempDir()
	config := func() appliance.Config {
		return appliance.Config{DataDir: data, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	}
	b := openBox(t, config())
	b.open("MUSIC-2024")
	const name, other, words, question = "Canary Wren", "Canary Lark", "canaryanswer", "canaryquestion"
	var seat web.SeatReply
	b.want(http.StatusOK, "POST", "/box/v1/join", web.JoinRequest{Code: "MUSIC-2024", Name: name}, &seat)
	student, teacher := b.dial(seat.Token).join("MUSIC-2024"), b.teacher("MUSIC-2024")
	teacher.must("ask_reflection", object{"prompt": question})
	student.send("play_note", object{"midi": 60, "text": words})
	student.ask("ask_reflection", object{"prompt": words})
	student.push("realtime:music_room:MUSIC-2024", "presence", object{"type": "presence", "event": "track", "payload": object{"name": other}})
	for _, body := range []string{
		`{"text":"` + words + `","shared":true,"talk":true}`, `{"text":"` + words + `"}`,
		`{"text":"` + words + `","feeling":9}`, `{"text":"` + words, `{"` + words + `":1}`, `{"text":{"a":"` + words + `"}}`,
		`{"text":"` + strings.Repeat(words, 1000) + `"}`, `{"student_id":"` + words + `","text":"` + words + `"}`,
	} {
		b.rest(seat.Token, "POST", "reflections", body, nil)
	}
	for _, query := range []string{"?text=eq." + words, "?text=like.*" + words + "*", "?" + words + "=eq.1", "?select=" + words} {
		b.rest(seat.Token, "GET", "reflections"+query, "", nil)
		b.rest(b.token(serviceClaims), "GET", "reflections"+query, "", nil)
	}
	b.rest(seat.Token+"x", "GET", "reflections", "", nil)
	b.rest(words, "GET", "reflections", "", nil)
	for _, path := range []string{"/box/v1/reflections.json", "/box/v1/reflections/access", "/box/v1/reflections.csv"} {
		_, _ = io.Copy(io.Discard, b.staffPage(path))
	}
	class := b.classOf("MUSIC-2024", "Canary López")
	for _, list := range []string{"Canary\x00", "Name,Canary\nCanary,1\n", ""} {
		b.readList(class.ID, list, "", nil)
	}
	b.staffWant(http.StatusOK, "POST", "/box/v1/classes/"+class.ID, object{"check_in": true}, nil)
	child := class.Children[0]
	b.staffWant(http.StatusOK, "POST", "/box/v1/classes/"+class.ID+"/children/"+child.ID, object{"consent": true}, nil)
	b.enterMusic(seat, child.Music, nil)
	teacher.must("ask_check_in", object{})
	for _, body := range []string{
		`{"inner_tempo":3,"inner_key":1}`, `{"inner_tempo":"` + words + `","inner_key":1}`, `{"inner_tempo":9,"inner_key":1,"` + words + `":1}`, `{"inner_key":1}`,
	} {
		b.rest(seat.Token, "POST", "check_ins", body, nil)
	}
	b.request(seat.Token, "POST", "/box/v1/me/check-in", `{"check_in":"`+words+`"}`, "Content-Type", "application/json")
	teacher.must("end_check_in", object{})
	b.staffWant(http.StatusOK, "GET", "/box/v1/rooms/MUSIC-2024/check-in", nil, nil)
	b.staffWant(http.StatusNotFound, "POST", "/box/v1/classes/"+class.ID+"/children/"+words, object{"name": "Canary"}, nil)
	b.staffWant(http.StatusUnprocessableEntity, "POST", "/box/v1/talks", object{"reflection_id": words, "state": words}, nil)
	b.staffWant(http.StatusNotFound, "POST", "/box/v1/students/"+words+"/forget", nil, nil)
	b.staffWant(http.StatusNoContent, "POST", "/box/v1/students/"+seat.Member.StudentID+"/forget", nil, nil)
	figures, err := io.ReadAll(b.staffPage("/metrics"))
	if err != nil {
		t.Fatal(err)
	}
	health, err := io.ReadAll(b.staffPage("/healthz"))
	if err != nil {
		t.Fatal(err)
	}
	b.stop()
	b = openBox(t, config())
	b.stop()

	if log.String() == "" || len(figures) == 0 {
		t.Fatal("there is no log or no figure to look at")
	}
	for what, text := range map[string]string{"the log": log.String(), "/metrics": string(figures), "/healthz": string(health)} {
		for _, secret := range []string{"anary", child.ID, "inner_tempo\":3", seat.Token, seat.Token[len(seat.Token)-20:], seat.Resume, password, session} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s has %q: …%s…", what, secret, text[max(0, i-120):min(len(text), i+120)])
			}
		}
	}
}
