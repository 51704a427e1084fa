package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/terminal"
	"gust/storm/logs"
	"gust/storm/remote"
)

const tailLong = `Print the last lines of a topology's logs from all machines that it runs on, and with
-f keep printing new lines.

If the environment in config.json has a "path" in "log", components log to their own
files, which gust reads over SSH. Otherwise they log through Storm to their workers'
logs, which gust reads from each machine's logviewer, or over SSH if that does not
answer.

EXIT STATUS

0 if the logs were printed or Ctrl-C ended -f, 1 failure, 2 usage error.`

// tailOptions are the flags of `tail`.
type tailOptions struct {
	targetOptions
	poolSize     int
	overrideName string
	follow       bool
	lines        int
	pattern      string
}

// AddFlags declares the flags.
func (o *tailOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	flags.Lookup("json").Usage = "print each line as a JSON object"
	flags.BoolVarP(&o.follow, "follow", "f", false, "follow the logs: keep printing new lines")
	flags.IntVarP(&o.lines, "num_lines", "l", 10, "print the last `N` lines of each log")
	flags.StringVarP(&o.overrideName, "override_name", "N", "", "use `NAME` as the topology's name on the cluster")
	flags.StringVar(&o.pattern, "pattern", "", "read only files whose path matches `REGEXP` (egrep syntax)")
	flags.IntVar(&o.poolSize, "pool_size", 10, "read from `N` machines at a time; -f reads from all")
}

func newTailCommand(c *cli) *cobra.Command {
	var o tailOptions
	cmd := &cobra.Command{
		Use:   "tail [TOPOLOGY]",
		Short: "Print the last lines of a topology's logs",
		Long:  tailLong,
		Example: fmt.Sprintf(`  %[1]s tail wordcount -f
  %[1]s tail -n wordcount -e prod -l 100 --pattern count_bolt`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.lines < 0 {
				return wrongUsage(cmd, fmt.Errorf("-l must be a number of lines, not %d", o.lines))
			}
			name, err := o.submitted(cmd, args, o.overrideName)
			if err != nil {
				return err
			}
			return runTail(cmd.Context(), c, &o, name)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runTail(ctx context.Context, c *cli, o *tailOptions, name string) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	cluster, err := o.cluster()
	if err != nil {
		return err
	}
	client, err := cluster.Connect(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	stderr := &sharedWriter{w: c.stderr}
	tail := &logs.Tail{
		Cluster: cluster, Client: client, Topology: name, Lines: o.lines, Follow: o.follow, Pattern: o.pattern, Pool: o.poolSize,
		Output: &remote.Output{W: &readUntil{c.stdout, stop}, JSON: o.json, Clean: c.shown},
		Stderr: stderr, Voice: terminal.NewVoice(c.name, stderr),
	}
	err = tail.Run(ctx)
	if ctx.Err() != nil && o.follow || errors.Is(context.Cause(ctx), syscall.EPIPE) {
		return nil // the user has seen enough
	}
	return err
}

// readUntil is output whose reader may go away, as `head` does. That stops everything:
// without it, gust would notice only at the next line of a log.
type readUntil struct {
	w    io.Writer
	stop context.CancelCauseFunc
}

func (r *readUntil) Write(p []byte) (int, error) {
	n, err := r.w.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		r.stop(err)
	}
	return n, err
}

// sharedWriter is a writer that several goroutines may use.
type sharedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sharedWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}
