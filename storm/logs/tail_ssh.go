package logs

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"gust/internal/terminal"
	"gust/storm/remote"
)

// fromMachines reads the components' own logs on all machines of the cluster.
func (t *Tail) fromMachines(ctx context.Context) error {
	targets, err := t.Cluster.Workers(ctx, t.Client, t.Cluster.Options(nil))
	if err != nil {
		return err
	}
	t.Output.Named = len(targets) > 1
	return t.each(ctx, remote.Hosts(targets), func(i int) error { return t.overSSH(ctx, targets[i]) })
}

// overSSH reads the log files on a machine.
func (t *Tail) overSSH(ctx context.Context, target remote.Target) error {
	dir, err := Dir(ctx, t.Client, t.Cluster.Environment)
	if err != nil {
		return err
	}
	files := &Files{Dir: dir, Topology: t.Topology, Pattern: t.Pattern}
	if err := files.Check(); err != nil {
		return err
	}
	m, err := t.Cluster.SSH.Dial(ctx, target)
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
func (t *Tail) tailFiles(ctx context.Context, m *remote.Machine, dir string, names []string) error {
	how := fmt.Sprintf("tail -n %d", t.Lines)
	if t.Follow {
		how += " -F"
	}
	for _, name := range names {
		how += " " + remote.Quote(path.Join(dir, name))
	}
	var input io.Reader = strings.NewReader("")
	command := "exec " + how
	if t.Follow {
		// Without a terminal of its own, tail would outlive us: it would only notice our
		// end when the log gets its next line. So a shell ends it when its input is
		// closed.
		command = "exec 3<&0; (cat <&3; kill $$) >/dev/null 2>&1 & exec " + how + " 3<&-"
		open, hold := io.Pipe()
		defer hold.Close()
		input = open
	}
	output := t.Output.Of(m.Name)
	words := (&remote.Output{W: t.Stderr, Named: t.Output.Named, Clean: terminal.Visible}).Of(m.Name)
	err := m.Run(ctx, "sh -c "+remote.Quote(command), input, output, words)
	_ = words.Flush()
	if err := output.Flush(); err != nil {
		return err
	}
	return err
}
