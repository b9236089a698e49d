package upstreamtest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"downbeat.local/sync/upstream/pgtest"
)

// postgres is the server of all tests of this package; nil if this machine has
// none.
var postgres *pgtest.Server

// TestMain starts it. A second run of this binary is a box that a test will kill.
func TestMain(m *testing.M) {
	flag.Parse()
	if dir := os.Getenv(boxEnv); dir != "" {
		os.Exit(serveBox(dir))
	}
	os.Exit(runTests(m))
}

// sideBySide is how many tests run at a time. They wait most of the time.
const sideBySide = "12"

func runTests(m *testing.M) int {
	err := flag.Set("test.parallel", sideBySide)
	if err != nil {
		panic(err) // the flag has another name now
	}
	postgres, err = pgtest.Start()
	switch {
	case errors.Is(err, pgtest.ErrMissing):
		fmt.Fprintln(os.Stderr, err)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	default:
		defer postgres.Close()
	}
	return m.Run()
}
