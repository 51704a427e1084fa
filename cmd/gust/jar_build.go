package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/hint"
	"gust/storm/jar"
	"gust/topology/load"
)

// jarOptions are the flags that say what goes into a jar.
type jarOptions struct {
	add           []string
	bundle        bool
	requirements  []string
	platform      string
	pythonVersion string
	fresh         bool
}

// AddFlags declares the flags.
func (o *jarOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&o.add, "add", nil, "add the Java classes of the jar `FILE` (repeatable)")
	flags.BoolVar(&o.bundle, "bundle", false, "put the Python packages into the jar; workers need only Python")
	flags.StringArrayVarP(&o.requirements, "requirements", "r", nil,
		"bundle the packages of the requirements `FILE` (repeatable)\n(default: NAME.txt in virtualenv_specs)")
	flags.StringVar(&o.platform, "platform", "", "bundle for pip's `PLATFORM`, such as manylinux2014_x86_64\n(default: this machine's)")
	flags.StringVar(&o.pythonVersion, "python-version", "", "bundle for Python `X.Y` (default: the project's Python)")
	flags.BoolVar(&o.fresh, "overwrite_virtualenv", false, "reinstall the bundle's packages even if the cached ones match")
}

// pythonVersion is a release of Python as the workers will know theirs.
var pythonVersion = regexp.MustCompile(`^\d+\.\d+$`)

// check finds flags that mean nothing, alone or at all.
func (o *jarOptions) check() error {
	if !o.bundle && (o.platform != "" || o.pythonVersion != "") {
		return errors.New("--platform and --python-version need --bundle")
	}
	if o.pythonVersion != "" && !pythonVersion.MatchString(o.pythonVersion) {
		return fmt.Errorf("--python-version must be X.Y, such as 3.11, not %q", o.pythonVersion)
	}
	return nil
}

// jarSource is what a jar is made of.
type jarSource struct {
	dir       string // the project's
	resources string // what the components run in
	// name is the topology's as its file says it, which its requirements have, too.
	name        string
	project     *conf.Project
	environment *conf.Environment
	// python is the interpreter that the command line names, or empty.
	python string
}

// build gathers a jar.
func (o *jarOptions) build(ctx context.Context, c *cli, s jarSource) (*jar.Jar, error) {
	ignore, err := jar.ReadIgnore(s.dir, s.resources)
	if err != nil {
		return nil, err
	}
	j := jar.New()
	root := s.dir
	if !within(root, s.resources) {
		root = s.resources
	}
	if err := j.AddTree(jar.Resources, s.resources, root, ignore); err != nil {
		return nil, err
	}
	for _, file := range o.add {
		if err := j.Merge(file); err != nil {
			return nil, err
		}
	}
	if !o.bundle {
		return j, nil
	}
	return j, o.addBundle(ctx, c, j, s)
}

// addBundle puts the project's packages into a jar.
func (o *jarOptions) addBundle(ctx context.Context, c *cli, j *jar.Jar, s jarSource) error {
	requirements, err := o.requirementsOf(s)
	if err != nil {
		return err
	}
	python, err := load.Python(load.Request{Dir: s.dir, Name: s.name, Python: s.python}, s.environment)
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return fmt.Errorf("cannot find a cache directory for the packages: %w", err)
	}
	c.Show("installing the packages of %s ...", requirements[0])
	defer c.Clear()
	return j.AddBundle(ctx, jar.Bundle{
		Python: python, Requirements: requirements, Platform: o.platform, PythonVersion: o.pythonVersion,
		Cache: filepath.Join(cache, "gust", "bundles"), Fresh: o.fresh,
	})
}

// requirementsOf are the requirements that the flags name, else the topology's own.
func (o *jarOptions) requirementsOf(s jarSource) ([]string, error) {
	if len(o.requirements) > 0 {
		return o.requirements, nil
	}
	specs := filepath.Join(s.dir, "virtualenvs")
	if s.project != nil {
		specs = specsFolder(s.project, s.dir)
	}
	file := filepath.Join(specs, s.name+".txt")
	if _, err := os.Stat(file); s.name != "" && err == nil {
		return []string{file}, nil
	}
	// The requirements of a project with one topology need no name to be found.
	if found, err := filepath.Glob(filepath.Join(specs, "*.txt")); s.name == "" && err == nil && len(found) == 1 {
		return found, nil
	}
	if s.name == "" {
		return nil, hint.With(fmt.Errorf("cannot tell which packages to bundle: %s does not contain exactly one file", specs),
			"use -n NAME for NAME.txt, or -r FILE")
	}
	return nil, hint.With(fmt.Errorf("no file %s, which must list the packages to bundle", file),
		"create it, or name another one with -r FILE")
}

// within tells whether a path lies in a folder.
func within(folder, path string) bool {
	folder, errFolder := filepath.Abs(folder)
	path, errPath := filepath.Abs(path)
	if errFolder != nil || errPath != nil {
		return false
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}
