// Command downbeat is the box: it serves a class, runs a demo, runs a pretend
// class against a box, shows what MIDI keyboards send, finds the boxes of a
// network, and signs tokens.
//
// It holds subcommands, flags and exit codes; the logic begins in package
// appliance. Every flag can also be set by an environment variable DOWNBEAT_…
// and by a key of the file that --config names. The command line wins over the
// environment, the environment over the file. An error prints one sentence on
// standard error and exits with a code that is not 0.
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
	"downbeat.local/appliance/limits"
)

// cli is the command line.
type cli struct {
	Serve     serveCmd     `cmd:"" set:"listen=0.0.0.0:8080" set:"door=token" help:"Run the box."`
	Demo      demoCmd      `cmd:"" set:"listen=127.0.0.1:8080" set:"door=open" help:"Run a complete box in a temporary folder, with a class of robots that plays."`
	Classroom classroomCmd `cmd:"" help:"Play with pretend students and report what arrives."`
	MIDI      midiCmd      `cmd:"" name:"midi" help:"Look at the MIDI keyboards of this machine."`
	Find      findCmd      `cmd:"" help:"List the boxes of this network."`
	Token     tokenCmd     `cmd:"" help:"Print a signed JWT for the box."`
	Upstream  upstreamCmd  `cmd:"" help:"Prepare the school's Postgres."`
	Sync      syncCmd      `cmd:"" help:"Look at the sync with the school's Postgres."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// world is what a command gets besides its flags.
type world struct {
	ctx    context.Context // ends on SIGINT and SIGTERM
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// The exit codes.
const (
	exitFailed = 1 // the command failed
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
		kong.Vars{"limits": limits.Help(), "carried": strings.Join(appliance.CarriedTables(), ", "), "optional": strings.Join(appliance.OptionalTables(), ", ")},
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
	slog.SetDefault(w.log) // and with it the log of libraries
	if err := command.Run(w); err != nil {
		complain(stderr, err)
		return exitFailed
	}
	return 0
}

// complain prints an error on one line.
func complain(stderr io.Writer, err error) {
	fmt.Fprintf(stderr, "downbeat: %s\n", strings.Join(strings.Fields(err.Error()), " "))
}
