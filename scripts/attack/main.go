// Command attack shows what one device with a student's rights can do to a box.
//
// It makes a network namespace with three addresses: the box's, a class's and an
// attacker's. For each attack it starts a box in a memory cgroup of 1 GB, lets a
// class play there, attacks the box for a while, and lets ten latecomers join
// meanwhile. It prints the memory of the box, how busy it was, the delay of the
// class's notes, and how many of the latecomers were in the room within two seconds.
//
// The attacker runs here too, where it would have a machine of its own. So it has the
// lowest priority, and gets what the box and the class leave of the processors.
//
// It needs root and Linux. Without a memory cgroup it measures the memory and
// says that nothing bounded it. Everything is bounded in time and count, and
// nothing leaves the namespace.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "attack:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	binary  string
	seconds int
	only    string
	nat     bool
	inside  bool   // this process is in the namespace
	attack  string // this process is the attacker
	target  target
}

func parse() (o options) {
	flag.StringVar(&o.binary, "binary", "bin/downbeat", "the box")
	flag.IntVar(&o.seconds, "seconds", 20, "how long each attack lasts, 5 to 120")
	flag.StringVar(&o.only, "only", "", "attacks to run, with commas between them; all if empty")
	flag.BoolVar(&o.nat, "nat", false, "attack from the address of the class, as behind one router")
	flag.BoolVar(&o.inside, "inside", false, "for the command itself")
	flag.StringVar(&o.attack, "attack", "", "for the command itself")
	flag.StringVar(&o.target.url, "url", "", "for the command itself")
	flag.StringVar(&o.target.from, "from", "", "for the command itself")
	flag.StringVar(&o.target.member, "member", "", "for the command itself")
	flag.StringVar(&o.target.key, "key", "", "for the command itself")
	flag.Parse()
	return o
}

func run(ctx context.Context) error {
	o := parse()
	switch {
	case o.attack != "":
		return attacker(ctx, o)
	case o.seconds < 5 || o.seconds > 120:
		return errors.New("give 5 to 120 seconds")
	case !o.inside:
		return inNamespace(ctx)
	}
	if err := makeNetwork(); err != nil {
		return err
	}
	return measure(ctx, o)
}

// attacker attacks until ctx ends or its time is over.
func attacker(ctx context.Context, o options) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(o.seconds)*time.Second)
	defer cancel()
	i := slices.IndexFunc(attacks, func(a attack) bool { return a.name == o.attack })
	if i < 0 {
		return fmt.Errorf("there is no attack %q", o.attack)
	}
	attacks[i].run(ctx, o.target)
	return nil
}

// measure runs the attacks and prints the table.
func measure(ctx context.Context, o options) error {
	fmt.Printf("%-34s %8s %6s %8s %9s %9s %9s  %s\n", "attack", "RSS MB", "CPU %", "p50 ms", "p95 ms", "got in", "worst s", "")
	for _, a := range append([]attack{{name: "none"}}, attacks...) {
		if o.only != "" && a.name != "none" && !slices.Contains(strings.Split(o.only, ","), a.name) {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r, err := row(ctx, o, a)
		if err != nil {
			fmt.Printf("%-34s %v\n", a.name, err)
			continue
		}
		fmt.Printf("%-34s %8.0f %6.0f %8.1f %9.1f %6d/%d %9.1f  %s\n", a.name, r.rss, r.cpu, r.p50, r.p95, r.gotIn, latecomers, r.worst.Seconds(), r.remark)
	}
	return nil
}
