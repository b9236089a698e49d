package boxtest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/web"
)

// read sends a list of names, as the teacher's page does.
func (b *box) readList(class, list, query string, v any) int {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), "POST", b.url+"/box/v1/classes/"+class+"/read"+query, strings.NewReader(list))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/csv")
	resp, err := b.staff.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if v != nil {
		if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
			b.t.Fatal(err)
		}
	}
	return resp.StatusCode
}

// classOf makes a class in a room, with those children.
func (b *box) classOf(room string, names ...string) (class web.ClassListReply) {
	b.t.Helper()
	b.staffWant(http.StatusCreated, "POST", "/box/v1/classes", object{"name": "5B", "room": room}, &class)
	b.staffWant(http.StatusOK, "POST", "/box/v1/classes/"+class.ID+"/import", object{"version": 0, "names": names}, &class)
	return class
}

func listed(class web.ClassListReply) string {
	var all []string
	for _, c := range class.Children {
		if c.Listed {
			all = append(all, c.Name)
		}
	}
	return strings.Join(all, ", ")
}

// TestAClassListOfAWholeBox reads a file, takes it, takes it back, and finds the list
// again after a restart.
func TestAClassListOfAWholeBox(t *testing.T) {
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	b.open("MUSIC-2024")
	class := b.classOf("music 2024", "Ana López", "Ben")
	path := "/box/v1/classes/" + class.ID
	if class.Room != "MUSIC-2024" || listed(class) != "Ana López, Ben" || class.UndoUntil == nil {
		t.Fatalf("got %+v", class)
	}
	var read web.ReadReply
	if status := b.readList(class.ID, "Apellidos;Nombre\nL\xf3pez;ANA\nRoy;Cleo\n", "", &read); status != http.StatusOK {
		t.Fatal(status)
	}
	d := read.Difference
	if strings.Join(d.New, "|") != "Cleo Roy" || strings.Join(d.Gone, "|") != "Ben" || strings.Join(d.Same, "|") != "Ana López" {
		t.Errorf("the difference: %+v", d)
	}
	if b.readList(class.ID, "Apellidos;Nombre\nRoy;Cleo\n", "?columns=1", &read); strings.Join(read.Names, "|") != "Cleo" {
		t.Errorf("another column: %+v", read)
	}
	b.staffWant(http.StatusOK, "GET", path, nil, &class)
	if listed(class) != "Ana López, Ben" {
		t.Errorf("reading a list has changed the class: %+v", class)
	}
	take := object{"version": d.Version, "names": []string{"Ana López", "Cleo Roy"}}
	b.staffWant(http.StatusOK, "POST", path+"/import", take, &class)
	b.staffWant(http.StatusConflict, "POST", path+"/import", take, nil)
	b.stop()

	b = openBox(t, appliance.Config{DataDir: data})
	b.staffWant(http.StatusOK, "GET", path, nil, &class)
	if listed(class) != "Ana López, Cleo Roy" || len(class.Children) != 3 {
		t.Errorf("after a restart: %+v", class)
	}
	b.staffWant(http.StatusOK, "POST", path+"/undo", nil, &class)
	if listed(class) != "Ana López, Ben" || len(class.Children) != 2 || class.UndoUntil != nil {
		t.Errorf("undone: %+v", class)
	}
	b.staffWant(http.StatusConflict, "POST", path+"/undo", nil, nil)
	b.staffWant(http.StatusConflict, "DELETE", path, nil, nil)
	b.staffWant(http.StatusNoContent, "DELETE", "/box/v1/rooms/MUSIC-2024", nil, nil)
	b.staffWant(http.StatusOK, "GET", path, nil, &class)
	if class.Room != "" {
		t.Errorf("a closed room has a class: %+v", class)
	}
}

// TestClassListsAreTheTeachers asks for every page of the class lists as somebody
// else, and sends bad lists as the teacher.
func TestClassListsAreTheTeachers(t *testing.T) {
	t.Parallel()
	b := openBox(t, appliance.Config{})
	b.open("MUSIC-2024")
	class := b.classOf("MUSIC-2024", "Canary López")
	path := "/box/v1/classes"
	one := path + "/" + class.ID
	seat := b.sit("MUSIC-2024", "")
	for _, route := range []string{
		"GET " + path, "POST " + path, "GET " + one, "POST " + one, "DELETE " + one, "POST " + one + "/read", "POST " + one + "/import",
		"POST " + one + "/undo", "POST " + one + "/children/" + class.Children[0].ID,
	} {
		method, path, _ := strings.Cut(route, " ")
		if status := b.call(method, path, nil, nil); status != http.StatusUnauthorized {
			t.Errorf("%s without a session: %d", route, status)
		}
		if status := b.request(seat.Token, method, path, "{}"); status != http.StatusUnauthorized {
			t.Errorf("%s as a student: %d", route, status)
		}
	}
	for name, tt := range map[string]struct {
		status int
		list   string
		query  string
	}{
		"a picture": {http.StatusUnprocessableEntity, "\x89PNG\x00\x00", ""}, "nothing": {http.StatusUnprocessableEntity, "", ""},
		"a huge file": {http.StatusRequestEntityTooLarge, strings.Repeat("a", 300<<10), ""}, "no columns": {http.StatusBadRequest, "Ana", "?columns=x"},
		"a crowd": {http.StatusUnprocessableEntity, strings.Repeat("Ana\n", 2000), ""}, "too many columns": {http.StatusBadRequest, "Ana", "?columns=0,0,0,0"},
	} {
		if status := b.readList(class.ID, tt.list, tt.query, nil); status != tt.status {
			t.Errorf("%s: %d, want %d", name, status, tt.status)
		}
	}
	b.staffWant(http.StatusNotFound, "POST", path, object{"name": "6A", "room": "DRUM-1111"}, nil)
	b.staffWant(http.StatusUnprocessableEntity, "POST", path, object{"name": " "}, nil)
	b.staffWant(http.StatusNotFound, "GET", path+"/x", nil, nil)
	b.staffWant(http.StatusNotFound, "POST", one+"/children/x", object{}, nil)
	b.staffWant(http.StatusOK, "POST", one+"/children/"+class.Children[0].ID, object{"name": "Ana", "listed": false, "renew": true}, &class)
	if len(class.Children) != 1 || class.Children[0].Name != "Ana" || class.Children[0].Listed {
		t.Errorf("got %+v", class)
	}
}
