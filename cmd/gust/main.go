// Command gust runs Apache Storm's multi-language components without the JVM.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"gust/internal/guard"
	"gust/internal/program"
	"gust/run"
	"gust/storm/slot"
)

func main() {
	switch {
	case slot.StandIn(os.Args[0]):
		os.Exit(slot.JavaMain(os.Args[0], os.Args[1:]))
	case len(os.Args) > 1 && os.Args[1] == guard.Command:
		os.Exit(guard.Main(os.Args[2:]))
	case len(os.Args) > 1 && os.Args[1] == slot.Command:
		os.Exit(slot.Main(os.Args[2:]))
	}
	// A broken pipe is an error of the write that meets it, and not the end of
	// the program: children are to be stopped first. Ignoring the signal would
	// do, but children inherit what is ignored.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if len(os.Args) > 1 && os.Args[1] == run.MemberCommand {
		os.Exit(run.MemberMain())
	}

	c := newCLI(program.Name, os.Stdout, os.Stderr)
	os.Exit(c.report(execute(context.Background(), c, os.Args[1:])))
}
