package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/access"
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
			name := o.overrideName
			if name == "" {
				var err error
				if name, err = o.chosen(cmd, args); err != nil {
					return err
				}
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
	words := newCLI(c.name, c.stdout, &sharedWriter{w: c.stderr})
	t := &tailing{c: words, o: o, topology: name, cluster: cluster,
		output: &remote.Output{W: &readUntil{c.stdout, stop}, JSON: o.json, Clean: c.shown}}
	err = t.run(ctx, client)
	if ctx.Err() != nil && o.follow || errors.Is(context.Cause(ctx), syscall.EPIPE) {
		return nil // it is how one ends it
	}
	return err
}

// readUntil is output that somebody may cease to read, as `head` does when it has
// seen enough. That stops all: a log that says nothing more would not notice.
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

// tailing is a tail of one topology's logs. Several goroutines read them.
type tailing struct {
	c        *cli
	o        *tailOptions
	topology string
	cluster  *access.Cluster
	output   *remote.Output
	found    atomic.Int64 // machines that have logs
}

func (t *tailing) run(ctx context.Context, client *storm.Client) error {
	own, err := ownLogs(t.cluster.Environment)
	if err != nil {
		return err
	}
	if own {
		return t.fromMachines(ctx, client)
	}
	return t.ofWorkers(ctx, client)
}

// each reads the logs of each machine, of a few at a time, or where they are
// followed of all. Then one that fails is reported at once: the others go on, and
// may do so for days.
func (t *tailing) each(ctx context.Context, client *storm.Client, hosts []string, read func(i int) error) error {
	pool := t.o.poolSize
	if t.o.follow {
		pool = len(hosts)
	}
	places := make(chan struct{}, max(pool, 1))
	errs := make([]error, len(hosts))
	var reading sync.WaitGroup
	for i := range hosts {
		reading.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			errs[i] = read(i)
			if errs[i] != nil && t.o.follow && len(hosts) > 1 && ctx.Err() == nil {
				t.c.Warn(fmt.Sprintf("no longer following the logs on %s: %v", hosts[i], errs[i]))
			}
		})
	}
	reading.Wait()
	err := errors.Join(errs...)
	switch {
	case err != nil && t.o.follow && len(hosts) > 1:
		return fmt.Errorf("no log of topology %q is being followed any more", t.topology)
	case err == nil && t.found.Load() == 0:
		return t.noLogs(ctx, client, hosts)
	}
	return err
}

var errNoLogs = errors.New("no logs found")

// noLogs is the error of machines that have none.
func (t *tailing) noLogs(ctx context.Context, client *storm.Client, hosts []string) error {
	dir, err := logDir(ctx, client, t.cluster.Environment)
	if err != nil {
		return err
	}
	return hint.With(fmt.Errorf("topology %q: %w in %s on %s", t.topology, errNoLogs, dir, terminal.Listed(hosts)),
		`set "path" in "log" of the environment in config.json to the directory that components log to`)
}

// ownLogs tells whether the components log to files of their own.
func ownLogs(environment *conf.Environment) (bool, error) {
	if environment == nil {
		return false, nil
	}
	dir, err := environment.Conf().String(conf.PystormLogPath, "")
	return dir != "", err
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
