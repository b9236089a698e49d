package main

import (
	"fmt"
	"runtime/debug"
)

// version is set by the build: -ldflags "-X main.version=v1.2.3".
var version string

// versionCmd prints the version.
type versionCmd struct{}

// Run prints it.
func (*versionCmd) Run(w *world) error {
	_, err := fmt.Fprintln(w.stdout, versionText())
	return err
}

// versionText is the version of the build, or else the commit, or "dev".
func versionText() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+"
		}
	}
	if len(revision) < 12 {
		return "dev"
	}
	return revision[:12] + dirty
}
