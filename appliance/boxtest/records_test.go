package boxtest

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/records"
)

// staffPage reads a page as the signed-in teacher.
func (b *box) staffPage(path string) io.ReadCloser {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), "GET", b.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := b.staff.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %v, %v", path, resp, err)
	}
	b.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp.Body
}

// staffWant makes a request as the signed-in teacher, and fails unless the answer has
// that status.
func (b *box) staffWant(status int, method, path string, body, v any) {
	b.t.Helper()
	if got := b.staffCall(method, path, body, v); got != status {
		b.t.Fatalf("%s %s: %d, want %d", method, path, got, status)
	}
}

// TestRecordsOfAWholeBox reads, exports and forgets reflections as a teacher does.
func TestRecordsOfAWholeBox(t *testing.T) {
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	b.open("MUSIC-2024")
	ana, bea := b.sit("MUSIC-2024", ""), b.sit("MUSIC-2024", "")
	teacher := b.dial(b.token(auth.Member("0198c0de-0000-7000-8000-00000000000c", "MUSIC-2024", "teacher")))
	teacher.subscribe("words", object{"postgres_changes": []object{{"event": "*", "schema": "public", "table": "reflections"}}})
	teacher.expect("system")
	var made []reflection
	for _, answer := range []struct{ token, body string }{
		{ana.Token, `{"text":"=private()"}`},
		{ana.Token, `{"text":"=shared(), \"quoted\"","shared":true,"talk":true}`},
		{bea.Token, `{"text":"of bea","shared":true}`},
	} {
		var rows []reflection
		if status := b.rest(answer.token, "POST", "reflections", answer.body, &rows); status != http.StatusCreated {
			t.Fatalf("%s: %d", answer.body, status)
		}
		made = append(made, rows...)
	}
	for range 2 {
		teacher.expect("postgres_changes")
	}

	var exported []reflection
	b.staffWant(http.StatusOK, "GET", "/box/v1/reflections.json?student="+ana.Member.StudentID, nil, &exported)
	if len(exported) != 1 || exported[0].Text != `=shared(), "quoted"` {
		t.Errorf("ana's words as JSON: %+v", exported)
	}
	lines, err := csv.NewReader(b.staffPage("/box/v1/reflections.csv")).ReadAll()
	if err != nil || len(lines) != 3 || lines[0][4] != "text" || lines[1][4] != `'=shared(), "quoted"` || slices.Contains(lines[0], "room") {
		t.Errorf("as CSV: %q, %v", lines, err)
	}
	var log struct{ Access []records.Access }
	b.staffWant(http.StatusOK, "GET", "/box/v1/reflections/access", nil, &log)
	how := map[string]int{}
	for _, entry := range log.Access {
		how[entry.How] += len(entry.Rows)
		if slices.Contains(entry.Rows, made[0].ID) {
			t.Errorf("a private row in the access log: %+v", entry)
		}
	}
	if how["live"] != 2 || how["export"] != 3 {
		t.Errorf("the access log: %+v", log.Access)
	}

	b.staffWant(http.StatusNotFound, "POST", "/box/v1/talks", object{"reflection_id": made[2].ID, "state": "seen"}, nil)
	b.staffWant(http.StatusOK, "POST", "/box/v1/talks", object{"reflection_id": made[1].ID, "state": "talked"}, nil)
	for _, path := range []string{"/box/v1/reflections.csv", "/box/v1/reflections.json", "/box/v1/reflections/access", "/box/v1/talks"} {
		if status := b.call("GET", path, nil, nil); status != http.StatusUnauthorized {
			t.Errorf("%s without a session: %d", path, status)
		}
	}
	if status := b.call("POST", "/box/v1/students/"+bea.Member.StudentID+"/forget", nil, nil); status != http.StatusUnauthorized {
		t.Errorf("forgetting without a session: %d", status)
	}

	b.staffWant(http.StatusNoContent, "POST", "/box/v1/students/"+ana.Member.StudentID+"/forget", nil, nil)
	if got := teacher.expect("postgres_changes").fields()["data"].(object)["type"]; got != "DELETE" {
		t.Errorf("the teacher's page hears of %v", got)
	}
	var talks struct{ Talks []records.Talk }
	b.staffWant(http.StatusOK, "GET", "/box/v1/talks", nil, &talks)
	if left := b.reflections(b.token(serviceClaims), ""); len(left) != 1 || left[0].ID != made[2].ID || len(talks.Talks) != 0 {
		t.Errorf("left are %+v and %+v", left, talks)
	}
	b.stop()
	b = openBox(t, appliance.Config{DataDir: data})
	if again := b.sit("MUSIC-2024", ana.Resume); again.Member.StudentID == ana.Member.StudentID {
		t.Error("a forgotten student has their seat again")
	}
	if left := b.reflections(b.token(serviceClaims), ""); len(left) != 1 {
		t.Errorf("after a restart: %+v", left)
	}
}

// TestAnExportHasEveryRow exports more rows than one read returns, and deletes the
// student who wrote them.
func TestAnExportHasEveryRow(t *testing.T) {
	t.Parallel()
	const rows = 1203
	b := openBox(t, appliance.Config{})
	const student = "0198c0de-0000-7000-8000-00000000000d"
	one := object{"student_id": student, "text": "words", "shared": true, "talk": true}
	service := b.token(auth.Claims{Role: auth.Service})
	for left := rows; left > 0; left -= 401 {
		body, err := json.Marshal(slices.Repeat([]object{one}, 401))
		if err != nil {
			t.Fatal(err)
		}
		if status := b.rest(service, "POST", "reflections", string(body), nil); status != http.StatusCreated {
			t.Fatalf("inserting: %d", status)
		}
	}
	var exported []reflection
	b.staffWant(http.StatusOK, "GET", "/box/v1/reflections.json", nil, &exported)
	ids := map[string]bool{}
	for _, r := range exported {
		ids[r.ID] = true
	}
	if len(exported) != rows || len(ids) != rows {
		t.Errorf("%d rows were exported, %d different ones, want %d", len(exported), len(ids), rows)
	}
	b.staffWant(http.StatusNoContent, "POST", "/box/v1/students/"+student+"/forget", nil, nil)
	exported = nil
	if b.staffWant(http.StatusOK, "GET", "/box/v1/reflections.json", nil, &exported); len(exported) != 0 {
		t.Errorf("%d rows are left", len(exported))
	}
}
