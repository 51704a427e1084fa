package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"
)

// cli is what every command is given: the name that the program was called by,
// and where it prints. Data goes to stdout, talk goes to stderr. Talk is in
// lower case and ends without a full stop; only [cli.report] prints errors.
type cli struct {
	name   string // "gust", or "sparse" where it was called so
	stdout io.Writer
	stderr io.Writer
	color  bool // stderr is a terminal that shows colour, and nobody minds it
}

// newCLI prints to the process's own stdout and stderr. It takes argv[0].
func newCLI(argv0 string) *cli {
	return &cli{
		name:   programName(argv0),
		stdout: os.Stdout,
		stderr: os.Stderr,
		color: term.IsTerminal(int(os.Stderr.Fd())) &&
			os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
}

// programName is "sparse" for a link or a copy of that name, so that hands and
// scripts that know streamparse's command find it in the help and in the errors.
func programName(argv0 string) string {
	if strings.TrimSuffix(filepath.Base(argv0), ".exe") == "sparse" {
		return "sparse"
	}
	return "gust"
}

// warn prints a word that is worth reading, although all goes on.
func (c *cli) warn(text string) {
	fmt.Fprintf(c.stderr, "%s: warning: %s\n", c.name, indent(text))
}

// indent moves all lines but the first to the right, so that they are seen to
// belong to it.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}
