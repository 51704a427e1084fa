package load

import (
	"context"
	"fmt"
	"path/filepath"

	"gust/conf"
	"gust/internal/pyrun"
	"gust/topology"
)

// home is where the classes of streamparse's of a topology are at home.
type home struct {
	dir string // the project's, where an interpreter is looked for
	src string // where they run
	// serializer is what they speak unless they say otherwise, or "".
	serializer string
}

// finish makes a topology that was read runnable: its config gets the
// environment's under it, and its classes of streamparse, which have a Script
// and no Command yet, an interpreter. They run at home, unless the request says
// otherwise.
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

// runClasses gives the classes of streamparse their commands. An interpreter, and
// streamparse, must be there only where they are needed.
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
		if c.Command = []string{streamparseRun, c.Script}; python.path != "" {
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

// classDirs are the directory of the project that a file without one of its own
// belongs to, where an interpreter is looked for, and that of its classes, src.
// Without a project they are the file's directory, and src in it where there is one.
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

// ComponentDirs are where the components of a TOML file run that say nothing of
// it: its programs, and its classes of streamparse's.
func ComponentDirs(file string) (programs, classes string, err error) {
	if programs, err = (Request{}).componentDir(file); err != nil {
		return "", "", err
	}
	_, classes = classDirs(file)
	classes, err = filepath.Abs(classes)
	return programs, classes, err
}
