package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"sync/atomic"

	"gust/conf"
	"gust/internal/remote"
	"gust/storm"
)

// overSSH reads the log files on the machines of those names, or where none are
// named on all of the cluster's.
func (t *tailing) overSSH(ctx context.Context, client *storm.Client, environment *conf.Environment, hosts []string) error {
	dir, err := logDir(ctx, client, environment)
	if err != nil {
		return err
	}
	files := &logFiles{dir: dir, topology: t.topology, pattern: t.o.pattern}
	if err := files.check(); err != nil {
		return err
	}
	var targets []remote.Target
	for _, host := range hosts {
		target, err := sshTarget(environment, host)
		if err != nil {
			return err
		}
		targets = append(targets, target)
	}
	if len(targets) == 0 {
		if targets, err = workerMachines(ctx, client, environment, environmentOptions(environment, optionList{})); err != nil {
			return err
		}
	}
	t.output.many = len(targets) > 1
	pool := t.o.poolSize
	if t.o.follow {
		pool = len(targets)
	}
	var found atomic.Int64
	err = newSSH().Each(ctx, targets, pool, func(ctx context.Context, m *remote.Machine) error {
		names, err := files.list(ctx, m, "")
		if err != nil || len(names) == 0 {
			return err
		}
		found.Add(int64(len(names)))
		return t.tailFiles(ctx, m, dir, names)
	})
	if err == nil && found.Load() == 0 {
		return &hintError{
			fmt.Errorf("topology %q: %w in %s on %s", t.topology, errNoLogs, dir, hostNames(targets)),
			`"path" in "log" of the environment in config.json says where the components log to`,
		}
	}
	return err
}

// tailFiles prints the ends of files on a machine.
func (t *tailing) tailFiles(ctx context.Context, m *remote.Machine, dir string, names []string) error {
	how := fmt.Sprintf("tail -n %d", t.o.lines)
	if t.o.follow {
		how += " -F"
	}
	for _, name := range names {
		how += " " + remote.Quote(path.Join(dir, name))
	}
	var input io.Reader = strings.NewReader("")
	command := "exec " + how
	if t.o.follow {
		// Without a terminal of its own the tail would outlive us: it would not
		// notice our end before the log's next line. So it lives as long as its
		// input is open.
		command = "exec 3<&0; (cat <&3; kill $$) >/dev/null 2>&1 & exec " + how + " 3<&-"
		open, hold := io.Pipe()
		defer hold.Close()
		input = open
	}
	output := t.output.of(m.Name)
	problems := &hostOutput{w: t.c.stderr, many: t.output.many}
	words := problems.of(m.Name)
	err := m.Run(ctx, "sh -c "+remote.Quote(command), input, output, words)
	_ = words.flush()
	if err := output.flush(); err != nil {
		return err
	}
	return err
}
