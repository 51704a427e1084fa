package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/terminal"
	"gust/storm/access"
	"gust/storm/logs"
	"gust/storm/remote"
)

const removeLogsLong = `Delete a topology's log files on the cluster's machines over SSH: those in the "path"
of config.json's "log" or, if that is not set, those in Storm's own log directory.

It lists the files first and, on a terminal, asks before it deletes them. A file
belongs to a topology if its path contains the topology's name.

EXIT STATUS

0 if no such files are left, 1 if some are, 2 usage error.`

// removeLogsOptions are the flags of `remove_logs`.
type removeLogsOptions struct {
	targetOptions
	ssh          sshOptions
	options      optionList
	overrideName string
	pattern      string
	artifacts    bool
	workerLogs   bool
	yes          bool
}

// AddFlags declares the flags.
func (o *removeLogsOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	o.ssh.AddFlags(flags)
	flags.Lookup("user").Shorthand = "u"
	flags.FuncP("option", "o", "set the topology option `KEY=VALUE`,\nsuch as storm.workers.list (repeatable)", o.options.assign)
	flags.StringVarP(&o.overrideName, "override_name", "N", "", "use `NAME` as the topology's name on the cluster")
	flags.StringVar(&o.pattern, "pattern", "", "delete only files whose path matches `REGEXP` (egrep syntax)")
	flags.BoolVarP(&o.artifacts, "remove_all_artifacts", "A", false, "delete all files of the topology, not only .log files")
	flags.BoolVarP(&o.workerLogs, "remove_worker_logs", "w", false, "delete shared worker logs of Storm before 1.0, too")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask for confirmation")
}

func newRemoveLogsCommand(c *cli) *cobra.Command {
	var o removeLogsOptions
	cmd := &cobra.Command{
		Use:   "remove_logs [TOPOLOGY]",
		Short: "Delete a topology's logs on the cluster's machines",
		Long:  removeLogsLong,
		Example: fmt.Sprintf(`  %[1]s remove_logs wordcount -e prod
  %[1]s remove_logs -n wordcount --pattern '\.log\.[0-9]+$' --remove_all_artifacts --yes`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := o.submitted(cmd, args, o.overrideName)
			if err != nil {
				return err
			}
			return runRemoveLogs(cmd.Context(), c, &o, name)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runRemoveLogs(ctx context.Context, c *cli, o *removeLogsOptions, name string) error {
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
	files := &logs.Files{Topology: name, Pattern: o.pattern, All: o.artifacts, Workers: o.workerLogs}
	if files.Dir, err = logs.Dir(ctx, client, cluster.Environment); err != nil {
		return err
	}
	if err := files.Check(); err != nil {
		return err
	}
	options := cluster.Options(o.options.conf)
	targets, err := cluster.Workers(ctx, client, options)
	if err != nil {
		return err
	}
	user, err := access.SudoUser(o.ssh.user, options)
	if err != nil {
		return err
	}
	found, err := files.Find(ctx, cluster.SSH, targets, o.ssh.poolSize, user)
	if err != nil && (ctx.Err() != nil || errors.Is(err, terminal.ErrInterrupted)) {
		return terminal.ErrDeclined
	}
	if err != nil {
		return err
	}
	removed := &sheet{key: "removed", columns: columns("host", "dir", "files")}
	total := 0
	for _, f := range found {
		total += len(f.Names)
		removed.add(f.Target.Host, files.Dir, append([]string{}, f.Names...))
		if !o.json {
			for _, file := range f.Names {
				fmt.Fprintln(c.stdout, c.shown(fmt.Sprintf("%s:%s/%s", f.Target.Host, strings.TrimRight(files.Dir, "/"), strings.TrimPrefix(file, "./"))))
			}
		}
	}
	if total == 0 {
		c.Say("topology %q has no such files in %s on %s", name, files.Dir, terminal.Listed(remote.Hosts(targets)))
	} else {
		if err := c.Confirm(ctx, o.yes, fmt.Sprintf("deleting %s of topology %q in %s on %s", terminal.Count(total, "file"), name, files.Dir, terminal.Listed(remote.Hosts(targets)))); err != nil {
			return err
		}
		if err := files.Delete(ctx, cluster.SSH, found, o.ssh.poolSize, user); err != nil {
			return err
		}
		c.Say("deleted %s", terminal.Count(total, "file"))
	}
	if o.json {
		return c.print(true, removed)
	}
	return nil
}
