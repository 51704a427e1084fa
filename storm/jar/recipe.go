package jar

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"gust/conf"
	"gust/internal/hint"
	"gust/project/requirements"
	"gust/topology/load"
)

// Recipe is the content of a project's jar.
type Recipe struct {
	Dir       string // the project's
	Resources string // what the components run in
	// Add are jars whose classes are added.
	Add []string
	// Bundle puts the project's Python packages into the jar: those in Requirements or,
	// by default, those of the topology Name, as its file names it. The other fields,
	// including Fresh, are as in the type Bundle.
	Bundle        bool
	Requirements  []string
	Name          string
	Platform      string
	PythonVersion string
	Fresh         bool
	// Project and Environment are config.json's, or nil.
	Project     *conf.Project
	Environment *conf.Environment
	// Python is the interpreter that the user names, or empty.
	Python string
	// Step, which may be nil, gets the description of each step that takes a while.
	Step func(text string)
}

// Make makes the jar.
func (r Recipe) Make(ctx context.Context) (*Jar, error) {
	ignore, err := ReadIgnore(r.Dir, r.Resources)
	if err != nil {
		return nil, err
	}
	j := New()
	root := r.Dir
	if !within(root, r.Resources) {
		root = r.Resources
	}
	if err := j.AddTree(Resources, r.Resources, root, ignore); err != nil {
		return nil, err
	}
	for _, file := range r.Add {
		if err := j.Merge(file); err != nil {
			return nil, err
		}
	}
	if !r.Bundle {
		return j, nil
	}
	return j, r.addBundle(ctx, j)
}

// addBundle puts the project's packages into a jar.
func (r Recipe) addBundle(ctx context.Context, j *Jar) error {
	files, err := r.requirements()
	if err != nil {
		return err
	}
	python, err := load.Python(load.Request{Dir: r.Dir, Name: r.Name, Python: r.Python}, r.Environment)
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return fmt.Errorf("cannot find a cache directory for the packages: %w", err)
	}
	if r.Step != nil {
		r.Step(fmt.Sprintf("installing the packages of %s ...", files[0]))
	}
	return j.AddBundle(ctx, Bundle{
		Python: python, Requirements: files, Platform: r.Platform, PythonVersion: r.PythonVersion,
		Cache: filepath.Join(cache, "gust", "bundles"), Fresh: r.Fresh,
	})
}

// requirements are the files that the user names, or else the topology's own. If a
// project has one topology, its name is not needed.
func (r Recipe) requirements() ([]string, error) {
	if len(r.Requirements) > 0 {
		return r.Requirements, nil
	}
	folder := filepath.Join(r.Dir, "virtualenvs")
	if r.Project != nil {
		folder = requirements.Folder(r.Project, r.Dir)
	}
	files, err := requirements.Of(folder, r.Name)
	switch {
	case err != nil:
		return nil, hint.With(fmt.Errorf("no file %s, which must list the packages to bundle", filepath.Join(folder, r.Name+".txt")),
			"create it, or name another one with -r FILE")
	case len(files) != 1:
		return nil, hint.With(fmt.Errorf("cannot tell which packages to bundle: %s does not contain exactly one file", folder),
			"use -n NAME for NAME.txt, or -r FILE")
	}
	return files, nil
}

// within reports whether a path lies in a folder.
func within(folder, path string) bool {
	folder, errFolder := filepath.Abs(folder)
	path, errPath := filepath.Abs(path)
	if errFolder != nil || errPath != nil {
		return false
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}
