package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// aSetting is a guard that is not a condition: an option of a library.
type aSetting struct{ file, from, to string }

var guardSettings = []aSetting{
	{"appliance/store/open.go", "o.ReadOnly = readOnly", "o.ReadOnly, o.NoSync = readOnly, true"},
	{"appliance/rtc/listener.go", "dtls.WithVerifyPeerCertificate(o.verify),", ""},
}

// settings lists the mutants of options in some packages.
func settings(packages []string) (all []mutant, err error) {
	for _, s := range guardSettings {
		if !slices.ContainsFunc(packages, func(dir string) bool { return filepath.Clean(dir) == filepath.Dir(s.file) }) {
			continue
		}
		code, err := os.ReadFile(s.file)
		if err != nil {
			return nil, err
		}
		if bytes.Count(code, []byte(s.from)) != 1 {
			return nil, fmt.Errorf("%s has %q no longer, or more than once", s.file, s.from)
		}
		line := 1 + bytes.Count(code[:bytes.Index(code, []byte(s.from))], []byte("\n"))
		all = append(all, mutant{s.file, line, s.from, bytes.Replace(code, []byte(s.from), []byte(s.to), 1)})
	}
	return all, nil
}
