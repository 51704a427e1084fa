package load

import (
	"context"
	"fmt"
	"path/filepath"

	"gust/conf"
	"gust/internal/pyrun"
	"gust/topology"
)

// home is where a topology's streamparse classes run.
type home struct {
	dir string // the project's, in which an interpreter is searched
	src string // the classes' working directory
	// serializer is their default, or "".
	serializer string
}

// finish makes a loaded topology runnable: it merges the environment's config into the
// topology's, and gives streamparse classes, which have a Script and no Command yet, an
// interpreter. They run in home, unless the request has another directory.
func (l *Loaded) finish(ctx context.Context, r Request, t *topology.Topology, h home) error {
	l.Declared = t.Config
	environment := l.Environment
	if environment == nil {
		environment = &conf.Environment{}
	}
	t.Config = conf.Merge(environment.Conf(), t.Config)
	src := h.src
	if r.Resources != "" {
		src = r.inDir(r.Resources)
	}
	src, err := filepath.Abs(src)
	if err != nil {
		return err
	}
	for _, c := range t.Components {
		if c.Dir == "" {
			c.Dir = src
		}
	}
	if err := l.runClasses(ctx, r, t, h, environment); err != nil {
		return err
	}
	if err := settle(t); err != nil {
		return fmt.Errorf("%s: %w", t.Source, err)
	}
	l.Topology = t
	return nil
}

// runClasses sets the commands of streamparse classes. Only a topology that has some
// needs an interpreter and streamparse.
func (l *Loaded) runClasses(ctx context.Context, r Request, t *topology.Topology, h home, environment *conf.Environment) error {
	var classes []*topology.Component
	for _, c := range t.Components {
		if c.Script != "" && c.Command == nil {
			classes = append(classes, c)
		}
	}
	if len(classes) == 0 {
		return nil
	}
	python, err := findInterpreter(r, h.dir, t.Name, environment)
	if err != nil && (r.Runs || r.Python != "") {
		return err
	}
	l.Python = python.path
	for _, c := range classes {
		c.Script = withSerializer(c.Script, h.serializer)
		if c.Command = []string{topology.StreamparseRun, c.Script}; python.path != "" {
			c.Command = python.runCommand(c.Script)
		}
	}
	if r.Runs && !pyrun.Has(ctx, python.path, "streamparse") {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &NoStreamparseError{File: t.Source, Dir: h.dir, Python: python.path, Chosen: python.why, Hint: python.installHint(h.dir)}
	}
	return nil
}

// classDirs are two directories: of the project that the file belongs to, in which an
// interpreter is searched, and of its classes, src. Without a project, they are the
// file's directory, and src in it if that exists.
func classDirs(file string) (dir, src string) {
	if absolute, err := filepath.Abs(file); err == nil {
		if dir, found := projectAbove(absolute); found {
			return dir, filepath.Join(dir, "src")
		}
	}
	dir = filepath.Dir(file)
	if src = filepath.Join(dir, "src"); isDir(src) {
		return dir, src
	}
	return dir, dir
}

// ComponentDirs are the default working directories of a TOML file's components: of its
// programs, and of its streamparse classes.
func ComponentDirs(file string) (programs, classes string, err error) {
	if programs, err = (Request{}).componentDir(file); err != nil {
		return "", "", err
	}
	_, classes = classDirs(file)
	classes, err = filepath.Abs(classes)
	return programs, classes, err
}
