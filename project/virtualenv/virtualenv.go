// Package virtualenv makes and updates the Python environment of a project, with uv if it
// is installed, else with Python's own venv and pip.
package virtualenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gust/internal/pyrun"
)

// Options configure an environment.
type Options struct {
	// Dir is the environment's directory, such as ".venv". It is created if it does not
	// exist.
	Dir string
	// Requirements are pip's requirements files to install.
	Requirements []string
	// Packages are installed in addition, by their names.
	Packages []string
	// Python is the interpreter for a new environment, a path or a name on PATH; empty is
	// python3. An existing environment keeps its own.
	Python string
	// Clear makes the environment new although it exists.
	Clear bool
	// Upgrade installs the newest versions that the requirements allow.
	Upgrade bool
	// Step is called before each step, with its description. It may be nil.
	Step func(text string)
	// Output gets the output of the tools. It may be nil.
	Output io.Writer
}

// Environment is an environment that is ready.
type Environment struct {
	Dir    string // absolute
	Python string // its interpreter, absolute
	Tool   string // what filled it: "uv" or "pip"
	Made   bool   // it is new
}

// Make makes the environment, or updates an existing one. If a tool fails, the error is a
// [*ToolError].
func Make(ctx context.Context, o Options) (*Environment, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	m := maker{Options: o, env: &Environment{Dir: dir, Python: pyrun.OfVirtualenv(dir), Tool: "pip"}}
	if uv, err := exec.LookPath("uv"); err == nil {
		m.uv, m.env.Tool = uv, "uv"
	}
	if err := m.prepare(); err != nil {
		return nil, err
	}
	if m.env.Made {
		if err := m.create(ctx); err != nil {
			return nil, err
		}
	}
	return m.env, m.install(ctx)
}

// maker is one call of [Make].
type maker struct {
	Options
	uv  string // its path, or empty
	env *Environment
}

// prepare decides whether to make the environment. It removes an old environment that is
// not wanted any more, or whose interpreter is gone, for example after an upgrade of the
// system's Python.
func (m *maker) prepare() error {
	if _, err := os.Stat(m.env.Dir); errors.Is(err, fs.ErrNotExist) {
		m.env.Made = true
		return nil
	}
	if _, err := os.Stat(filepath.Join(m.env.Dir, "pyvenv.cfg")); err != nil {
		return fmt.Errorf("%s exists, but is not a virtualenv: move it away", m.Dir)
	}
	if _, err := os.Stat(m.env.Python); err == nil && !m.Clear {
		return nil
	}
	m.env.Made = true
	m.step("removing the old " + m.Dir)
	return os.RemoveAll(m.env.Dir)
}

// create makes an empty environment.
func (m *maker) create(ctx context.Context) error {
	python, err := m.interpreter()
	if err != nil {
		return err
	}
	if m.uv != "" {
		m.step("making " + m.Dir + " with uv")
		args := []string{"venv", "--quiet"}
		if python != "" {
			args = append(args, "--python", python)
		}
		return m.run(ctx, m.uv, append(args, m.env.Dir)...)
	}
	m.step("making " + m.Dir + " with " + python)
	return m.run(ctx, python, "-I", "-m", "venv", m.env.Dir)
}

// interpreter finds the Python for a new environment. It may be empty for uv, which can
// download one.
func (m *maker) interpreter() (string, error) {
	if m.Python != "" {
		path, err := exec.LookPath(m.Python)
		if err != nil {
			return "", fmt.Errorf("no Python %s: give --python the path of an interpreter", m.Python)
		}
		return path, nil
	}
	if path, ok := pyrun.OnPath(); ok {
		return path, nil
	}
	if m.uv != "" {
		return "", nil
	}
	return "", errors.New("no python3 on PATH: install Python 3, or uv")
}

// install installs the packages.
func (m *maker) install(ctx context.Context) error {
	var args []string
	for _, file := range m.Requirements {
		args = append(args, "-r", file)
	}
	args = append(args, m.Packages...)
	if len(args) == 0 {
		return nil
	}
	if m.Upgrade {
		args = append([]string{"--upgrade"}, args...)
	}
	m.step(fmt.Sprintf("installing %s with %s", strings.Join(append(m.Requirements, m.Packages...), ", "), m.env.Tool))
	if m.uv != "" {
		return m.run(ctx, m.uv, append([]string{"pip", "install", "--python", m.env.Python}, args...)...)
	}
	if !pyrun.Has(ctx, m.env.Python, "pip") { // uv made it, and is not installed any more
		if err := m.run(ctx, m.env.Python, "-I", "-m", "ensurepip"); err != nil {
			return err
		}
	}
	// With -I, the project's own token.py or logging.py does not disturb pip.
	pip := []string{"-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"}
	return m.run(ctx, m.env.Python, append(pip, args...)...)
}

func (m *maker) step(text string) {
	if m.Step != nil {
		m.Step(text)
	}
}
