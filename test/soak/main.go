package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == componentCommand {
		os.Exit(componentMain(os.Args[2]))
	}
	os.Exit(driverMain(os.Args[1:], os.Stdout, os.Stderr))
}

// componentCommand is the argument that makes the program a component.
const componentCommand = "component"

const usage = `usage: soak [flags] >soak.json

Run a topology under gust, damage its processes at random, and verify that no
tuple was lost. Progress goes to stderr, the result to stdout as one JSON object.
Ctrl-C ends the faults early; the verification still follows.

EXIT STATUS

0 where every promise was kept, 1 where one was broken or the soak could not
run, 2 where the command line is wrong.

`

// driverMain is the program but for its exit. It returns the exit code.
func driverMain(args []string, stdout, stderr io.Writer) int {
	o := defaultOptions(stderr)
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	o.addFlags(flags)
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return 0
		}
		return 2
	}
	if err := o.check(flags.Args()); err != nil {
		fmt.Fprintf(stderr, "soak: %v\n", err)
		return 2
	}
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	result, err := soak(ctx, o)
	if err != nil {
		fmt.Fprintf(stderr, "soak: %v\n", err)
		return 1
	}
	json.NewEncoder(stdout).Encode(result)
	if !result.Passed {
		return 1
	}
	return 0
}
