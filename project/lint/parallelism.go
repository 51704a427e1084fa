package lint

import (
	"fmt"
	"slices"
	"strings"

	"gust/conf"
	"gust/topology"
)

// parallelism looks for useless tasks.
func (l *linter) parallelism() {
	most, err := l.conf.Int(conf.TopologyMaxTaskParallelism, 0)
	if err != nil {
		most = 0 // l.keys reports it
	}
	tasks, capped := l.topology.AssignTasks(0, most)
	l.report.Tasks = len(tasks)
	for _, name := range capped {
		if c := l.topology.Component(name); c != nil {
			l.add(Finding{
				Severity: Warning, Rule: RuleParallelism, Component: name,
				Text: fmt.Sprintf("%s asks for %d tasks, and %s allows %d", quoted(c), c.NumTasks(), conf.TopologyMaxTaskParallelism, len(tasks.Of(name))),
			})
		}
	}
	for _, c := range l.topology.Components {
		if n := len(tasks.Of(c.Name)); n > 1 && alwaysGlobal(c) {
			l.add(Finding{
				Severity: Warning, Rule: RuleParallelism, Component: c.Name,
				Text: fmt.Sprintf("%s has %d tasks, but a global grouping sends all tuples to the first: %d would never get one", quoted(c), n, n-1),
			})
		}
	}
	l.limits(len(tasks))
}

// alwaysGlobal reports whether all of a bolt's inputs have a global grouping.
func alwaysGlobal(c *topology.Component) bool {
	return len(c.Inputs) > 0 && !slices.ContainsFunc(c.Inputs, func(in topology.Input) bool {
		return in.Grouping.Type != topology.Global
	})
}

// filesPerTask are a process's three pipes, and one to spare.
const filesPerTask = 4

// limits compares the tasks with this machine's limits.
func (l *linter) limits(tasks int) {
	var beyond []string
	if files, ok := openFilesLimit(); ok && uint64(tasks*filesPerTask) > files {
		beyond = append(beyond, fmt.Sprintf("open files, of which they need about %d and may have %d (ulimit -n)", tasks*filesPerTask, files))
	}
	if processes, ok := processesLimit(); ok && uint64(tasks) > processes {
		beyond = append(beyond, fmt.Sprintf("processes, of which you may have %d (ulimit -u)", processes))
	}
	if len(beyond) > 0 {
		l.add(Finding{
			Severity: Error, Rule: RuleParallelism,
			Text: fmt.Sprintf("topology %q has %d tasks, each a process, which is above this machine's limit of %s",
				l.topology.Name, tasks, strings.Join(beyond, ", and of ")),
			Hint: "raise the limit, or lower the parallelism",
		})
	}
}
