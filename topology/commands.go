package topology

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// CheckCommands finds each component's program on this machine, as the
// operating system would when it starts it, and returns nil or [Problems] that
// say what was looked for and where. Java components have no program.
func (t *Topology) CheckCommands() error {
	var problems Problems
	for _, c := range t.Components {
		if c.Java != "" {
			continue
		}
		if err := c.checkCommand(); err != nil {
			text := fmt.Sprintf("%s %q %s", c.Kind, c.Name, err)
			problems = append(problems, Problem{Component: c.Name, Text: text})
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return problems
}

// checkCommand says what keeps the component's program from starting.
func (c *Component) checkCommand() error {
	if len(c.Command) == 0 || c.Command[0] == "" {
		return errors.New("has no command")
	}
	if c.Dir != "" {
		switch info, err := os.Stat(c.Dir); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("runs in %s, but there is no such directory", c.Dir)
		case err != nil:
			return fmt.Errorf("runs in %s, which cannot be read: %w", c.Dir, err)
		case !info.IsDir():
			return fmt.Errorf("runs in %s, but that is not a directory", c.Dir)
		}
	}
	program := c.Command[0]
	if strings.ContainsRune(program, os.PathSeparator) {
		return c.checkFile(program)
	}
	return c.searchPath(program)
}

// checkFile checks a program that is named by its path.
func (c *Component) checkFile(program string) error {
	file := c.resolve(program)
	switch err := executable(file); {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("runs %q, but there is no %s", program, file)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("runs %q, but %s is not executable: chmod +x %s", program, file, file)
	default:
		return fmt.Errorf("runs %q, but %w", program, err)
	}
}

// searchPath looks for a program as execvp does: in the PATH of the
// component's environment, else of gust's own.
func (c *Component) searchPath(program string) error {
	path, ok := c.Env["PATH"]
	if !ok {
		path = os.Getenv("PATH")
	}
	for _, dir := range filepath.SplitList(path) {
		if executable(filepath.Join(c.resolve(dir), program)) == nil {
			return nil
		}
	}
	if strings.ContainsAny(program, " \t") {
		return fmt.Errorf("runs %q, which is not on PATH: give the program and its arguments as words of their own", program)
	}
	return fmt.Errorf("runs %q, which is not on PATH (%s): install it, or name it by its path", program, path)
}

// resolve is a path as the component's process sees it.
func (c *Component) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.Dir, path)
}

// executable is nil where the file is a program, else why it is none.
func executable(file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory", file)
	case info.Mode().Perm()&0o111 == 0:
		return fs.ErrPermission
	}
	return nil
}
