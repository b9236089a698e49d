//go:build unix

package appliance

import "syscall"

// maxFiles is how many descriptors the process may have; 0 is unknown. Go raises
// the soft limit to the hard one by itself.
func maxFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return int(min(uint64(limit.Cur), 1<<30))
}
