package virtualenv

import (
	"context"
	"fmt"
	"path/filepath"

	"gust/internal/pyrun"
)

// Repair makes the environment of a project whose topology could not be loaded because
// packages are missing.
type Repair struct {
	// Python is the interpreter that the user names, or empty. It is not repaired.
	Python string
	// ConfigFile overrides the project's config.json if it is not empty.
	ConfigFile string
	// Agree asks whether the environment may be made; it is the answer if the user does
	// not have to be asked.
	Agree func(ctx context.Context, question string) (bool, error)
	Voice Voice
}

// Run checks whether packages were missing, and offers to make the project's environment.
// It returns the interpreter to retry with. If there is nothing to offer, or the user
// declines, it returns the error, with the remedy as its hint.
func (r Repair) Run(ctx context.Context, failed error) (python string, _ error) {
	missing, ok := missingPackages(failed)
	if !ok {
		return "", failed
	}
	if r.Python != "" {
		return "", missing.inPython(r.Python, failed)
	}
	project, err := OfProject(missing.dir, r.ConfigFile, "")
	if err != nil {
		return "", failed
	}
	// An active virtualenv takes precedence over .venv, so that .venv may be what is
	// wanted, and only not looked at.
	own := pyrun.OfVirtualenv(project.Path())
	if own, err = filepath.Abs(own); err == nil && own != missing.python && pyrun.Has(ctx, own, missing.module) {
		r.Voice.Warn(fmt.Sprintf("%s has no %s: using the project's .venv", missing.python, missing.module))
		return own, nil
	}
	agreed, err := r.Agree(ctx, question(project, missing))
	if err != nil {
		return "", err
	}
	if !agreed {
		return "", missing.withHint(project, failed)
	}
	made, err := project.Make(ctx, Options{}, r.Voice)
	if err != nil {
		return "", err
	}
	return made.Python, nil
}

// question asks whether the project's environment may be made.
func question(p *Project, m missing) string {
	return fmt.Sprintf("this project has no Python with %s.\nCreate %s from %s now?", m.module, p.Path(), p.Sources())
}
