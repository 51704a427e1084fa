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

// Tail prints the last lines of a topology's logs, and what comes to them. Several
// goroutines read them.
type Tail struct {
	Cluster  *access.Cluster
	Client   *storm.Client
	Topology string
	// Lines is how many of each log are printed, and Follow says to go on with new ones.
	Lines  int
	Follow bool
	// Pattern is an extended regular expression that the paths must match, or empty.
	Pattern string
	// Pool is how many machines are read from at a time; of followed ones all are.
	Pool int
	// Output takes what the logs say, and Stderr what the machines complain of.
	Output *remote.Output
	Stderr io.Writer
	Voice  Voice

	found atomic.Int64 // machines that have logs
}

// Voice is told how it goes.
type Voice interface {
	Say(format string, args ...any)
	Warn(text string)
}

// Run reads the logs. If components log to files of their own it reads these through
// SSH, else the logs of their workers, from each machine's logviewer if that hands
// them out.
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

// each reads the logs of each machine, of a few at a time, or where they are
// followed of all. Then one that fails is reported at once: the others go on, and
// may do so for days.
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
		return fmt.Errorf("no log of topology %q is being followed any more", t.Topology)
	case err == nil && t.found.Load() == 0:
		return t.noLogs(ctx, hosts)
	}
	return err
}

var errNoLogs = errors.New("no logs found")

// noLogs is the error of machines that have none.
func (t *Tail) noLogs(ctx context.Context, hosts []string) error {
	dir, err := Dir(ctx, t.Client, t.Cluster.Environment)
	if err != nil {
		return err
	}
	return hint.With(fmt.Errorf("topology %q: %w in %s on %s", t.Topology, errNoLogs, dir, terminal.Listed(hosts)),
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
