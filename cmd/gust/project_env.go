package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/pyrun"
	"gust/internal/terminal"
	"gust/project/requirements"
	"gust/project/virtualenv"
)

// venvName is the directory of a project's own environment, where load looks for it.
const venvName = ".venv"

// projectEnv is the Python environment that a project wants.
type projectEnv struct {
	dir          string // the project's
	requirements []string
	options      *envOptions
}

// findProjectEnv finds out what the project in dir wants installed: what
// virtualenvs/ lists or, where there is no such directory, requirements.txt.
func findProjectEnv(dir string, o *envOptions) (*projectEnv, error) {
	p := &projectEnv{dir: dir, requirements: o.requirements, options: o}
	if len(p.requirements) > 0 {
		return p, nil
	}
	file := o.configFile
	if file == "" {
		file = filepath.Join(dir, "config.json")
		if _, err := os.Stat(file); err != nil {
			return nil, hint.With(fmt.Errorf("cannot determine what to install: %w", err),
				"run this in a streamparse project's directory, or name a requirements file with -r")
		}
	}
	project, err := conf.ReadProject(file)
	if err != nil {
		return nil, err
	}
	specs := requirements.Folder(project, dir)
	p.requirements, err = requirements.Of(specs, o.name)
	if root := filepath.Join(dir, "requirements.txt"); !isThere(specs) && isThere(root) {
		return &projectEnv{dir: dir, requirements: []string{root}, options: o}, nil
	}
	return p, err
}

// isThere says whether there is such a file or directory.
func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// sources says what the environment is made from.
func (p *projectEnv) sources() string {
	if len(p.requirements) == 0 {
		return "the package streamparse"
	}
	return terminal.Listed(p.requirements)
}

// make makes the environment, or updates it, and tells of it on stderr.
func (p *projectEnv) make(ctx context.Context, c *cli) (*virtualenv.Environment, error) {
	began := time.Now()
	var packages []string
	if len(p.requirements) == 0 {
		packages = []string{"streamparse"}
	}
	made, err := virtualenv.Make(ctx, virtualenv.Options{
		Dir:          filepath.Join(p.dir, venvName),
		Requirements: p.requirements,
		Packages:     packages,
		Python:       p.options.python,
		Clear:        p.options.clear,
		Upgrade:      p.options.upgrade,
		Step:         c.Step,
		Output:       c.Output(),
	})
	c.Clear()
	if err != nil {
		return nil, err
	}
	if !pyrun.Has(ctx, made.Python, "streamparse") && ctx.Err() == nil {
		c.Warn(fmt.Sprintf("streamparse was not installed: add it to %s", p.sources()))
	}
	c.Say("%s is ready after %.1fs", filepath.Join(p.dir, venvName), time.Since(began).Seconds())
	return made, nil
}
