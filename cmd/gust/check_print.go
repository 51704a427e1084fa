package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"gust/component/check"
	"gust/internal/terminal"
)

// marks are the signs before the rules.
type marks struct {
	kept, broken, warning, unseen string
}

// newMarks are Unicode signs if the locale has UTF-8, else ASCII. Its argument is
// os.Getenv.
func newMarks(getenv func(string) string) marks {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(getenv(name)); locale != "" {
			if strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8") {
				return marks{"✓", "✗", "!", "–"}
			}
			break
		}
	}
	return marks{"+", "x", "!", "-"}
}

// of is the mark of a result.
func (m marks) of(r *check.Result) string {
	switch {
	case r.Verdict == check.Kept:
		return m.kept
	case r.Verdict == check.Unseen:
		return m.unseen
	case r.Severity == check.Warning:
		return m.warning
	}
	return m.broken
}

// printCheck prints a report for people.
func printCheck(w io.Writer, report *check.Report, m marks) error {
	var b bytes.Buffer
	width := 0
	for _, r := range report.Results {
		width = max(width, len(r.ID))
	}
	if report.Kind != "" {
		fmt.Fprintf(&b, "a %s that speaks %s\n\n", report.Kind, report.Serializer)
	}
	unreached := 0
	for i := range report.Results {
		r := &report.Results[i]
		if r.Note == check.NotReached {
			unreached++
			continue
		}
		fmt.Fprintf(&b, "%s %-*s  %s", m.of(r), width, r.ID, r.Text)
		if r.Verdict == check.Unseen && r.Note != "" {
			fmt.Fprintf(&b, " (%s)", r.Note)
		}
		b.WriteByte('\n')
		if r.Verdict == check.Broken {
			printFindings(&b, r, strings.Repeat(" ", width+4))
		}
	}
	if unreached > 0 {
		fmt.Fprintf(&b, "%s %-*s  %s\n", m.unseen, width, terminal.Count(unreached, "rule"), check.NotReached)
	}
	fmt.Fprintf(&b, "\n%s\n", verdictLine(report))
	_, err := w.Write(b.Bytes())
	return err
}

// printFindings prints how a rule was broken, and what to do.
func printFindings(b *bytes.Buffer, r *check.Result, margin string) {
	line := func(label, text string) {
		fmt.Fprintf(b, "%s%s%s\n", margin, label, strings.ReplaceAll(text, "\n", "\n"+margin+"  "))
	}
	for _, f := range r.Findings {
		line(f.Step+": ", f.Says)
		if f.Bytes != "" {
			line("  wrote: ", f.Bytes)
		}
		if f.Sent != "" {
			line("  was sent: ", f.Sent)
		}
	}
	if r.More > 0 {
		line("", fmt.Sprintf("and %s more", terminal.Count(r.More, "time")))
	}
	line("do: ", fmt.Sprintf("%s (docs/check.md#%s)", r.Remedy, r.Doc))
}

// verdictLine counts the rules, as in "22 rules kept, 1 broken, 3 not seen".
func verdictLine(report *check.Report) string {
	broken := fmt.Sprintf("%d broken", report.Count(check.Broken))
	if warnings := report.Count(check.Broken, check.Warning); warnings > 0 {
		broken += fmt.Sprintf(" (%s)", terminal.Count(warnings, "warning"))
	}
	return fmt.Sprintf("%s kept, %s, %d not seen",
		terminal.Count(report.Count(check.Kept), "rule"), broken, report.Count(check.Unseen))
}

// printRules lists the rules.
func printRules(c *cli, asJSON bool) error {
	if asJSON {
		return c.writeJSON(check.RulesDocument())
	}
	t := terminal.Table{Head: []string{"rule", "severity", "the program", "docs/check.md"}, Texts: 4}
	for _, r := range check.Rules() {
		t.Add(r.ID, r.Severity.String(), r.Text, "#"+r.Doc)
	}
	_, err := io.WriteString(c.stdout, t.String())
	return err
}
