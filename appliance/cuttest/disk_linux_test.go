package cuttest

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// sectorSize is what a disk writes whole or not at all, in bytes.
const sectorSize = 512

// disk is a file system in memory that is mounted at a folder. A kill of the process
// that writes loses nothing, as on every disk. A [disk.cut] of the power loses what
// was not synced: of the sectors and of the names each survives by chance, and in no
// order. fsync and fdatasync keep a file's bytes, its size and its name, and fsync of
// a folder keeps what was made, renamed and removed in it. That is what ext4 promises.
type disk struct {
	t   *testing.T
	dir string

	mu     sync.Mutex // guards what follows
	root   *folder
	inodes uint64
	server *fuse.Server
	synced int
}

// file is a file: its bytes now, and what a cut leaves of them.
type file struct {
	inode   uint64
	mode    uint32
	data    []byte
	durable []byte
	dirty   map[int]bool // sectors that were written and not synced
}

// folder is a folder: its names now, and what a cut leaves of them.
type folder struct {
	inode   uint64
	names   map[string]any // *file and *folder
	durable map[string]any
	pending []renames // changes that were not synced, in order
}

// renames is one change of a folder, which happens whole or not at all. nil removes.
type renames map[string]any

// newDisk mounts an empty disk. It is unmounted when the test ends.
func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t: t, dir: t.TempDir()}
	d.root = d.newFolder()
	d.mount()
	t.Cleanup(func() { d.unmount() })
	return d
}

func (d *disk) newFolder() *folder {
	d.inodes++
	return &folder{inode: d.inodes, names: map[string]any{}, durable: map[string]any{}}
}

