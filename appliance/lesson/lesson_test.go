package lesson

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"downbeat.local/appliance/room"
)

// vector is a file and what is wrong with it; the web app reads the same ones.
type vector struct {
	Name    string
	File    string
	Problem *Problem
}

func vectors(t *testing.T) (all []vector) {
	t.Helper()
	raw, err := os.ReadFile("testdata/plans.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func problemOf(err error) *Problem {
	p, _ := errors.AsType[*Problem](err)
	return p
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		plan, err := Parse([]byte(v.File))
		if diff := cmp.Diff(v.Problem, problemOf(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", v.Name, diff)
		}
		if err != nil {
			continue
		}
		raw, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(raw)
		if diff := cmp.Diff(plan, again); diff != "" || err != nil {
			t.Errorf("%s: written and read again: %v\n%s", v.Name, err, diff)
		}
	}
}

func TestAPlanFromHell(t *testing.T) {
	step := `{"activity":"play","do":"Play","minutes":1},`
	for name, file := range map[string]string{
		"a million steps": `{"downbeat_lesson":1,"title":"a","steps":[` + strings.Repeat(step, 1_000_000) + `{}]}`,
		"deep nesting":    `{"downbeat_lesson":1,"title":` + strings.Repeat("[", 1_000_000),
		"deep and short":  `{"downbeat_lesson":1,"title":` + strings.Repeat("[", MaxSize/2),
		"zeros":           strings.Repeat("\x00", MaxSize),
		"bad UTF-8":       "{\"downbeat_lesson\":1,\"title\":\"\xff\xfe",
	} {
		_, err := Parse([]byte(file))
		if p := problemOf(err); p == nil || p.Field != "size" && p.Field != "json" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAProblemIsASentence(t *testing.T) {
	for _, p := range []Problem{{Field: "json"}, {Field: "size"}, {Field: "kind"}, {Field: "version"}, {Field: "title"}, {Field: "tempo", Step: 3}, {Field: "do", Step: 1, Short: true}} {
		if text := p.Error(); !regexp.MustCompile(`^[A-Z][^.]+\.$`).MatchString(text) {
			t.Errorf("%+v: %q", p, text)
		}
	}
}

// TestTheLibrary looks at the plans that the box brings: each has two languages, a
// short version, and sentences that children can read.
func TestTheLibrary(t *testing.T) {
	all, err := Library()
	if err != nil || len(all) < 6 {
		t.Fatalf("%d plans, %v", len(all), err)
	}
	seen := map[string]bool{}
	for _, brought := range all {
		plan, err := Parse(brought.Body)
		if err != nil {
			t.Fatal(err)
		}
		if seen[brought.ID] || !IsBrought(strings.ToUpper(brought.ID)) {
			t.Errorf("%s: id %s", brought.Title, brought.ID)
		}
		seen[brought.ID] = true
		if len(plan.Short) == 0 || plan.About == nil {
			t.Errorf("%s has no short version, or says nothing about itself", brought.Title)
		}
		texts := []room.Words{plan.Title, plan.About}
		reflects := 0
		for _, s := range append(plan.Steps, plan.Short...) {
			texts = append(texts, s.Do)
			if s.Note != nil {
				texts = append(texts, s.Note)
			}
			if s.Activity == room.ActivityReflect && len(s.Prompts) > 0 {
				reflects++
			}
			for _, part := range s.Parts {
				if part.Role != nil {
					texts = append(texts, part.Role)
				}
			}
			for _, sentence := range regexp.MustCompile(`[.!?:]`).Split(s.Do.In("en")+". "+s.Do.In("es"), -1) {
				if n := len(strings.Fields(sentence)); n > 12 {
					t.Errorf("%s: %d words in %q", brought.Title, n, sentence)
				}
			}
		}
		if reflects < 2 {
			t.Errorf("%s: %d steps think back, want one in each version", brought.Title, reflects)
		}
		for _, w := range texts {
			for _, language := range room.Languages {
				if strings.TrimSpace(w[language]) == "" {
					t.Errorf("%s: %v lacks %s", brought.Title, w, language)
				}
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"downbeat_lesson":1,"title":"a","steps":[{"activity":"play","do":"Play","minutes":1}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		plan, err := Parse(raw)
		if err != nil {
			if problemOf(err) == nil || err.Error() == "" {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		again, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(again); err != nil && problemOf(err).Field != "size" {
			t.Fatalf("%s: %v", again, err)
		}
	})
}
