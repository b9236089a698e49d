package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// doesNotBuild stands for the compiler: a variable is unused, say.
const doesNotBuild = "the compiler"

// whole are the packages with the tests of whole boxes.
var whole = []string{"./appliance/boxtest", "./appliance", "./appliance/cuttest"}

// failed finds the name of a test that has failed, or of what stopped the process.
var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)|^(panic: .*|fatal error: .*)`)

// run tests the code without a guard, and returns the first test that notices: "" if
// none does. The files stay as they are: the compiler is given the other code.
func run(ctx context.Context, m mutant, deep bool) (by string, err error) {
	dir, err := os.MkdirTemp("", "downbeat-mutant-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	changed, overlay := filepath.Join(dir, filepath.Base(m.file)), filepath.Join(dir, "overlay.json")
	path, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(changed, m.code, 0o600), os.WriteFile(overlay, replace, 0o600)); err != nil {
		return "", err
	}
	own := "./" + filepath.Dir(m.file)
	if out, err := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, own).CombinedOutput(); err != nil {
		return doesNotBuild, ignoreExit(err, out)
	}
	tests := []string{own}
	if deep {
		tests = append(tests, whole...)
	}
	for _, pkg := range slices.Compact(tests) {
		out, err := exec.CommandContext(ctx, "go", "test", "-overlay", overlay, "-count=1", "-failfast", "-timeout=5m", "-vet=off", pkg).CombinedOutput()
		if err == nil {
			continue
		}
		if err := ignoreExit(err, out); err != nil {
			return "", err
		}
		if found := failed.FindSubmatch(out); found != nil {
			return strings.TrimSpace(string(bytes.Join(found[1:], nil))), nil
		}
		return fmt.Sprintf("%s fails", pkg), nil
	}
	return "", nil
}

// ignoreExit is nil if a command ran and said no.
func ignoreExit(err error, out []byte) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", err, out)
}
