package lint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gust/conf"
	"gust/shell"
	"gust/topology"
)

// interpreters are the programs whose first argument, unless it is an option,
// is a script.
var interpreters = []string{"bash", "bun", "deno", "lua", "node", "perl", "php", "python", "python2", "python3", "Rscript", "ruby", "sh"}

// Commands finds each component's program as its process will, with the PATH of
// topology.environment and the component. It returns nil, or [topology.Problems] with
// what it looked for and where. c is the topology's conf. Java components have no
// program.
func Commands(t *topology.Topology, c conf.Conf) error {
	var problems topology.Problems
	for _, comp := range t.Components {
		if comp.Java != "" {
			continue
		}
		spec, err := shell.NewSpec(comp, c)
		if err != nil {
			continue // another rule reports an invalid value in the conf
		}
		if _, err := spec.Program(); err != nil {
			problems = append(problems, topology.Problem{Component: comp.Name, Text: quoted(comp) + " " + whyNot(comp, err)})
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return problems
}

// whyNot is why a component's program cannot run, for example because it does not exist.
func whyNot(c *topology.Component, err error) string {
	if errors.Is(err, shell.ErrNoProgram) {
		return "has no command"
	}
	program := c.Command[0]
	if missing, ok := errors.AsType[*shell.NotFoundError](err); ok {
		switch {
		case missing.Dirs == nil:
			return fmt.Sprintf("runs %q, but %s does not exist", program, absolute(missing.Dir, program))
		case strings.ContainsAny(program, " \t"):
			return fmt.Sprintf("runs %q, which is not on PATH: write the program and its arguments as separate words", program)
		}
		return fmt.Sprintf("runs %q, which is not on PATH (%s): install it, or name it by its path",
			program, strings.Join(missing.Dirs, string(filepath.ListSeparator)))
	}
	path, ok := errors.AsType[*fs.PathError](err)
	switch {
	case !ok:
		return fmt.Sprintf("runs %q, but %v", program, err)
	case path.Op == "chdir" && errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("runs in %s, but that directory does not exist", c.Dir)
	case path.Op == "chdir":
		return fmt.Sprintf("runs in %s, but that is %v", c.Dir, path.Err)
	case errors.Is(err, fs.ErrPermission):
		if info, err := os.Stat(path.Path); err == nil && info.IsDir() {
			return fmt.Sprintf("runs %q, but %s is a directory", program, path.Path)
		}
		return fmt.Sprintf("runs %q, but %s is not executable: chmod +x %s", program, path.Path, path.Path)
	}
	return fmt.Sprintf("runs %q, but %v", program, err)
}

// commands checks that the components' programs are there, and their scripts.
func (l *linter) commands() {
	l.problems(RuleCommand, Commands(l.topology, l.conf))
	for _, c := range l.topology.Components {
		if script := scriptOf(c); script != "" {
			if _, err := os.Stat(script); err != nil {
				l.add(Finding{
					Severity: Error, Rule: RuleCommand, Component: c.Name,
					Text: fmt.Sprintf("%s runs %s, but %s does not exist", quoted(c), strings.Join(c.Command, " "), script),
					Hint: "a component's paths are relative to its working directory, " + c.Dir,
				})
			}
		}
	}
}

// scriptOf is the path of the script for a component's interpreter, or "" if it is
// unknown.
func scriptOf(c *topology.Component) string {
	if len(c.Command) < 2 || !slices.Contains(interpreters, filepath.Base(c.Command[0])) {
		return ""
	}
	script := c.Command[1]
	if strings.HasPrefix(script, "-") || script == "run" { // `deno run x.ts`
		return ""
	}
	return absolute(c.Dir, script)
}

// absolute is a path as a process sees it that works in dir.
func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
