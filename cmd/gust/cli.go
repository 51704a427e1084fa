package main

import (
	"encoding/json"
	"io"

	"gust/internal/terminal"
)

// cli is what every command needs: the program's name, and where to print. Data goes to
// stdout. Messages go to stderr through the voice, in lower case and without a full stop;
// only [cli.report] prints errors. Text from elsewhere goes through [terminal.Visible] if
// it is for a terminal, and stays unchanged in a pipe.
type cli struct {
	*terminal.Voice
	name   string // "gust", or "sparse" if invoked as such
	stdout io.Writer
	stderr io.Writer // the voice's
}

// newCLI makes a cli with this name that prints there.
func newCLI(name string, stdout, stderr io.Writer) *cli {
	return &cli{Voice: terminal.NewVoice(name, stderr), name: name, stdout: stdout, stderr: stderr}
}

// shown is text from elsewhere in a form that is safe for stdout.
func (c *cli) shown(text string) string {
	if terminal.Is(c.stdout) {
		return terminal.Visible(text)
	}
	return text
}

// writeJSON prints a value as JSON on one line of stdout.
func (c *cli) writeJSON(v any) error {
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
