package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// files is the web app, ready to send. The tags are made at start, so that a
// broken build is found there. The gzip forms are made when they are first
// asked for, because all of them together take a second of a small box's start.
type files struct {
	fs     fs.FS
	byPath map[string]*file // by URL path
}

// file is one file of the web app.
type file struct {
	name  string        // in the file system
	kind  string        // Content-Type
	cache string        // Cache-Control
	tag   string        // of the plain form, without quotes
	gzip  func() []byte // the gzip form; nil: only the plain form
}

// pagePaths are the addresses of the screens. One page serves them all.
var pagePaths = []string{"/", "/join", "/teacher", "/stage"}

// How long browsers keep files. Names under /assets carry a hash. Sounds
// change only with a release, and browsers check their tag after a day.
const (
	cachePage  = "no-cache"
	cacheAsset = "public, max-age=31536000, immutable"
	cacheSound = "public, max-age=86400, stale-while-revalidate=604800"
	cacheOther = "public, max-age=3600"
)

// library is the file that pages of other origins may import: the socket for
// Supabase programs.
const library = "downbeat-socket.js"

// kinds are the content types of a web app's files. The system's own table
// differs from machine to machine.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".map": "application/json", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	".md": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json", ".ico": "image/x-icon",
	".png": "image/png", ".webp": "image/webp", ".woff2": "font/woff2", ".ogg": "audio/ogg", ".mp3": "audio/mpeg",
	".m4a": "audio/mp4", ".wav": "audio/wav", ".ts": "text/plain; charset=utf-8",
}

// packed are the types that gzip makes smaller.
var packed = []string{"text/", "application/json", "application/manifest", "image/svg"}

// newFiles reads every file once.
func newFiles(web fs.FS) (*files, error) {
	f := &files{fs: web, byPath: map[string]*file{}}
	err := fs.WalkDir(web, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		one, err := newFile(web, name)
		f.byPath["/"+name] = one
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read web app: %w", err)
	}
	if index := f.byPath["/index.html"]; index != nil {
		for _, p := range pagePaths {
			f.byPath[p] = index
		}
	}
	return f, nil
}

func newFile(web fs.FS, name string) (*file, error) {
	raw, err := fs.ReadFile(web, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	f := &file{
		name:  name,
		kind:  kinds[path.Ext(name)],
		cache: cacheFor(name),
		tag:   hex.EncodeToString(sum[:8]),
		gzip:  func() []byte { return nil },
	}
	if f.kind == "" {
		f.kind = "application/octet-stream"
	}
	for _, p := range packed {
		if strings.HasPrefix(f.kind, p) {
			f.gzip = sync.OnceValue(func() []byte { return pack(raw) })
		}
	}
	return f, nil
}

func cacheFor(name string) string {
	switch {
	case name == "index.html":
		return cachePage
	case strings.HasPrefix(name, "assets/"):
		return cacheAsset
	case strings.HasPrefix(name, "sounds/"):
		return cacheSound
	}
	return cacheOther
}

// pack returns the gzip form, or nil if that saves less than a tenth.
func pack(raw []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(raw) // a Buffer takes everything
	_ = z.Close()
	if out.Len() > len(raw)*9/10 {
		return nil
	}
	return bytes.Clone(out.Bytes())
}

// file answers with a file of the web app.
func (s *Site) file(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return errMethod
	}
	clean := r.URL.Path
	if clean != "/" {
		clean = strings.TrimSuffix(clean, "/")
	}
	if slices.Contains(pagePaths, clean) {
		s.devices.meet(w, r)
	}
	f := s.files.byPath[clean]
	switch {
	case f != nil:
		return s.files.send(w, r, f)
	case slices.Contains(pagePaths, clean):
		return errNotBuilt
	}
	return errNoPage
}

// send answers with one form of a file, or 304, or a range of it.
func (f *files) send(w http.ResponseWriter, r *http.Request, one *file) error {
	h := w.Header()
	h.Set("Content-Type", one.kind)
	h.Set("Cache-Control", one.cache)
	if one.name == library {
		h.Set("Access-Control-Allow-Origin", "*")
	}
	if zipped := one.gzip(); zipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r) && r.Header.Get("Range") == "" {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", `"`+one.tag+`-gzip"`)
			http.ServeContent(w, r, one.name, time.Time{}, bytes.NewReader(zipped))
			return nil
		}
	}
	h.Set("ETag", `"`+one.tag+`"`)
	open, err := f.fs.Open(one.name)
	if err != nil {
		return fmt.Errorf("open web app: %w", err)
	}
	defer open.Close()
	content, ok := open.(io.ReadSeeker)
	if !ok {
		return errors.New("open web app: file cannot seek")
	}
	http.ServeContent(w, r, one.name, time.Time{}, content)
	return nil
}

// takesGzip reads Accept-Encoding as browsers send it.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(strings.TrimSpace(weight), "q=0.") != "" || weight == ""
		}
	}
	return false
}
