package lint

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"gust/conf"
	"gust/topology"
	"gust/topology/load"
)

// Severity is how certain a finding is to do harm.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// The rules, as findings name them.
const (
	RuleLoad        = "load"        // the topology can be read
	RuleTopology    = "topology"    // the graph is sound, see [topology.Topology.Validate]
	RuleJava        = "java"        // no component needs a JVM
	RuleCommand     = "command"     // the components' programs are there
	RuleImport      = "import"      // the components' classes can be imported, in the project's interpreter
	RuleMethod      = "method"      // components call only methods that they have
	RuleEmit        = "emit"        // literal emits agree with the declared streams
	RuleKey         = "key"         // keys of the configuration are Storm's, and their values valid
	RuleParallelism = "parallelism" // no task is useless
)

// Finding is one thing that is wrong.
type Finding struct {
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule"`
	// Component is the component's name, empty for a finding about the topology.
	Component string `json:"component,omitempty"`
	// File and Line are the place: in the component's source, if that is known, else in
	// the topology's. Line 0 is the whole file.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Text is a sentence that names the component. It may have more lines: a traceback.
	Text string `json:"text"`
	// Hint is the remedy, if the text does not have it.
	Hint string `json:"hint,omitempty"`
}

// Report is the result of a lint.
type Report struct {
	Topology   string    `json:"topology"`
	Source     string    `json:"source"`
	Components int       `json:"components"`
	Tasks      int       `json:"tasks"`
	Findings   []Finding `json:"findings"` // never nil
}

// Count is the number of findings of a severity.
func (r *Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Run lints a loaded topology, with options that override its configuration. It starts
// only the project's interpreter, to import the components' classes. The findings are in
// the order of the topology's components. The error is ctx's.
func Run(ctx context.Context, loaded *load.Loaded, options conf.Conf) (*Report, error) {
	t := loaded.Topology
	l := &linter{topology: t, conf: conf.Merge(conf.Defaults(), t.Config, options)}
	l.report = &Report{Topology: t.Name, Source: t.Source, Components: len(t.Components), Findings: []Finding{}}

	l.validation()
	l.java()
	l.commands()
	l.keys(options)
	l.parallelism()
	l.classes(ctx, loaded.Python)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.sort()
	return l.report, nil
}

// linter gathers the findings about one topology.
type linter struct {
	topology *topology.Topology
	conf     conf.Conf // of the topology, over the defaults
	report   *Report
}

// add adds a finding, which is about the topology's file unless it has another.
func (l *linter) add(f Finding) {
	f.File = cmp.Or(f.File, l.topology.Source)
	l.report.Findings = append(l.report.Findings, f)
}

// problems adds the findings of the topology's own checks.
func (l *linter) problems(rule string, err error) {
	if problems, ok := errors.AsType[topology.Problems](err); ok {
		for _, p := range problems {
			l.add(Finding{Severity: Error, Rule: rule, Component: p.Component, Text: p.Text})
		}
	}
}

func (l *linter) validation() { l.problems(RuleTopology, l.topology.Validate()) }

func (l *linter) java() {
	for _, c := range l.topology.JavaComponents() {
		l.add(Finding{
			Severity: Error, Rule: RuleJava, Component: c.Name,
			Text: quoted(c) + " is Java, " + c.Java + ", but gust does not run a JVM",
			Hint: "submit the topology to a Storm cluster, or replace it with a program",
		})
	}
}

// sort orders the findings by component, those about the topology first.
func (l *linter) sort() {
	order := map[string]int{}
	for i, c := range l.topology.Components {
		if _, ok := order[c.Name]; !ok {
			order[c.Name] = i + 1
		}
	}
	slices.SortStableFunc(l.report.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(order[a.Component], order[b.Component]),
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}

// quoted is how a sentence names a component: bolt "count".
func quoted(c *topology.Component) string { return c.Kind.String() + ` "` + c.Name + `"` }
