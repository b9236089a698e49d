package main

import (
	"bytes"
	"fmt"
	"os"
)

// The initial file system is a cpio archive in the form "newc" (cpio(5)): a header
// of hexadecimal numbers, the name, the content, each padded to four bytes.

// Kinds and rights of files.
const (
	aFolder  = 0o040755
	aProgram = 0o100755
	aDevice  = 0o020600
)

func addFolder(to *bytes.Buffer, name string) { addEntry(to, name, aFolder, 0, 0, nil) }

// addConsole adds the device on which the first program prints.
func addConsole(to *bytes.Buffer) { addEntry(to, "dev/console", aDevice, 5, 1, nil) }

func addTrailer(to *bytes.Buffer) { addEntry(to, "TRAILER!!!", 0, 0, 0, nil) }

func addFile(to *bytes.Buffer, name, path string) error {
	content, err := os.ReadFile(path)
	if err == nil {
		addEntry(to, name, aProgram, 0, 0, content)
	}
	return err
}

func addEntry(to *bytes.Buffer, name string, mode, major, minor int, content []byte) {
	to.WriteString("070701")
	inode := to.Len()
	for _, field := range []int{inode, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor, len(name) + 1, 0} {
		fmt.Fprintf(to, "%08x", field)
	}
	to.WriteString(name + "\x00")
	pad(to)
	to.Write(content)
	pad(to)
}

func pad(to *bytes.Buffer) {
	for to.Len()%4 != 0 {
		to.WriteByte(0)
	}
}
