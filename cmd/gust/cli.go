package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"gust/internal/program"
)

// cli is what every command is given: the name that the program was called by,
// and where it prints. Talk goes through [visible], and so does what comes from
// elsewhere on its way to a terminal; what is piped stays as it came. Data goes to stdout, talk goes to stderr. Talk is in
// lower case and ends without a full stop; only [cli.report] prints errors.
type cli struct {
	name   string // "gust", or "sparse" where it was called so
	stdout io.Writer
	stderr io.Writer
	color  bool // stderr is a terminal that shows colour, and nobody minds it
}

// newCLI prints to the process's own stdout and stderr.
func newCLI() *cli {
	return &cli{
		name:   program.Name,
		stdout: os.Stdout,
		stderr: os.Stderr,
		color: term.IsTerminal(int(os.Stderr.Fd())) &&
			os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
}

// warn prints a word that is worth reading, although all goes on.
func (c *cli) warn(text string) {
	fmt.Fprintf(c.stderr, "%s: warning: %s\n", c.name, indent(visible(text)))
}

// shown is a text that comes from elsewhere as stdout may have it.
func (c *cli) shown(text string) string {
	if isTerminal(c.stdout) {
		return visible(text)
	}
	return text
}

// indent moves all lines but the first to the right, so that they are seen to
// belong to it.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}
