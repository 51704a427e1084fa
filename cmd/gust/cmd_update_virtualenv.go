package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/project/requirements"
	"gust/storm/remote"
	"gust/storm/workerenv"
)

const updateVirtualenvLong = `Create or update a topology's virtualenv on each machine of a cluster over SSH:
virtualenv_root/TOPOLOGY, with the packages that virtualenvs/TOPOLOGY.txt lists.

Machines need virtualenv or Python's venv, and access to the packages. Without them,
"%[1]s submit --bundle" puts the packages into the jar instead.

EXIT STATUS

0 if the virtualenv is ready on all machines, 1 if not, 2 usage error.`

// updateVirtualenvOptions are the flags of `update_virtualenv`.
type updateVirtualenvOptions struct {
	targetOptions
	ssh          sshOptions
	options      optionList
	overrideName string
	requirements []string
	overwrite    bool
	yes          bool
}

// AddFlags declares the flags.
func (o *updateVirtualenvOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	o.ssh.AddFlags(flags)
	flags.FuncP("option", "o", "set the topology option `KEY=VALUE`,\nsuch as virtualenv_flags (repeatable)", o.options.assign)
	flags.StringVarP(&o.overrideName, "override_name", "N", "", "use `NAME` as the virtualenv's name")
	flags.StringArrayVarP(&o.requirements, "requirements", "r", nil, "install from `FILE` instead of virtualenvs/ (repeatable)")
	flags.BoolVar(&o.overwrite, "overwrite_virtualenv", false, "recreate the virtualenv if it exists")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask for confirmation")
}

func newUpdateVirtualenvCommand(c *cli) *cobra.Command {
	var o updateVirtualenvOptions
	cmd := &cobra.Command{
		Use:   "update_virtualenv [TOPOLOGY]",
		Short: "Create or update a topology's virtualenv on the workers",
		Long:  fmt.Sprintf(updateVirtualenvLong, c.name),
		Example: fmt.Sprintf(`  %[1]s update_virtualenv wordcount -e prod
  %[1]s update_virtualenv -n wordcount -r virtualenvs/base.txt -r virtualenvs/wordcount.txt --overwrite_virtualenv`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := o.chosen(cmd, args)
			if err != nil {
				return err
			}
			return runUpdateVirtualenv(cmd.Context(), c, &o, name)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runUpdateVirtualenv(ctx context.Context, c *cli, o *updateVirtualenvOptions, name string) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	cluster, err := o.cluster()
	if err != nil {
		return err
	}
	if cluster.Environment == nil {
		return hint.With(errors.New("no virtualenv_root: there is no project in this directory"),
			"run this in a streamparse project whose config.json sets virtualenv_root")
	}
	project, err := conf.ReadProject(cmp.Or(o.configFile, "config.json"))
	if err != nil {
		return err
	}
	options := cluster.Options(o.options.conf)
	v, err := workerenv.Wish{
		Topology: name, Environment: cluster.Environment, Options: options, Name: o.overrideName,
		Requirements: o.requirements, Folder: requirements.Folder(project, "."), User: o.ssh.user, Overwrite: o.overwrite,
	}.Virtualenv()
	if err != nil {
		return err
	}
	targets, err := cluster.Workers(ctx, nil, options)
	if err != nil {
		return err
	}
	if o.overwrite {
		if err := c.Confirm(ctx, o.yes, v.Plan(targets)); err != nil {
			return err
		}
	} else {
		c.Say("%s", v.Plan(targets))
	}
	if err := v.Install(ctx, cluster, targets, o.ssh.poolSize, c, c.stderr); err != nil || !o.json {
		return err
	}
	s := &sheet{key: "virtualenvs", columns: columns("host", "path")}
	for _, host := range remote.Hosts(targets) {
		s.add(host, v.Path)
	}
	return c.print(true, s)
}
