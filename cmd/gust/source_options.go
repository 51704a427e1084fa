package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/topology/load"
)

// sourceOptions are the flags that say which topology is meant, and how to read
// it. Every command that reads a topology has them.
type sourceOptions struct {
	name        string
	environment string
	configFile  string
	python      string
	resources   string
	filter      string
}

// AddFlags declares the flags.
func (o *sourceOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.name, "name", "n", "", "`NAME` of the topology (default: the project's only one)")
	flags.StringVarP(&o.environment, "environment", "e", "", "take this `ENV` of config.json (default: the only one)")
	flags.StringVar(&o.configFile, "config", "", "read `FILE` as the project's config.json")
	flags.StringVar(&o.python, "python", "", "`PATH` of the project's Python (default: its virtualenv, else python3)")
	flags.StringVar(&o.resources, "resources", "", "start a Flux or TOML topology's components in `DIR`")
	flags.StringVar(&o.filter, "filter", "", "take the ${...} of a Flux topology from this properties `FILE`")
}

// request asks for the topology at path, or for the project's where path is empty.
func (o *sourceOptions) request(c *cli, path string) load.Request {
	return load.Request{
		Path:        path,
		Name:        o.name,
		Environment: o.environment,
		ConfigFile:  o.configFile,
		Python:      o.python,
		Resources:   o.resources,
		Filter:      o.filter,
		Stderr:      c.stderr,
	}
}

// oneTopology returns the only argument of a command that takes one topology at most.
func oneTopology(cmd *cobra.Command, args []string) (path string, err error) {
	if len(args) > 1 {
		return "", wrongUsage(cmd, fmt.Errorf("one topology can be read, not %d: %s", len(args), strings.Join(args, " ")))
	}
	return strings.Join(args, ""), nil
}
