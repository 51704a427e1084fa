package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gust/topology"
)

// interpreters are the programs whose first argument, unless it is an option,
// is a script.
var interpreters = []string{"bash", "bun", "deno", "lua", "node", "perl", "php", "python", "python2", "python3", "Rscript", "ruby", "sh"}

// commands checks that the components' programs are there, and their scripts.
func (l *linter) commands() {
	l.problems(RuleCommand, l.topology.CheckCommands())
	for _, c := range l.topology.Components {
		if script := scriptOf(c); script != "" {
			if _, err := os.Stat(script); err != nil {
				l.add(Finding{
					Severity: Error, Rule: RuleCommand, Component: c.Name,
					Text: fmt.Sprintf("%s runs %s, but there is no %s", quoted(c), strings.Join(c.Command, " "), script),
					Hint: "a component's paths are relative to its working directory, " + c.Dir,
				})
			}
		}
	}
}

// scriptOf is the path of the script that a component's interpreter is given,
// or "" where it cannot be told.
func scriptOf(c *topology.Component) string {
	if len(c.Command) < 2 || !slices.Contains(interpreters, filepath.Base(c.Command[0])) {
		return ""
	}
	script := c.Command[1]
	if strings.HasPrefix(script, "-") || script == "run" { // `deno run x.ts`
		return ""
	}
	if filepath.IsAbs(script) {
		return script
	}
	return filepath.Join(c.Dir, script)
}
