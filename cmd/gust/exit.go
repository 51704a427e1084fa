package main

import (
	"errors"
	"fmt"

	"gust/internal/hint"
	"gust/internal/terminal"
)

// The exit statuses, which the help of every command lists.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a command line that gust cannot understand. It is printed with the
// command's usage line, if that helps. Errors of the work itself are not.
type usageError struct {
	err     error
	usage   string // such as "gust run [TOPOLOGY] [flags]", or empty
	command string // such as "gust run"
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// report prints an error and returns the exit status. Nothing else prints errors.
func (c *cli) report(err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(c.stderr, "%s: %s\n", c.name, terminal.Visible(hint.Text(err)))
	wrong, ok := errors.AsType[*usageError](err)
	if !ok {
		return exitFailed
	}
	if wrong.usage != "" {
		fmt.Fprintf(c.stderr, "usage: %s\n", wrong.usage)
		fmt.Fprintf(c.stderr, "%ssee `%s --help`\n", hint.Prefix, wrong.command)
	}
	return exitUsage
}
