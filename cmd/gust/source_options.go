package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
	"gust/topology/load"
)

// sourceOptions are the flags that select a topology and say how to read it. Every command
// that reads a topology has them.
type sourceOptions struct {
	name        string
	environment string
	configFile  string
	python      string
	resources   string
	filter      string

	// given are the options of -o, -w, -a and -d, if the command has them. runs says that
	// the components' classes are going to be imported. Neither is a flag.
	given conf.Conf
	runs  bool
}

// AddFlags declares the flags.
func (o *sourceOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.name, "name", "n", "", "use the topology `NAME` (default: the project's only one)")
	flags.StringVarP(&o.environment, "environment", "e", "", "use environment `ENV` of config.json (default: the only one)")
	flags.StringVar(&o.configFile, "config", "", "read `FILE` as config.json, or use the project in that directory")
	flags.StringVar(&o.python, "python", "", "use the Python at `PATH`\n(default: the project's virtualenv, else python3)")
	flags.StringVar(&o.resources, "resources", "", "start a Flux or TOML topology's components in `DIR`")
	flags.StringVar(&o.filter, "filter", "", "substitute ${...} in a Flux topology from a properties `FILE`")
}

// request is the request for the topology at path, or for the project's if path is empty.
func (o *sourceOptions) request(c *cli, path string) load.Request {
	return load.Request{
		Path:        path,
		Name:        o.name,
		Environment: o.environment,
		ConfigFile:  o.configFile,
		Python:      o.python,
		Resources:   o.resources,
		Options:     o.given,
		Runs:        o.runs,
		Filter:      o.filter,
		Stderr:      c.stderr,
	}
}

// completeSource lets the shells complete the flags, and the topology's file.
func completeSource(cmd *cobra.Command) {
	complete(cmd, "name", func(config string) []string {
		names, _ := load.ProjectTopologies(load.Request{ConfigFile: config}) // there is nothing to complete
		return names
	})
	completeNames(cmd, "environment", (*conf.Project).EnvironmentNames)
	var extensions []string
	for _, extension := range load.Extensions {
		extensions = append(extensions, strings.TrimPrefix(extension, "."))
	}
	cmd.ValidArgsFunction = cobra.FixedCompletions(extensions, cobra.ShellCompDirectiveFilterFileExt)
}

// completeNames lets the shells complete a flag's value with names of the project, if there is
// one.
func completeNames(cmd *cobra.Command, flag string, names func(*conf.Project) []string) {
	complete(cmd, flag, func(config string) []string {
		project, err := conf.ReadProject(cmp.Or(config, "config.json"))
		if err != nil {
			return nil
		}
		return names(project)
	})
}

// complete lets the shells complete a flag's value with names, which depend on the value of
// --config.
func complete(cmd *cobra.Command, flag string, names func(config string) []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		config, _ := cmd.Flags().GetString("config") // "" if the command has no such flag
		return names(config), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the command has no such flag
	}
}

// oneTopology returns the argument of a command that takes one topology, or "" if there is
// none.
func oneTopology(cmd *cobra.Command, args []string) (path string, err error) {
	if len(args) > 1 {
		return "", wrongUsage(cmd, fmt.Errorf("too many arguments: want one topology, not %d: %s", len(args), strings.Join(args, " ")))
	}
	return strings.Join(args, ""), nil
}
