// Command downbeat is the box: it serves the class, runs a demo of it, plays
// a pretend class against it, and signs its tokens.
//
// It holds subcommands, flags and exit codes, and no logic: that begins in
// package appliance. Every flag may also be set by an environment variable
// DOWNBEAT_… and by a key of the file that --config names; the command line
// wins over the environment, the environment over the file. Whatever goes
// wrong is told in one sentence on standard error, with an exit code that is
// not 0.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"downbeat.local/appliance"
)

// cli is the command line.
type cli struct {
	Serve     serveCmd     `cmd:"" set:"listen=0.0.0.0:8080" set:"door=token" help:"Run the box."`
	Demo      demoCmd      `cmd:"" set:"listen=127.0.0.1:8080" set:"door=open" help:"Run a complete box in a temporary folder, with a class of robots that plays."`
	Classroom classroomCmd `cmd:"" help:"Let pretend students play on a box and tell what arrives."`
	Token     tokenCmd     `cmd:"" help:"Print a signed JWT for the box."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// world is what a command has beside its flags.
type world struct {
	ctx    context.Context // ends on SIGINT and SIGTERM
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// The exit codes.
const (
	exitFailed = 1 // the command was understood and did not succeed
	exitUsage  = 2 // the command line, the environment or the file is wrong
)

// run runs one command and returns its exit code.
func run(args []string, stdout, stderr io.Writer) int {
	var flags cli
	parser, err := kong.New(&flags,
		kong.Name("downbeat"),
		kong.Description("A music classroom in a box. Every flag is also an environment variable DOWNBEAT_… and a key of the file that --config names."),
		kong.Writers(stdout, stderr),
		kong.DefaultEnvars("DOWNBEAT"),
		kong.Vars{"limits": appliance.LimitHelp()},
		kong.Configuration(loadConfig),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		panic(err) // the tags above are wrong
	}
	command, err := parser.Parse(args)
	if err != nil {
		complain(stderr, fmt.Errorf("%w (downbeat --help shows what there is)", err))
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	w := &world{ctx: ctx, stdout: stdout, stderr: stderr, log: slog.New(slog.NewTextHandler(stderr, nil))}
	if err := command.Run(w); err != nil {
		complain(stderr, err)
		return exitFailed
	}
	return 0
}

// complain prints an error in one line.
func complain(stderr io.Writer, err error) {
	fmt.Fprintf(stderr, "downbeat: %s\n", strings.Join(strings.Fields(err.Error()), " "))
}
