package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm/remote"
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
	v, err := o.remoteVirtualenv(cluster.Environment, name)
	if err != nil {
		return err
	}
	targets, err := cluster.Workers(ctx, nil, v.options)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("updating %s on %s", v.path, hostNames(targets))
	if o.overwrite {
		if err := c.Confirm(ctx, o.yes, fmt.Sprintf("deleting %s on %s, and creating it again", v.path, hostNames(targets))); err != nil {
			return err
		}
	} else {
		c.Say("%s", what)
	}
	began := time.Now()
	output := &hostOutput{w: c.stderr, many: true, safe: true}
	err = cluster.SSH.Each(ctx, targets, o.ssh.poolSize, func(ctx context.Context, m *remote.Machine) error {
		return v.update(ctx, m, output.of(m.Name))
	})
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, terminal.ErrInterrupted) {
			return errors.New("interrupted; pip may still be running on some machines")
		}
		return withRemedy(err)
	}
	c.Say("%s is ready on %s after %.1fs", v.path, terminal.Count(len(targets), "machine"), time.Since(began).Seconds())
	if !o.json {
		return nil
	}
	s := &sheet{key: "virtualenvs", columns: columns("host", "path")}
	for _, t := range targets {
		s.add(t.Host, v.path)
	}
	return c.print(true, s)
}

// remoteVirtualenv finds out what is to be made, before any machine is touched.
func (o *updateVirtualenvOptions) remoteVirtualenv(environment *conf.Environment, name string) (*remoteVirtualenv, error) {
	v := &remoteVirtualenv{overwrite: o.overwrite, options: environmentOptions(environment, o.options)}
	var err error
	if v.user, err = o.ssh.sudoUser(v.options); err != nil {
		return nil, err
	}
	if v.flags, err = v.options.String("virtualenv_flags", ""); err != nil {
		return nil, err
	}
	directory := name
	if o.overrideName != "" {
		directory = o.overrideName
	} else if environment.VirtualenvName != "" {
		directory = environment.VirtualenvName
	}
	root, err := v.options.String("virtualenv_root", environment.VirtualenvRoot)
	if err != nil {
		return nil, err
	}
	if v.path, err = virtualenvPath(root, directory); err != nil {
		return nil, fmt.Errorf("environment %q of config.json: %w", environment.Name, err)
	}
	files := o.requirements
	if len(files) == 0 {
		if files, err = o.listedRequirements(name); err != nil {
			return nil, err
		}
	}
	if v.requirements, err = readRequirements(files); err != nil {
		return nil, err
	}
	if !strings.Contains(v.requirements, "streamparse") {
		return nil, hint.With(fmt.Errorf("%s does not list streamparse", terminal.Listed(files)),
			"add a line `streamparse`: the workers of every topology need it")
	}
	return v, nil
}

// listedRequirements is the file of the project that is for the topology.
func (o *updateVirtualenvOptions) listedRequirements(name string) ([]string, error) {
	file := o.configFile
	if file == "" {
		file = "config.json"
	}
	project, err := conf.ReadProject(file)
	if err != nil {
		return nil, err
	}
	return requirementsFiles(specsFolder(project, "."), name)
}