func (d *disk) mount() {
	d.t.Helper()
	server, err := fs.Mount(d.dir, &folderNode{disk: d, folder: d.root}, &fs.Options{
		RootStableAttr: &fs.StableAttr{Ino: d.root.inode, Mode: syscall.S_IFDIR},
		MountOptions:   fuse.MountOptions{DirectMountStrict: true, FsName: "cuttest", DisableXAttrs: true},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.server = server
}

func (d *disk) unmount() {
	d.t.Helper()
	if err := d.server.Unmount(); err != nil {
		d.t.Fatal(err)
	}
	d.server.Wait()
}

// cut cuts the power, after which the disk is mounted again. Nobody may have a file of
// it open. Of what was not synced each piece survives with a probability.
func (d *disk) cut(survives float64) {
	d.t.Helper()
	d.unmount()
	d.mu.Lock()
	d.root.cut(survives)
	d.mu.Unlock()
	d.mount()
}

// syncs is how often a file was synced.
func (d *disk) syncs() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.synced
}

func (f *folder) cut(survives float64) {
	n := 0 // how many changes survive: the first ones
	for n < len(f.pending) && rand.Float64() < survives {
		n++
	}
	f.keep(n)
	f.pending = nil
	f.names = maps.Clone(f.durable)
	for _, child := range f.names {
		switch child := child.(type) {
		case *folder:
			child.cut(survives)
		case *file:
			child.cut(survives)
		}
	}
}

// change changes names at once, and for ever once it is synced.
func (f *folder) change(r renames) {
	r.apply(f.names)
	f.pending = append(f.pending, r)
}

func (r renames) apply(names map[string]any) {
	for name, child := range r {
		if names[name] = child; child == nil {
			delete(names, name)
		}
	}
}

// keep makes the first n changes durable.
func (f *folder) keep(n int) {
	for _, r := range f.pending[:n] {
		r.apply(f.durable)
	}
	f.pending = slices.Delete(f.pending, 0, n)
}

// keepName makes the changes durable that gave a file its name.
func (f *folder) keepName(child any) (found bool) {
	for i, r := range slices.Backward(f.pending) {
		for _, named := range r {
			if named == child {
				f.keep(i + 1)
				return true
			}
		}
	}
	for _, sub := range f.names {
		if sub, ok := sub.(*folder); ok && sub.keepName(child) {
			f.keepName(sub)
			return true
		}
	}
	return false
}

func (f *file) cut(survives float64) {
	size := len(f.durable)
	if len(f.data) != size && rand.Float64() < survives {
		size = len(f.data)
	}
	left := make([]byte, size)
	copy(left, f.durable)
	for sector := range f.dirty {
		if from := sector * sectorSize; from < min(size, len(f.data)) && rand.Float64() < survives {
			copy(left[from:min(from+sectorSize, size)], f.data[from:])
		}
	}
	f.data, f.durable, f.dirty = left, slices.Clone(left), map[int]bool{}
}

func (f *file) write(b []byte, at int) {
	f.resize(max(len(f.data), at+len(b)))
	copy(f.data[at:], b)
	f.touch(at, at+len(b))
}

func (f *file) touch(from, to int) {
	for s := from / sectorSize; s*sectorSize < to; s++ {
		f.dirty[s] = true
	}
}

func (f *file) resize(size int) {
	if was := len(f.data); size > was {
		f.data = append(f.data, make([]byte, size-was)...)
		f.touch(was, size)
	}
	f.data = f.data[:size]
}

// sync makes the bytes and the size durable.
func (f *file) sync() {
	grown := max(0, len(f.data)-len(f.durable))
	f.durable = append(f.durable, make([]byte, grown)...)[:len(f.data)]
	for s := range f.dirty {
		if from := s * sectorSize; from < len(f.data) {
			copy(f.durable[from:min(from+sectorSize, len(f.data))], f.data[from:])
		}
	}
	clear(f.dirty)
}

// folderNode is a folder as the kernel sees it.
type folderNode struct {
	fs.Inode
	disk   *disk
	folder *folder
}

// fileNode is a file as the kernel sees it.
type fileNode struct {
	fs.Inode
	disk *disk
	file *file
}

var (
	_ fs.NodeLookuper  = (*folderNode)(nil)
	_ fs.NodeReaddirer = (*folderNode)(nil)
	_ fs.NodeCreater   = (*folderNode)(nil)
	_ fs.NodeMkdirer   = (*folderNode)(nil)
	_ fs.NodeUnlinker  = (*folderNode)(nil)
	_ fs.NodeRmdirer   = (*folderNode)(nil)
	_ fs.NodeRenamer   = (*folderNode)(nil)
	_ fs.NodeFsyncer   = (*folderNode)(nil)
	_ fs.NodeSetattrer = (*folderNode)(nil)
	_ fs.NodeGetattrer = (*folderNode)(nil)
	_ fs.NodeOpener    = (*fileNode)(nil)
	_ fs.NodeReader    = (*fileNode)(nil)
	_ fs.NodeWriter    = (*fileNode)(nil)
	_ fs.NodeFsyncer   = (*fileNode)(nil)
	_ fs.NodeSetattrer = (*fileNode)(nil)
	_ fs.NodeGetattrer = (*fileNode)(nil)
)

// node is what the kernel is told about a child of a folder.
func (n *folderNode) node(ctx context.Context, child any, out *fuse.EntryOut) *fs.Inode {
	if child, ok := child.(*folder); ok {
		out.Attr = attrOf(child)
		return n.NewInode(ctx, &folderNode{disk: n.disk, folder: child}, fs.StableAttr{Mode: syscall.S_IFDIR, Ino: child.inode})
	}
	out.Attr = attrOf(child)
	f := child.(*file)
	return n.NewInode(ctx, &fileNode{disk: n.disk, file: f}, fs.StableAttr{Mode: syscall.S_IFREG, Ino: f.inode})
}

func attrOf(child any) fuse.Attr {
	if f, ok := child.(*file); ok {
		return fuse.Attr{Ino: f.inode, Mode: syscall.S_IFREG | f.mode, Size: uint64(len(f.data)), Nlink: 1}
	}
	return fuse.Attr{Ino: child.(*folder).inode, Mode: syscall.S_IFDIR | 0o700, Nlink: 2}
}

// Lookup implements [fs.NodeLookuper].
func (n *folderNode) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	child := n.folder.names[name]
	if child == nil {
		return nil, syscall.ENOENT
	}
	return n.node(ctx, child, out), 0
}

