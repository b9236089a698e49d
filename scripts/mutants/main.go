// Command mutants takes the guards of the box away, one by one, and shows which test
// notices.
//
// A guard is a condition that refuses, a statement that holds a client back, or a
// constant that bounds something. For each the tests of its own package run first, and
// then those of whole boxes. A guard whose absence no test notices is printed: it is not needed,
// or its test is missing. The exit code is 1 if there are any.
//
//	go run ./scripts/mutants ./appliance/ratelimit ./appliance/cost
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"
)

// guarded are the packages that meet clients, which are looked at unless others are
// named.
var guarded = []string{
	"appliance/cost", "appliance/ratelimit", "appliance/intake", "appliance/people", "appliance/signin",
	"appliance/rtc", "appliance/transport", "appliance/gateway", "appliance/rest", "appliance/realtime",
	"appliance/archive", "appliance/room", "appliance/web", "appliance/store",
}

func main() {
	only := flag.String("only", "", "a pattern: only the guards whose line fits, such as 'password.go'")
	deep := flag.Bool("deep", true, "run the tests of whole boxes too, if the tests of the package notice nothing")
	list := flag.Bool("list", false, "only list the guards")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	survived, err := try(ctx, flag.Args(), *only, *deep, *list)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if survived > 0 {
		os.Exit(1)
	}
}

// try tries the mutants of some packages, and returns how many no test has noticed.
func try(ctx context.Context, packages []string, only string, deep, list bool) (survived int, err error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return 0, err
	}
	if len(packages) == 0 {
		packages = guarded
	}
	var all []mutant
	for _, dir := range packages {
		found, err := find(filepath.Clean(dir))
		if err != nil {
			return 0, err
		}
		all = append(all, found...)
	}
	extra, err := settings(packages)
	if err != nil {
		return 0, err
	}
	noticed, invalid := 0, 0
	for _, m := range append(all, extra...) {
		if !pattern.MatchString(m.String()) {
			continue
		}
		if list {
			fmt.Println(m)
			continue
		}
		began := time.Now()
		by, err := run(ctx, m, deep)
		took := time.Since(began).Round(time.Second)
		switch {
		case err != nil:
			return survived, err
		case by == doesNotBuild:
			invalid++
		case by == "":
			survived++
			fmt.Printf("NOT NOTICED  %s (%v)\n", m, took)
		default:
			noticed++
			fmt.Printf("noticed  %s: %s (%v)\n", m, by, took)
		}
	}
	fmt.Printf("%d guards taken away: %d noticed, %d not; %d do not compile without\n", noticed+survived, noticed, survived, invalid)
	return survived, nil
}
