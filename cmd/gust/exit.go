package main

import (
	"errors"
	"fmt"
	"strings"
)

// The exit codes, which every command's help lists.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a command line that cannot be understood. It is told with the
// command's usage line, unless that would not help; work that failed is not.
type usageError struct {
	err     error
	usage   string // such as "gust run [TOPOLOGY] [flags]", or empty
	command string // such as "gust run"
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// hintError is an error with its remedy, which is printed on a line of its own.
// An error of another package brings its remedy in the same form, as a last
// line that begins with "hint: ".
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() + "\n" + hintPrefix + e.hint }
func (e *hintError) Unwrap() error { return e.err }

const hintPrefix = "hint: "

// report prints an error, once and here alone, and returns the exit code.
func (c *cli) report(err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(c.stderr, "%s: %s\n", c.name, visible(errorText(err)))
	wrong, ok := errors.AsType[*usageError](err)
	if !ok {
		return exitFailed
	}
	if wrong.usage != "" {
		fmt.Fprintf(c.stderr, "usage: %s\n", wrong.usage)
		fmt.Fprintf(c.stderr, "%ssee `%s --help`\n", hintPrefix, wrong.command)
	}
	return exitUsage
}

// errorText indents the details of an error below its first line, unless they
// are indented already. Hints stay at the left, where the eye looks for what to do.
func errorText(err error) string {
	first, rest, _ := strings.Cut(strings.TrimRight(err.Error(), "\n"), "\n")
	var details []string
	margin := ""
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\n")
		if hint := strings.TrimLeft(line, " \t"); strings.HasPrefix(hint, hintPrefix) {
			line = hint
		} else if line != "" && line[0] != ' ' {
			margin = "    "
		}
		details = append(details, line)
	}
	var text strings.Builder
	text.WriteString(first)
	for _, line := range details {
		text.WriteByte('\n')
		if line != "" && !strings.HasPrefix(line, hintPrefix) {
			text.WriteString(margin)
		}
		text.WriteString(line)
	}
	return text.String()
}
