package midi

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
)

// ErrUnplugged says that a port is gone.
var ErrUnplugged = errors.New("the device was unplugged")

// Permitted returns nil if this user may open the port, else one sentence that says
// which group to join.
func (p Port) Permitted() error {
	if err := readable(p.Node); errors.Is(err, fs.ErrPermission) {
		return p.explain(err)
	}
	return nil
}

// explain turns the error of an open port or of opening it into one sentence that
// says what to do. A device that is gone is ErrUnplugged.
func (p Port) explain(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("this user may not open %s: %s", p.Node, p.remedy())
	case errors.Is(err, syscall.EBUSY), errors.Is(err, syscall.EAGAIN):
		return fmt.Errorf("another program uses %s: close it, and the port is free", p.Node)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, io.EOF),
		errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.EIO):
		return ErrUnplugged
	}
	return fmt.Errorf("port %s: %w", p.Name, err)
}

// remedy says how a user gets the right to open a port. Group 0 is no group to
// join: udev has not run, or has no rule for the device.
func (p Port) remedy() string {
	group := groupOf(p.Node)
	if group == "" || group == "root" || group == "0" {
		return "give it to the group audio with a rule of udev, and join that group"
	}
	return fmt.Sprintf("join the group %s (sudo usermod -aG %s USER) and start Downbeat again", group, group)
}
