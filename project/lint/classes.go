package lint

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"gust/internal/pyrun"
	"gust/topology"
	"gust/topology/load"
)

// classes imports the class of every streamparse component, a few at a time, and
// compares it with what the topology declares.
func (l *linter) classes(ctx context.Context, python string) {
	if python == "" {
		return
	}
	type key struct{ dir, name string }
	type result struct {
		class *class
		err   error
	}
	inspected := map[key]*result{} // several components may share a class
	for _, c := range l.topology.Components {
		if name := load.StreamparseClass(c.Command); name != "" {
			inspected[key{c.Dir, name}] = &result{}
		}
	}
	turns := make(chan struct{}, max(2, runtime.NumCPU()))
	var all sync.WaitGroup
	for k, r := range inspected {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			r.class, r.err = inspect(ctx, python, k.dir, k.name)
		})
	}
	all.Wait()
	for _, c := range l.topology.Components {
		if name := load.StreamparseClass(c.Command); name != "" {
			r := inspected[key{c.Dir, name}]
			l.class(c, name, r.class, r.err)
		}
	}
}

// class checks a component by its class.
func (l *linter) class(c *topology.Component, name string, seen *class, err error) {
	found := func(severity Severity, rule, format string, args ...any) {
		f := Finding{Severity: severity, Rule: rule, Component: c.Name, Text: quoted(c) + " " + fmt.Sprintf(format, args...)}
		if seen != nil {
			f.File, f.Line = seen.File, seen.Line
			f.Hint = pyrun.Hint(seen.Traceback, c.Dir)
		}
		l.add(f)
	}
	switch {
	case err != nil:
		found(Error, RuleImport, "is the class %s, which cannot be imported: %v", name, err)
	case seen.Traceback != "":
		found(Error, RuleImport, "is the class %s, which cannot be imported:\n%s", name, strings.TrimRight(seen.Traceback, "\n"))
	case seen.Problem != "":
		found(Error, RuleImport, "runs %s, which %s", name, seen.Problem)
	case seen.Kind != c.Kind.String():
		found(Error, RuleImport, "is the class %s, which is %s", name, kindOf(seen.Kind))
	default:
		if seen.Lacks != "" {
			found(Error, RuleImport, "is the class %s, which does not define %s()", name, seen.Lacks)
		}
		if printed := strings.TrimSpace(seen.printed); printed != "" {
			first, _, _ := strings.Cut(printed, "\n")
			found(Warning, RuleImport, "prints to stdout when it is imported, where only the protocol belongs: %q", first)
		}
		for _, call := range seen.Missing {
			l.missing(c, seen, call)
		}
		for _, e := range seen.Emits {
			l.emit(c, e)
		}
	}
}

// removed are methods that streamparse 2 had, with their replacements.
var removed = map[string]string{
	"emit_many": "streamparse 3 removed emit_many: call emit for each tuple",
}

// missing reports a call of a method that the component's class does not have. It is
// a warning unless streamparse is known to have removed the method, since other code
// may add attributes to an instance.
func (l *linter) missing(c *topology.Component, seen *class, call missingCall) {
	f := Finding{
		Severity: Warning, Rule: RuleMethod, Component: c.Name, File: call.File, Line: call.Line,
		Text: fmt.Sprintf("%s calls self.%s(), which its class does not define%s", quoted(c), call.Name, topology.DidYouMean(call.Name, seen.Attributes)),
	}
	if hint, ok := removed[call.Name]; ok {
		f.Severity, f.Hint = Error, hint
	}
	l.add(f)
}

// kindOf is the kind of a class, in a sentence.
func kindOf(kind string) string {
	if kind == "" {
		return "neither a spout nor a bolt"
	}
	return "a " + kind
}

// emit compares an emit with the stream that the component declares.
func (l *linter) emit(c *topology.Component, e emit) {
	severity, hint := Error, ""
	found := func(format string, args ...any) {
		l.add(Finding{
			Severity: severity, Rule: RuleEmit, Component: c.Name, File: e.File, Line: e.Line,
			Text: quoted(c) + " " + fmt.Sprintf(format, args...), Hint: hint,
		})
	}
	for _, odd := range e.Odd {
		if odd.What != "bytes" {
			found("emits %s as value %d, which no serializer can express", odd.What, odd.Index+1)
		} else if c.Serializer != "msgpack" {
			found("emits bytes as value %d, which JSON cannot express: emit a string, or use msgpack", odd.Index+1)
		}
	}
	if e.Stream == nil {
		return
	}
	stream := c.Stream(*e.Stream)
	if stream == nil {
		if len(c.Outputs) == 0 {
			hint = load.OutputsHint
		}
		found("emits to stream %q, but declares %s%s", *e.Stream, declared(c), topology.DidYouMean(*e.Stream, streamNames(c)))
		return
	}
	if !l.subscribed(c, stream) {
		severity = Warning // no bolt gets its tuples
	}
	if e.Values != nil && *e.Values != len(stream.Fields) {
		found("emits %s to stream %q, which has %s", counted(*e.Values, "value"), stream.Name, fieldList(stream))
	}
	if e.Direct != nil && !*e.Direct && stream.Direct {
		found("emits to direct stream %q without a task: give emit a direct_task", stream.Name)
	}
}

// subscribed reports whether any component reads a stream of c.
func (l *linter) subscribed(c *topology.Component, stream *topology.Stream) bool {
	return slices.ContainsFunc(l.topology.Components, func(to *topology.Component) bool {
		return slices.ContainsFunc(to.Inputs, func(in topology.Input) bool {
			return in.Component == c.Name && in.Stream == stream.Name
		})
	})
}

// declared lists the streams of a component, in a sentence.
func declared(c *topology.Component) string {
	if len(c.Outputs) == 0 {
		return "no streams"
	}
	return "only " + strings.Join(streamNames(c), ", ")
}

func streamNames(c *topology.Component) []string {
	var names []string
	for _, s := range c.Outputs {
		names = append(names, s.Name)
	}
	return slices.Sorted(slices.Values(names))
}

func fieldList(s *topology.Stream) string {
	if len(s.Fields) == 0 {
		return "no fields"
	}
	return counted(len(s.Fields), "field") + ": " + strings.Join(s.Fields, ", ")
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Relative makes the paths of the findings below dir relative to it.
func (r *Report) Relative(dir string) {
	for i := range r.Findings {
		f := &r.Findings[i]
		if below, err := filepath.Rel(dir, f.File); filepath.IsAbs(f.File) && err == nil && filepath.IsLocal(below) {
			f.File = below
		}
	}
}
