package boxtest

import (
	"net/http"
	"strings"
	"testing"

	"downbeat.local/appliance"
	"downbeat.local/appliance/auth"
)

// plans makes a request to the lesson plans.
func (b *box) plans(token, method, query, body string, v any) int {
	b.t.Helper()
	return b.rest(token, method, "lesson_plans"+query, body, v)
}

// rest makes a request to a table as a Supabase client does, and decodes the answer
// into v, unless v is nil.
func (b *box) rest(token, method, query, body string, v any) int {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+"/rest/v1/"+query, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("apikey", b.token(anonClaims))
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Prefer", "return=representation")
	if claims, err := b.Signer().Verify(token); err != nil || claims.Role != auth.Service {
		req.Header.Set("Origin", "https://app.example") // any page may ask: the token decides
	}
	return b.do(req, v)
}

type plan struct {
	ID, Title string
	Published bool
}

// TestLessonPlansOfAWholeBox writes and reads plans with and without the rights,
// before and after a restart.
func TestLessonPlansOfAWholeBox(t *testing.T) {
	data := t.TempDir()
	b := openBox(t, appliance.Config{DataDir: data})
	b.open("MUSIC-2024")
	student := b.sit("MUSIC-2024", "").Token
	seated := b.token(auth.Member("someone", "MUSIC-2024", "teacher")) // as the teacher's page has

	var made []plan
	body := `[{"title":"Clapping"},{"title":"Secret","published":false}]`
	if status := b.plans(b.token(teacherClaims), "POST", "?columns=title,published", body, &made); status != http.StatusCreated || len(made) != 2 {
		t.Fatalf("a teacher's plans: %d, %+v", status, made)
	}
	for who, token := range map[string]string{"anon": b.token(anonClaims), "a student": student} {
		var problem struct{ Code string }
		if b.plans(token, "POST", "", `{"title":"Mine"}`, &problem); problem.Code != "42501" {
			t.Errorf("%s writes: %+v", who, problem)
		}
		var gone []plan
		if status := b.plans(token, "DELETE", "?title=eq.Clapping", "", &gone); status != http.StatusOK || len(gone) != 0 {
			t.Errorf("%s deletes: %d, %+v", who, status, gone)
		}
	}
	b.stop()

	b = openBox(t, appliance.Config{DataDir: data})
	for who, want := range map[string]int{b.token(anonClaims): 1, student: 1, seated: 2, b.token(serviceClaims): 2} {
		var all []plan
		if status := b.plans(who, "GET", "?order=title", "", &all); status != http.StatusOK || len(all) != want || all[0].Title != "Clapping" {
			t.Errorf("after a restart: %d, %+v, want %d plans", status, all, want)
		}
	}
}
