package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/terminal"
	"gust/project/requirements"
	"gust/project/virtualenv"
)

const envLong = `Create or update the project's .venv from the files in virtualenvs/ or, if there is no
virtualenvs/, from requirements.txt. It uses uv if that is installed, else Python's
own venv and pip. All %[1]s commands use .venv automatically.

Without -n it installs every file in virtualenvs/, so that all topologies of the
project can run; with -n NAME only virtualenvs/NAME.txt.

"%[1]s run" offers to do this if it finds no streamparse.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// envOptions are the flags of `env`.
type envOptions struct {
	name         string
	requirements []string
	configFile   string
	python       string
	clear        bool
	upgrade      bool
	json         bool
}

// AddFlags declares the flags.
func (o *envOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.name, "name", "n", "", "install only for the topology `NAME`")
	flags.StringArrayVarP(&o.requirements, "requirements", "r", nil, "install from `FILE` instead of virtualenvs/ (repeatable)")
	flags.StringVar(&o.configFile, "config", "", "read `FILE` as the project's config.json")
	flags.StringVar(&o.python, "python", "", "create .venv with the Python at `PATH` (default: python3)")
	flags.BoolVar(&o.clear, "clear", false, "recreate .venv if it exists")
	flags.BoolVarP(&o.upgrade, "upgrade", "U", false, "upgrade to the newest versions that the files allow")
	flags.BoolVar(&o.json, "json", false, "print the result as one JSON object")
}

func newEnvCommand(c *cli) *cobra.Command {
	var o envOptions
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Create or update the project's .venv",
		Long:  fmt.Sprintf(envLong, c.name),
		Example: fmt.Sprintf(`  %[1]s env
  %[1]s env --clear --python python3.12
  %[1]s env -r virtualenvs/wordcount.txt -r tests/requirements.txt`, c.name),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runEnv(cmd.Context(), c, &o) },
	}
	o.AddFlags(cmd.Flags())
	completeNames(cmd, "name", func(p *conf.Project) []string { return requirements.Names(requirements.Folder(p, ".")) })
	return cmd
}

// runEnv makes the environment of the project in this directory.
func runEnv(ctx context.Context, c *cli, o *envOptions) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	project := &virtualenv.Project{Dir: ".", Requirements: o.requirements}
	if len(o.requirements) == 0 {
		var err error
		if project, err = virtualenv.OfProject(".", o.configFile, o.name); err != nil {
			return err
		}
	}
	made, err := project.Make(ctx, virtualenv.Options{Python: o.python, Clear: o.clear, Upgrade: o.upgrade}, c)
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted before .venv was ready; run the command again to continue")
		}
		return err
	}
	if o.json {
		return c.writeJSON(struct {
			Dir          string   `json:"dir"`
			Python       string   `json:"python"`
			Tool         string   `json:"tool"`
			Made         bool     `json:"made"`
			Requirements []string `json:"requirements"`
		}{made.Dir, made.Python, made.Tool, made.Made, append([]string{}, project.Requirements...)})
	}
	if active := os.Getenv("VIRTUAL_ENV"); active != "" && active != made.Dir {
		c.Warn(fmt.Sprintf("the active virtualenv %s takes precedence over .venv: `deactivate` it", active))
	}
	return nil
}
