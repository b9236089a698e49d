package impair

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// mtu is that of Ethernet.
const mtu = 1500

// device is the name of the device in a namespace. It is not tun, because
// programs may ignore tunnels.
const device = "air0"

// namespace is a network namespace with a loopback and one device. The other end
// of the device is a file of this process.
//
// A thread of its own holds it. Programs that the thread starts are in the
// namespace, and all of it ends with the thread.
type namespace struct {
	tun   *os.File
	calls chan func()
	ended chan struct{}
}

func newNamespace(addr netip.Addr) (*namespace, error) {
	n := &namespace{calls: make(chan func()), ended: make(chan struct{})}
	ready := make(chan error)
	go n.hold(addr, ready) // ends with close
	if err := <-ready; err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

// hold makes the namespace and runs calls in it, until calls is closed.
func (n *namespace) hold(addr netip.Addr, ready chan<- error) {
	defer close(n.ended)
	runtime.LockOSThread() // for ever: the thread ends with this goroutine
	ready <- n.setUp(addr)
	for call := range n.calls {
		call()
	}
}

func (n *namespace) setUp(addr netip.Addr) error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		if errors.Is(err, unix.EPERM) {
			return errors.New("a network namespace takes root: run this as root, or in a container with CAP_SYS_ADMIN and CAP_NET_ADMIN")
		}
		return fmt.Errorf("this kernel makes no network namespace: %w", err)
	}
	var err error
	if n.tun, err = openTUN(); err != nil {
		return err
	}
	return errors.Join(raise("lo", netip.AddrFrom4([4]byte{127, 0, 0, 1}), 8), raise(device, addr, 15))
}

// openTUN makes a device that ends with the file.
func openTUN() (*os.File, error) {
	const path = "/dev/net/tun"
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENODEV) {
		return nil, fmt.Errorf("%s is missing: load the kernel's tun module, or give the container that device", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	request, err := unix.NewIfreq(device)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = errors.Join(unix.IoctlIfreq(fd, unix.TUNSETIFF, request), unix.SetNonblock(fd, true))
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("make a device: %w", err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// raise gives a device of this thread's namespace an address and sets it up.
func raise(name string, addr netip.Addr, bits int) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("raise %s: %w", name, err)
	}
	defer func() { _ = unix.Close(fd) }()
	mask := netip.PrefixFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), bits).Masked().Addr()
	for _, step := range []struct {
		request uint
		set     func(*unix.Ifreq) error
	}{
		{unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr(addr.AsSlice()) }},
		{unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error { return r.SetInet4Addr(mask.AsSlice()) }},
		{unix.SIOCSIFFLAGS, func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil }},
	} {
		request, err := unix.NewIfreq(name)
		if err == nil {
			err = step.set(request)
		}
		if err == nil {
			err = unix.IoctlIfreq(fd, step.request, request)
		}
		if err != nil {
			return fmt.Errorf("raise %s: %w", name, err)
		}
	}
	return nil
}

// start starts a program in the namespace.
func (n *namespace) start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL // of the thread
	started := make(chan error)
	n.calls <- func() { started <- cmd.Start() }
	return <-started
}

// close ends the thread, and with it the programs and the namespace.
func (n *namespace) close() {
	close(n.calls)
	<-n.ended
	if n.tun != nil {
		_ = n.tun.Close()
	}
}
