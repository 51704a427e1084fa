package virtualenv

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/pyrun"
	"gust/internal/terminal"
	"gust/project/requirements"
)

// Name is the directory of a project's own environment, in which package load looks for
// it.
const Name = ".venv"

// Project is a project, and what it wants installed in its environment.
type Project struct {
	Dir string
	// Requirements are pip's requirements files. If there are none, only streamparse is
	// installed.
	Requirements []string
}

// OfProject finds out what the project in dir wants installed: what virtualenvs/ lists
// or, if there is no such directory, requirements.txt. The config.json may be another
// file; the name is that of a topology, or empty for all.
func OfProject(dir, configFile, name string) (*Project, error) {
	if configFile == "" {
		configFile = filepath.Join(dir, "config.json")
		if _, err := os.Stat(configFile); err != nil {
			return nil, hint.With(fmt.Errorf("cannot determine what to install: %w", err),
				"run this in a streamparse project's directory, or name a requirements file with -r")
		}
	}
	project, err := conf.ReadProject(configFile)
	if err != nil {
		return nil, err
	}
	specs := requirements.Folder(project, dir)
	files, err := requirements.Of(specs, name)
	if root := filepath.Join(dir, "requirements.txt"); !exists(specs) && exists(root) {
		files, err = []string{root}, nil
	}
	return &Project{Dir: dir, Requirements: files}, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Path is the directory of the project's environment.
func (p *Project) Path() string { return filepath.Join(p.Dir, Name) }

// Sources names what the environment is made from.
func (p *Project) Sources() string {
	if len(p.Requirements) == 0 {
		return "the package streamparse"
	}
	return terminal.Listed(p.Requirements)
}

// Voice reports progress. The tools' output goes to its output.
type Voice interface {
	Say(format string, args ...any)
	Warn(text string)
	Step(text string)
	Output() io.Writer
	Clear()
}

// Make makes the project's environment, or updates it. The options say how.
func (p *Project) Make(ctx context.Context, o Options, voice Voice) (*Environment, error) {
	began := time.Now()
	o.Dir, o.Requirements, o.Step, o.Output = p.Path(), p.Requirements, voice.Step, voice.Output()
	if len(p.Requirements) == 0 {
		o.Packages = []string{"streamparse"}
	}
	made, err := Make(ctx, o)
	voice.Clear()
	if err != nil {
		return nil, err
	}
	if !pyrun.Has(ctx, made.Python, "streamparse") && ctx.Err() == nil {
		voice.Warn(fmt.Sprintf("streamparse was not installed: add it to %s", p.Sources()))
	}
	voice.Say("%s is ready after %.1fs", p.Path(), time.Since(began).Seconds())
	return made, nil
}