// Readdir implements [fs.NodeReaddirer].
func (n *folderNode) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	var all []fuse.DirEntry
	for name, child := range n.folder.names {
		a := attrOf(child)
		all = append(all, fuse.DirEntry{Name: name, Ino: a.Ino, Mode: a.Mode})
	}
	return fs.NewListDirStream(all), 0
}

// Create implements [fs.NodeCreater].
func (n *folderNode) Create(ctx context.Context, name string, _, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.disk.inodes++
	f := &file{inode: n.disk.inodes, mode: mode & 0o777, dirty: map[int]bool{}}
	n.folder.change(renames{name: f})
	return n.node(ctx, f, out), nil, 0, 0
}

// Mkdir implements [fs.NodeMkdirer].
func (n *folderNode) Mkdir(ctx context.Context, name string, _ uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	child := n.disk.newFolder()
	n.folder.change(renames{name: child})
	return n.node(ctx, child, out), 0
}

// Unlink implements [fs.NodeUnlinker].
func (n *folderNode) Unlink(_ context.Context, name string) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.folder.change(renames{name: nil})
	return 0
}

// Rmdir implements [fs.NodeRmdirer].
func (n *folderNode) Rmdir(ctx context.Context, name string) syscall.Errno {
	return n.Unlink(ctx, name)
}

// Rename implements [fs.NodeRenamer], inside a folder.
func (n *folderNode) Rename(_ context.Context, name string, to fs.InodeEmbedder, newName string, _ uint32) syscall.Errno {
	if to, ok := to.(*folderNode); !ok || to.folder != n.folder {
		return syscall.EXDEV
	}
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.folder.change(renames{name: nil, newName: n.folder.names[name]})
	return 0
}

// Fsync implements [fs.NodeFsyncer].
func (n *folderNode) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.folder.keep(len(n.folder.pending))
	return 0
}

// Getattr implements [fs.NodeGetattrer].
func (n *folderNode) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	out.Attr = attrOf(n.folder)
	return 0
}

// Setattr implements [fs.NodeSetattrer]: a folder has no attribute to set.
func (n *folderNode) Setattr(_ context.Context, _ fs.FileHandle, _ *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	out.Attr = attrOf(n.folder)
	return 0
}

// Open implements [fs.NodeOpener].
func (n *fileNode) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, fuse.FOPEN_KEEP_CACHE, 0
}

// Read implements [fs.NodeReader].
func (n *fileNode) Read(_ context.Context, _ fs.FileHandle, into []byte, at int64) (fuse.ReadResult, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	from := min(int(at), len(n.file.data))
	return fuse.ReadResultData(into[:copy(into, n.file.data[from:])]), 0
}

// Write implements [fs.NodeWriter].
func (n *fileNode) Write(_ context.Context, _ fs.FileHandle, b []byte, at int64) (uint32, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.file.write(b, int(at))
	return uint32(len(b)), 0
}

// Fsync implements [fs.NodeFsyncer].
func (n *fileNode) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.file.sync()
	n.disk.root.keepName(n.file)
	n.disk.synced++
	return 0
}

// Getattr implements [fs.NodeGetattrer].
func (n *fileNode) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	out.Attr = attrOf(n.file)
	return 0
}

// Setattr implements [fs.NodeSetattrer].
func (n *fileNode) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	if size, ok := in.GetSize(); ok {
		n.file.resize(int(size))
	}
	if mode, ok := in.GetMode(); ok {
		n.file.mode = mode & 0o777
	}
	out.Attr = attrOf(n.file)
	return 0
}
