package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/access"
	"gust/storm/remote"
)

// Tail prints the last lines of a topology's logs, and follows them. Several goroutines
// use it.
type Tail struct {
	Cluster  *access.Cluster
	Client   *storm.Client
	Topology string
	// Lines is the number of lines to print of each log. Follow continues with new ones.
	Lines  int
	Follow bool
	// Pattern is an extended regular expression that the paths must match, or empty.
	Pattern string
	// Pool is the number of machines to read from at a time; with Follow, all are read at
	// once.
	Pool int
	// Output gets the log lines, and Stderr the machines' complaints.
	Output *remote.Output
	Stderr io.Writer
	Voice  Voice

	found atomic.Int64 // machines that have logs
}

// Voice reports progress.
type Voice interface {
	Say(format string, args ...any)
	Warn(text string)
}

// Run prints the logs. If components log to files of their own, it reads those through
// SSH. Otherwise it reads the workers' logs, from each machine's logviewer if that serves
// them.
func (t *Tail) Run(ctx context.Context) error {
	own, err := ownLogs(t.Cluster.Environment)
	if err != nil {
		return err
	}
	if own {
		return t.fromMachines(ctx)
	}
	return t.ofWorkers(ctx)
}

// each reads the logs of each machine: a few machines at a time, or all of them with
// Follow. With Follow it reports a failure at once, because the other machines continue,
// perhaps for days.
func (t *Tail) each(ctx context.Context, hosts []string, read func(i int) error) error {
	pool := t.Pool
	if t.Follow {
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
			if errs[i] != nil && t.Follow && len(hosts) > 1 && ctx.Err() == nil {
				t.Voice.Warn(fmt.Sprintf("no longer following the logs on %s: %v", hosts[i], errs[i]))
			}
		})
	}
	reading.Wait()
	err := errors.Join(errs...)
	switch {
	case err != nil && t.Follow && len(hosts) > 1:
		return fmt.Errorf("lost all logs of topology %q", t.Topology)
	case err == nil && t.found.Load() == 0:
		return t.noLogs(ctx, hosts)
	}
	return err
}

var errNoLogs = errors.New("no logs found")

// noLogs is the error if no machine has logs.
func (t *Tail) noLogs(ctx context.Context, hosts []string) error {
	dir, err := Dir(ctx, t.Client, t.Cluster.Environment)
	if err != nil {
		return err
	}
	return hint.With(fmt.Errorf("topology %q: %w in %s on %s", t.Topology, errNoLogs, dir, terminal.Listed(hosts)),
		`set "path" in "log" of the environment in config.json to the directory that components log to`)
}

// ownLogs reports whether the components log to files of their own.
func ownLogs(environment *conf.Environment) (bool, error) {
	if environment == nil {
		return false, nil
	}
	dir, err := environment.Conf().String(conf.PystormLogPath, "")
	return dir != "", err
}
