package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/remote"
)

// fromMachines reads the logs that components write on all of the cluster's
// machines.
func (t *tailing) fromMachines(ctx context.Context, client *storm.Client) error {
	targets, err := t.cluster.Workers(ctx, client, environmentOptions(t.cluster.Environment, optionList{}))
	if err != nil {
		return err
	}
	t.output.Named = len(targets) > 1
	hosts := make([]string, len(targets))
	for i, target := range targets {
		hosts[i] = target.Host
	}
	return t.each(ctx, client, hosts, func(i int) error { return t.overSSH(ctx, client, targets[i]) })
}

// overSSH reads the log files on a machine.
func (t *tailing) overSSH(ctx context.Context, client *storm.Client, target remote.Target) error {
	dir, err := logDir(ctx, client, t.cluster.Environment)
	if err != nil {
		return err
	}
	files := &logFiles{dir: dir, topology: t.topology, pattern: t.o.pattern}
	if err := files.check(); err != nil {
		return err
	}
	m, err := t.cluster.SSH.Dial(ctx, target)
	if err != nil {
		return err
	}
	defer m.Close()
	names, err := files.list(ctx, m, "")
	if err != nil || len(names) == 0 {
		return err
	}
	t.found.Add(1)
	return t.tailFiles(ctx, m, dir, names)
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
	output := t.output.Of(m.Name)
	words := (&remote.Output{W: t.c.stderr, Named: t.output.Named, Clean: terminal.Visible}).Of(m.Name)
	err := m.Run(ctx, "sh -c "+remote.Quote(command), input, output, words)
	_ = words.Flush()
	if err := output.Flush(); err != nil {
		return err
	}
	return err
}
