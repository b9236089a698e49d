// Package webui holds the class web app as the browser gets it: the files that
// Vite builds into dist, embedded in the binary. It knows nothing of the box.
package webui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the built web app. It holds only a placeholder until
// `make webui` has run; Built tells.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // dist is embedded above: only a broken build gets here
	}
	return files
}

// Built reports whether the web app was built before the binary was.
func Built() bool {
	_, err := fs.Stat(Files(), "index.html")
	return err == nil
}
