package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// guardedCode has each kind of guard once, and beside it what is none.
const guardedCode = `package p

const maxWords = 10
const seats = 10

func f(words int, name string) error {
	if words > maxWords {
		return ErrTooMany
	}
	if words > 1 {
		words--
	}
	if err := budget.Spend(name, 1); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	attempt, err := throttle.Try(name)
	if err != nil {
		return err
	}
	pace.wait(words)
	pace.begin(words)
	switch {
	case name == "":
		return fmt.Errorf("no name")
	case words == 0:
		return nil
	}
	return nil
}
`

func TestGuardsAreFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.go")
	if err := os.WriteFile(path, []byte(guardedCode), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := findIn(path)
	if err != nil {
		t.Fatal(err)
	}
	var guards []string
	for _, m := range found {
		guards = append(guards, m.guard)
		if _, err := parser.ParseFile(token.NewFileSet(), "", m.code, 0); err != nil {
			t.Errorf("without %s: %v", m.guard, err)
		}
	}
	want := []string{"maxWords = 10", "words > maxWords", "err != nil", "err != nil", "pace.wait(words)", `name == ""`}
	if diff := cmp.Diff(want, guards); diff != "" {
		t.Errorf("guards (-want +got):\n%s", diff)
	}
}

// TestSettingsAreThere: each guard that is an option is in the code, once.
func TestSettingsAreThere(t *testing.T) {
	t.Chdir("../..")
	if all, err := settings(guarded); err != nil || len(all) != len(guardSettings) {
		t.Errorf("got %d of %d, %v", len(all), len(guardSettings), err)
	}
}
