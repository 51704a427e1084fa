package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output, in place of Package
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// count adds up tests, and reports each package when it has finished.
type count struct {
	out                     io.Writer
	passed, failed, skipped int
	packages                map[string]*pkg
	builds                  map[string]*strings.Builder // the compiler's output, by import path
	slowest                 []timed                     // the slowest tests, the slowest first
}

// timed is how long a test without subtests took.
type timed struct {
	seconds   float64
	pkg, test string
}

// listed is how many of the slowest tests are listed.
const listed = 5

// pkg is a package whose tests are running.
type pkg struct {
	output strings.Builder
	tests  map[string]*test
}

type test struct {
	verdict string  // "pass", "fail", "skip", or "" while it runs
	seconds float64 // how long it took
	output  strings.Builder
	parent  bool // it has subtests
}

func newCount(out io.Writer) *count {
	return &count{out: out, packages: map[string]*pkg{}, builds: map[string]*strings.Builder{}}
}

// String is the last line of a run.
func (c *count) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
}

// read reads events until the end of r. It prints other lines unchanged.
func (c *count) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				c.add(e)
			} else {
				c.out.Write(line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (c *count) add(e event) {
	switch e.Action {
	case "build-output":
		if c.builds[e.ImportPath] == nil {
			c.builds[e.ImportPath] = &strings.Builder{}
		}
		c.builds[e.ImportPath].WriteString(e.Output)
		return
	case "build-fail":
		return
	}
	p := c.packages[e.Package]
	if p == nil {
		p = &pkg{tests: map[string]*test{}}
		c.packages[e.Package] = p
	}
	if e.Test != "" {
		p.add(e)
		return
	}
	switch e.Action {
	case "output":
		p.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		delete(c.packages, e.Package)
		c.report(p, e)
	}
}

func (p *pkg) add(e event) {
	t := p.tests[e.Test]
	if t == nil {
		t = &test{}
		p.tests[e.Test] = t
		for i, c := range e.Test {
			if parent := p.tests[e.Test[:i]]; c == '/' && parent != nil {
				parent.parent = true
			}
		}
	}
	switch e.Action {
	case "output":
		if !strings.HasPrefix(e.Output, "=== ") {
			t.output.WriteString(e.Output)
		}
	case "pass", "fail", "skip":
		t.verdict, t.seconds = e.Action, e.Elapsed
	}
}

// report counts and prints a package that has finished with the verdict of e.
func (c *count) report(p *pkg, e event) {
	if len(p.tests) == 0 && e.Action != "fail" {
		return // It has no tests.
	}
	passed, failures, skips := p.verdicts(e.Action)
	failed := len(failures)
	if e.Action == "fail" && failed == 0 {
		failed = 1 // The package failed without a test: it does not compile, or its TestMain exited.
	}
	c.passed += passed
	c.failed += failed
	c.skipped += len(skips)

	c.time(p, e.Package)

	word := "ok  "
	if failed > 0 {
		word = "FAIL"
	}
	fmt.Fprintf(c.out, "%s %-28s %4d passed", word, e.Package, passed)
	if failed > 0 {
		fmt.Fprintf(c.out, ", %d failed", failed)
	}
	if len(skips) > 0 {
		fmt.Fprintf(c.out, ", %d skipped", len(skips))
	}
	fmt.Fprintf(c.out, "  %.1f s\n", e.Elapsed)

	for _, name := range failures {
		c.indent("failed "+name, p.tests[name].output.String())
	}
	if e.Action == "fail" && len(failures) == 0 {
		if build := c.builds[e.FailedBuild]; build != nil {
			c.indent("does not build", build.String())
		}
		c.indent("failed outside its tests", p.output.String())
	}
	for _, name := range skips {
		c.indent("skipped "+name, p.tests[name].output.String())
	}
}

// time lists the slowest tests of a package among those of all.
func (c *count) time(p *pkg, name string) {
	for test, t := range p.tests {
		if !t.parent && t.seconds >= 1 {
			c.slowest = append(c.slowest, timed{t.seconds, name, test})
		}
	}
	slices.SortFunc(c.slowest, func(a, b timed) int {
		return cmp.Or(cmp.Compare(b.seconds, a.seconds), cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.test, b.test))
	})
	c.slowest = c.slowest[:min(len(c.slowest), listed)]
}

// printSlowest prints the tests that took longest, if any took a second. On a busy machine,
// each test takes longer than it would alone.
func (c *count) printSlowest() {
	for _, t := range c.slowest {
		fmt.Fprintf(c.out, "slow %-28s %6.1f s  %s\n", t.pkg, t.seconds, t.test)
	}
}

// verdicts sorts the tests of a package that ended with the given action. A test that
// never ended was running when the package failed, and counts as failed.
func (p *pkg) verdicts(action string) (passed int, failures, skips []string) {
	for _, name := range slices.Sorted(maps.Keys(p.tests)) {
		t := p.tests[name]
		switch {
		case t.verdict == "fail" && p.childFailed(name):
			// The subtest is the failure.
		case t.verdict == "fail", t.verdict == "" && action == "fail":
			failures = append(failures, name)
		case t.verdict == "skip":
			skips = append(skips, name)
		case !t.parent:
			passed++
		}
	}
	return passed, failures, skips
}

// childFailed reports whether a subtest of the named test failed.
func (p *pkg) childFailed(name string) bool {
	for child, t := range p.tests {
		if strings.HasPrefix(child, name+"/") && t.verdict == "fail" {
			return true
		}
	}
	return false
}

// indent prints what happened and its output.
func (c *count) indent(what, output string) {
	fmt.Fprintf(c.out, "     %s\n", what)
	for line := range strings.Lines(output) {
		if text := strings.TrimSpace(line); text == "" || strings.HasPrefix(text, "--- FAIL: ") || strings.HasPrefix(text, "--- SKIP: ") {
			continue
		}
		fmt.Fprintf(c.out, "       %s\n", strings.TrimRight(line, "\n"))
	}
}
