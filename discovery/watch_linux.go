package discovery

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// watchInterfaces calls changed whenever the kernel says that a link or an
// address has come, gone or changed. It returns when ctx ends, or when the
// kernel does not say it.
func watchInterfaces(ctx context.Context, changed func()) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("watch interfaces: %w", err)
	}
	socket := os.NewFile(uintptr(fd), "netlink")
	defer func() { _ = socket.Close() }()
	groups := uint32(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return fmt.Errorf("watch interfaces: %w", err)
	}
	defer context.AfterFunc(ctx, func() { _ = socket.Close() })()
	buffer := make([]byte, 64<<10) // the interfaces are read anew, whatever it says
	for {
		_, err := socket.Read(buffer)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && !errors.Is(err, unix.ENOBUFS): // that is: more changes than fit
			return fmt.Errorf("watch interfaces: %w", err)
		}
		changed()
	}
}
