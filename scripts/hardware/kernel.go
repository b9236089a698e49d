package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kernel is Debian's kernel, unpacked.
type kernel struct {
	image   string
	modules []string // paths, each after those that it needs
}

// fetchKernel downloads the kernel's package, unless it is kept already.
func fetchKernel(ctx context.Context, arch, keep string) (kernel, error) {
	unpacked := filepath.Join(keep, "unpacked")
	if _, err := os.Stat(unpacked); err != nil {
		if err := download(ctx, arch, keep, unpacked); err != nil {
			return kernel{}, err
		}
	}
	images, err := filepath.Glob(filepath.Join(unpacked, "boot", "vmlinuz-*"))
	if err != nil || len(images) != 1 {
		return kernel{}, fmt.Errorf("%s holds %d kernels, remove it", keep, len(images))
	}
	modules, err := modulesOf(unpacked)
	return kernel{image: images[0], modules: modules}, err
}

// download fetches the package of the newest kernel and unpacks it.
func download(ctx context.Context, arch, keep, unpacked string) error {
	work := filepath.Join(keep, "new") // renamed when all is well
	if err := errors.Join(os.RemoveAll(work), os.MkdirAll(filepath.Join(work, "lists", "partial"), 0o755)); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	a := apt{arch: arch, work: work}
	if _, err := a.run(ctx, "apt-get", "update", "-qq"); err != nil {
		return err
	}
	name, err := a.newestKernel(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%s: downloading %s\n", arch, name)
	if _, err := a.run(ctx, "apt-get", "download", "-qq", name); err != nil {
		return err
	}
	packages, err := filepath.Glob(filepath.Join(work, "linux-image-*.deb"))
	if err != nil || len(packages) != 1 {
		return fmt.Errorf("apt downloaded %d kernels into %s", len(packages), work)
	}
	half := filepath.Join(work, "unpacked")
	if out, err := exec.CommandContext(ctx, "dpkg-deb", "-x", packages[0], half).CombinedOutput(); err != nil {
		return fmt.Errorf("unpack the kernel: %s", bytes.TrimSpace(out))
	}
	return os.Rename(half, unpacked)
}

// apt is Debian's package manager, with lists of its own: those of the system may
// be of another processor, or not there yet, and only root may change them.
type apt struct {
	arch string
	work string // the folder of its lists, and where it downloads to
}

// run runs one of apt's programs.
func (a apt) run(ctx context.Context, program string, args ...string) (out []byte, err error) {
	for _, option := range []string{
		"APT::Architecture=" + a.arch, "APT::Architectures::=" + a.arch, "APT::Sandbox::User=root",
		"Dir::State::lists=" + filepath.Join(a.work, "lists"), "Dir::Cache=" + a.work,
	} {
		args = append([]string{"-o", option}, args...)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = a.work
	var problem bytes.Buffer
	cmd.Stderr = &problem
	if out, err = cmd.Output(); err != nil {
		return nil, fmt.Errorf("download Debian's kernel with %s: %w: %s", program, err, bytes.TrimSpace(problem.Bytes()))
	}
	return out, nil
}

// newestKernel is the name of the newest kernel's package.
func (a apt) newestKernel(ctx context.Context) (name string, err error) {
	newest := "linux-image-" + a.arch
	depends, err := a.run(ctx, "apt-cache", "depends", newest)
	for field := range strings.FieldsSeq(string(depends)) {
		if strings.HasPrefix(field, "linux-image-") && field != newest {
			name = field
		}
	}
	if err == nil && name == "" {
		err = errors.New("apt knows no kernel: this needs Debian")
	}
	return name, err
}
